#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/answer.hpp>
#include <ruche/detail/task.hpp>
#include <ruche/error.hpp>
#include <ruche/exit_status.hpp>
#include <ruche/fn.hpp>
#include <ruche/sandbox.hpp>
#include <ruche/standard_stream.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ruche {

/// What a process may use at most; what is left empty is as it is for the starter. A limit holds for the processes that
/// it starts by `fork` too, each for itself; those that it starts by `ruche::process` begin with the same limits.
struct process_limits {
    /// Bytes of memory of its own (heap, stacks, global objects; not what it shares). Above: `std::bad_alloc`.
    std::optional<std::uint64_t> memory = {};
    /// Processor time. Above: SIGXCPU, a second later SIGKILL.
    std::optional<std::chrono::seconds> cpu_time = {};
    /// Bytes of a file that it writes. Above: SIGXFSZ.
    std::optional<std::uint64_t> file_size = {};
    /// The highest descriptor number, plus one.
    std::optional<std::uint64_t> open_files = {};
    /// Processes and threads of its user, all counted together; not enforced for root.
    std::optional<std::uint64_t> processes = {};
};

/// How a process comes to be. (`ruche::forked` is a third way, see there.)
enum class start_method {
    fresh, ///< a fork of the fork server, which is a clean image of the program: the default, in a fraction of a
           ///< millisecond
    exec,  ///< the program's file executed afresh for this process: its own global objects, addresses at random
};

/// How a process is to be started. Everything has a sensible default. What can't be done as asked makes the start fail
/// (`start_failed`, naming the step).
///
///     ruche::process p(ruche::process_options{.name = "fetcher", .grace = 1s}, fetch, addresses);
struct process_options {
    /// What `ps`, logs and error messages call it; "process N" if empty.
    std::string name = {};
    /// How long it may take to end once asked to, before it is told (SIGTERM), and then made (SIGKILL) to.
    std::chrono::nanoseconds grace = std::chrono::seconds(5);
    start_method method = start_method::fresh;
    /// Settings that it has other values of than the starter: a text, or nothing to be without it.
    std::map<std::string, std::optional<std::string>> environment = {};
    /// Whether it gets only those settings, and none of the starter's.
    bool clear_environment = false;
    /// Where it works; the starter's working directory if empty.
    std::filesystem::path working_directory = {};
    /// Its standard streams.
    standard_stream input = {}, output = {}, errors = {};
    /// The processors that it may run on, by number; those of the program if empty.
    std::vector<std::uint32_t> processors = {};
    /// How willingly it leaves the processor to others, -20 to 19.
    std::optional<int> niceness = {};
    process_limits limits = {};
    /// How often it promises to say that it lives (`this_process::heartbeat`), for whoever looks: see `supervisor`.
    /// A wait in a queue, a channel or `wait_any` says so by itself. 0: it promises nothing.
    std::chrono::nanoseconds heartbeat{0};
    /// Walls around it: see `sandbox::compute`.
    std::optional<ruche::sandbox::profile> sandbox = {};
};

/// Starts a process as a copy of this one, which therefore needs nothing sent to it: the only way for lambdas that
/// capture.
///
///     const std::vector<double> table = load();
///     ruche::process p(ruche::forked, [&] { use(table); });          // its own copy of the table
///
/// A copy of everything has its price: it takes the longer the more memory this process has; it has the open
/// descriptors, and of the threads only the one that called, so what other threads had locked stays locked in it (an
/// allocator is safe, a logger may not be). It ends without the static destructors, which belong to the original; what
/// it has printed goes out. The host sees its SIGCHLD, and may even take its end with a `wait` of its own: then the
/// status is `untold` where the kernel doesn't tell it again (Linux 6.15) and the process ended otherwise than by
/// return, exception, `exit` or a crash. It dies with this program as all do, watched by the fork server, and with
/// that.
struct forked_t {
    explicit forked_t() = default;
};
inline constexpr forked_t forked{};

class process;
struct control_page;

namespace detail {

struct process_core;

/// Ends a process as its destructor would, save that nobody waits, and that one which takes no stop token is made to
/// end too.
void end_in_background(process&& running);
/// What it shares with the one that started it.
[[nodiscard]] std::shared_ptr<control_page> control_of(const process& running);

template <class F>
concept startable =
    !std::same_as<std::remove_cvref_t<F>, process> && !std::same_as<std::remove_cvref_t<F>, process_options> &&
    !std::same_as<std::remove_cvref_t<F>, forked_t> && !std::same_as<std::remove_cvref_t<F>, launch>;

} // namespace detail

/// A process that runs a function, used as `std::jthread` is.
///
///     void greet(std::string name, ruche::queue<std::string> answers) { answers.push("hello " + name); }
///
///     ruche::queue<std::string> answers;
///     ruche::process p(greet, "bob", answers);         // runs greet("bob", answers) in another process
///     std::cout << answers.pop().value() << '\n';      // prints hello bob
///
/// The callable is a function, a captureless lambda, or an object with `operator()` and sendable members (for member
/// functions and overloads see `ruche::fn`, for lambdas that capture `ruche::forked`). Arguments are converted to the
/// parameters' types at the call, copied into the other process, and passed there as rvalues. If the first parameter is
/// a `ruche::stop_token`, it is supplied. A result is discarded (see `async`).
///
/// The process starts from a clean image of this program: global objects are constructed, `main` is not run, no memory,
/// thread or descriptor of the caller is there but what is sent. It inherits, as they are at the call, descriptors 0 to
/// 2, the working directory, the environment, the file mode mask and the calling thread's signal mask. What it prints
/// goes out in whole lines, and entirely when it ends by a return, an exception or `exit`.
///
/// An exception that leaves the function ends the process with code 1 and arrives in `join().error()`. If nobody looks
/// at it, it is printed once on standard error when the handle goes. Ctrl+C is left to the program: it does not end the
/// process by itself.
///
/// Destruction asks a running process to stop and joins it. One whose function takes a stop token has its grace period,
/// then gets SIGTERM, and a second later SIGKILL; one that takes none is waited for, as a `std::jthread` is.
///
/// If this process dies, however it dies, the kernel and the fork server end the ones it started.
/// Thread safety: one handle may be joined by one thread while others call `request_stop`, `terminate`, `kill` and the
/// observers. Threads may start processes at the same time; a thread that ends leaves the processes it started alive.
class [[nodiscard]] process {
public:
    /// No process.
    process() noexcept;

    /// Starts one. Throws: `start_failed`, naming the step that failed and why.
    template <detail::startable F, class... Args>
    explicit process(F&& function, Args&&... arguments) :
        process(process_options{}, std::forward<F>(function), std::forward<Args>(arguments)...)
    {}

    template <detail::startable F, class... Args>
    process(process_options options, F&& function, Args&&... arguments) :
        process(std::move(options),
                detail::make_launch<false, true>(std::forward<F>(function), std::forward<Args>(arguments)...))
    {}

    /// Starts a copy of this process, see `forked`. Throws: `start_failed`.
    template <class F, class... Args>
    explicit process(forked_t, F&& function, Args&&... arguments) :
        process(process_options{}, forked, std::forward<F>(function), std::forward<Args>(arguments)...)
    {}
    template <class F, class... Args>
    process(process_options options, forked_t, F&& function, Args&&... arguments) :
        process(std::move(options),
                detail::make_forked_call<false>(std::forward<F>(function), std::forward<Args>(arguments)...))
    {}

    /// Starts what `detail::make_launch` or `make_forked_call` made ready.
    process(process_options options, const detail::launch& call);
    process(process_options options, detail::forked_call&& call);

    process(process&& other) noexcept;
    process& operator=(process&& other) noexcept;
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process();

    /// Waits for its end. May be called again. Blocks: until it ends. Throws: `std::logic_error` on no process.
    exit_status join();

    /// The same, waiting at most so long; nothing if it still runs.
    [[nodiscard]] std::optional<exit_status> join_for(std::chrono::nanoseconds patience);
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<exit_status> join_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return join_by(deadline(moment));
    }

    [[nodiscard]] bool is_alive();

    /// Whether this object stands for a process (running or ended).
    [[nodiscard]] bool joinable() const noexcept { return core_ != nullptr; }

    /// Asks it to stop, by the token that its function took. Returns whether this was the first request.
    bool request_stop() noexcept;
    [[nodiscard]] stop_source get_stop_source() const noexcept;

    /// Sends SIGINT, as Ctrl+C does to a program: runs its handler, or stops it if it has set none. (Ctrl+C itself goes
    /// to the whole family and is left to the program.) Nothing happens if it has ended. Doesn't wait.
    void interrupt();

    /// Sends SIGTERM; SIGKILL. Nothing happens if it has ended. Neither waits.
    void terminate();
    void kill();

    /// Sends SIGABRT: what it was doing is then in its status's `stack`. Nothing happens if it has ended. Doesn't wait.
    void abort();

    /// When it last said that it lives, which it does as it starts, and then by `this_process::heartbeat`.
    [[nodiscard]] deadline::clock::time_point last_heartbeat() const;

    /// Lets it run on without this handle; it still ends with the program. An error of it is printed on standard error.
    void detach() noexcept;

    /// Its process id.
    [[nodiscard]] int id() const;
    [[nodiscard]] const std::string& name() const;

    /// A descriptor that is readable once the process has ended (a pidfd), for event loops; owned by this object.
    [[nodiscard]] int native_handle() const;

    /// Which layers of its sandbox hold, and why the others don't; nothing holds if it was started without one.
    [[nodiscard]] ruche::sandbox::report sandbox() const;

    /// The other ends of standard streams that were captured (`standard_stream::capture`): write to `input`, read from
    /// `output` and `errors`, close them, or move them away. Empty descriptors for streams that were not captured. The
    /// handle's destructor closes them before it waits.
    [[nodiscard]] fd& input() const;
    [[nodiscard]] fd& output() const;
    [[nodiscard]] fd& errors() const;

    /// What it sent back, if it was started as an `async` call and has ended. Used by `future`.
    [[nodiscard]] std::optional<detail::answer> take_answer();

private:
    friend void detail::end_in_background(process&& running);
    friend std::shared_ptr<control_page> detail::control_of(const process& running);

    [[nodiscard]] std::optional<exit_status> join_by(const deadline& until);
    [[nodiscard]] detail::process_core& core() const;
    void finish() noexcept;

    std::unique_ptr<detail::process_core> core_;
};

/// A process that this one has started and that still runs.
struct active_child {
    int id = 0;
    std::string name;
};

/// The processes that handles of this process stand for and that have not ended, oldest first.
/// Thread safety: may be called from any thread.
[[nodiscard]] std::vector<active_child> active_children();

} // namespace ruche
