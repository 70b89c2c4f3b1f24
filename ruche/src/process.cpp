#include <ruche/process.hpp>

#include "code_reference.hpp"
#include "control_page.hpp"
#include "describe.hpp"
#include "forked.hpp"
#include "last_word.hpp"
#include "lifeline.hpp"
#include "orderly_end.hpp"
#include "os/family.hpp"
#include "os/memory_shortage.hpp"
#include "os/module.hpp"
#include "os/os_error.hpp"
#include "os/poll.hpp"
#include "os/shared_page.hpp"
#include "os/signals.hpp"
#include "os/stack.hpp"
#include "os/stream.hpp"
#include "os/surroundings.hpp"
#include "os/wait_note.hpp"
#include "sandboxed.hpp"
#include "server_link.hpp"
#include "service.hpp"
#include "start_request.hpp"
#include "starting.hpp"
#include "thrown.hpp"
#include "turn.hpp"

#include <ruche/exception.hpp>
#include <ruche/wire.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <new>
#include <span>

namespace ruche {

namespace {

// How much of what a process last wrote to a captured standard error is kept.
constexpr std::size_t most_last_words = 4096;

bool is_bad_alloc(const std::exception_ptr& error)
{
    try {
        if (error)
            std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
        return true;
    } catch (...) {
        return false; // any other
    }
    return false;
}

std::string default_name()
{
    static std::atomic<unsigned> started{0};
    return "process " + std::to_string(++started);
}

std::shared_ptr<const server_link::connection> send(outgoing_request& request, const sink& arguments)
{
    std::span<const std::byte> values = arguments.bytes();
    if (values.size() > lifeline_inline_bytes || !arguments.borrowed().empty()) {
        request.words.arguments_apart = true;
        request.add(write_packed("ruche arguments", {values, arguments.borrowed()}));
        values = {};
    }
    for (const auto& descriptor : arguments.descriptors())
        request.descriptors.push_back(descriptor->get());
    const auto encoded = to_bytes(request.words);
    std::span<const std::byte> words = encoded;
    auto length = static_cast<std::uint32_t>(words.size());
    if (words.size() > lifeline_inline_bytes - sizeof length) { // an environment may have megabytes
        request.descriptors.insert(request.descriptors.begin(),
                                   request.owned.emplace_back(os::make_memory_file("ruche request", words)).get());
        words = {};
        length = 0;
    }
    const std::array<std::span<const std::byte>, 3> parts{os::as_part(length), words, values};
    return server_link::instance().send(parts, request.descriptors);
}

sandboxed add_sandbox(outgoing_request& request, const sandbox::profile& profile)
{
    voice_ends theirs;
    sandboxed box = make_sandbox(profile, theirs);
    request.words.sandbox = profile;
    request.add(std::move(theirs.line));
    request.add(std::move(theirs.answer));
    return box;
}

} // namespace

namespace detail {

struct process_core {
    process_core();
    ~process_core();
    process_core(const process_core&) = delete;
    process_core& operator=(const process_core&) = delete;

    std::string name;
    std::chrono::nanoseconds grace{};
    bool takes_stop_token = false;
    int id = 0;
    fd process;
    std::atomic<bool> started{false}; ///< id and process are there, and stay as they are
    fd lifeline;
    std::shared_ptr<const server_link::connection> server;
    std::shared_ptr<control_page> control;
    std::optional<orderly_end> orderly; ///< when a signal asks the program to stop
    captured_streams captured;
    std::optional<sandboxed> box; ///< if it lives in a sandbox

    turn mutex; ///< of what follows: one thread at a time reads the lifeline
    std::optional<exit_status> status;
    std::exception_ptr error;
    std::vector<os::code_location> thrown_at; ///< the stack of `error`
    std::optional<answer> result;
    bool forked = false;     ///< our own child, whose end its pidfd tells
    bool line_ended = false; ///< of a forked one: it has closed its end of the lifeline
    bool looked_at = false;
    std::atomic<bool> killed{false}; ///< by this handle; a flag alone, it orders nothing
    bool ready = false;              ///< it has said that it has set itself up
    bool stopped_reading = false;    ///< what it still writes to us ends it, and that is our doing

    void take_start();
    void take_ready();
    [[nodiscard]] std::optional<lifeline_report> next_word();
    void take_last_words();
    [[nodiscard]] std::optional<exit_status> wait(const deadline& until);
    void take_forked_start(int child);
    [[nodiscard]] std::optional<lifeline_report> next(bool& ended, const deadline& until);
    [[nodiscard]] exit_status end_of_forked() const;
    void take(lifeline_report&& arrived);
    void take_exception(lifeline_report&& arrived);
    [[nodiscard]] exit_status obituary(const lifeline_header& end) const;
    [[nodiscard]] start_failed start_failure(const lifeline_report& failure) const;
    void add_crash_report();
    void take_loss();
    void print_if_unseen();
    void close_captured();
};

/// All handles of this process that stand for one. There is one list, since there is one process.
class core_list {
public:
    static core_list& instance()
    {
        static core_list* const list = new core_list; // never destroyed: handles may be static objects
        return *list;
    }

    void add(const process_core& core)
    {
        const std::scoped_lock lock(mutex_);
        forget_those_of_our_parent();
        std::erase_if(detached_, [](const fd& process) {
            const bool ended = os::wait_readable(process.get(), deadline(std::chrono::nanoseconds(0)));
            if (ended)
                (void)os::reap(process);
            return ended;
        });
        cores_.push_back(&core);
    }

    /// Keeps other threads out while this one forks, or their lock would stay locked in the copy.
    [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }

    /// Keeps the pidfd of a forked process that nobody joins, to reap it some time after it has ended.
    void reap_later(fd process)
    {
        const std::scoped_lock lock(mutex_);
        detached_.push_back(std::move(process));
    }

    void remove(const process_core& core)
    {
        const std::scoped_lock lock(mutex_);
        std::erase(cores_, &core);
    }

    [[nodiscard]] std::vector<active_child> active()
    {
        const std::scoped_lock lock(mutex_);
        forget_those_of_our_parent();
        std::vector<active_child> children;
        for (const auto* core : cores_)
            if (core->started.load(std::memory_order_acquire) &&
                !os::wait_readable(core->process.get(), deadline(std::chrono::nanoseconds(0))))
                children.push_back({core->id, core->name});
        return children;
    }

private:
    // A process that was forked by hand has copies of handles, but started nobody.
    void forget_those_of_our_parent()
    {
        const int us = os::current_process_id();
        if (std::exchange(owner_, us) != us) {
            cores_.clear();
            detached_.clear();
        }
    }

    std::mutex mutex_;
    std::vector<const process_core*> cores_; ///< guarded by mutex_
    std::vector<fd> detached_;               ///< guarded by mutex_: our own children
    int owner_ = 0;                          ///< guarded by mutex_
};

process_core::process_core() { core_list::instance().add(*this); }
process_core::~process_core() { core_list::instance().remove(*this); }

void process_core::take_start()
{
    // The process runs at once, so what it reports may come before the server says that it has started.
    while (!process) {
        bool ended = false;
        auto arrived = next_report(lifeline.get(), ended);
        if (!arrived) {
            server_link::instance().lose(server);
            throw start_failed(ECONNRESET, "start process '" + name + "': the fork server ended before it had done so");
        }
        if (arrived->header.kind == lifeline_kind::failed)
            throw start_failure(*arrived);
        if (arrived->header.kind == lifeline_kind::started && !arrived->descriptors.empty()) {
            id = arrived->header.value;
            process = std::move(arrived->descriptors.front());
            started.store(true, std::memory_order_release);
        } else {
            take(std::move(*arrived));
        }
    }
}

void process_core::take_ready()
{
    while (!ready && !status) {
        if (auto arrived = next_word())
            take(std::move(*arrived));
        else if (!status) {
            server_link::instance().lose(server);
            throw start_failed(ECONNRESET, "start process '" + name + "': the fork server ended while it was set up");
        }
    }
    if (ready)
        return;
    if (error)
        std::rethrow_exception(error);
    throw start_failed(ECANCELED,
                       "start process '" + name + "': it ended while it was set up (" + status->describe() + ")");
}

// A sandboxed process speaks on a line of its own; when that ends, the lifeline tells why.
std::optional<lifeline_report> process_core::next_word()
{
    bool ended = false;
    if (!box)
        return next_report(lifeline.get(), ended);
    auto arrived = box->ends.next(ended);
    if (ended)
        (void)wait(deadline::never());
    return arrived;
}

// What it says there after it has started is taken once it has ended, and of that an answer or an error only.
void process_core::take_last_words()
{
    bool ended = false;
    for (int word = 0; word < 2; ++word) { // an answer, and the error that came after it; more is not listened to
        auto arrived = box->ends.next(ended, deadline(std::chrono::nanoseconds(0)));
        if (arrived &&
            (arrived->header.kind == lifeline_kind::returned || arrived->header.kind == lifeline_kind::threw))
            take(std::move(*arrived));
    }
}

start_failed process_core::start_failure(const lifeline_report& failure) const
{
    const std::string step(reinterpret_cast<const char*>(failure.payload.data()), failure.payload.size());
    return {failure.header.value, "start process '" + name + "': " + step};
}

void process_core::take(lifeline_report&& arrived)
{
    switch (arrived.header.kind) {
    case lifeline_kind::threw:
        take_exception(std::move(arrived));
        break;
    case lifeline_kind::failed:
        error = std::make_exception_ptr(start_failure(arrived));
        break;
    case lifeline_kind::returned:
        result = answer{std::move(arrived.payload), std::move(arrived.descriptors), arrived.header.payload_apart == 2};
        if (!arrived.packed.bytes().empty()) {
            result->in_place = arrived.packed.bytes();
            result->memory = std::make_shared<os::memory_view>(std::move(arrived.packed));
        }
        break;
    case lifeline_kind::ended:
        status = obituary(arrived.header);
        break;
    case lifeline_kind::ready:
        if (box)
            box->walls.set_state(from_bytes<sandbox::report::state>(arrived.payload));
        ready = true;
        break;
    case lifeline_kind::started:
        break;
    }
}

exit_status process_core::obituary(const lifeline_header& end) const
{
    auto told = os::read_wait_status(end.value, {end.peak_memory, std::chrono::microseconds(end.user_microseconds),
                                                 std::chrono::microseconds(end.system_microseconds)});
    auto shortage = static_cast<os::shortage>(end.short_of_memory);
    if (shortage == os::shortage::of_the_machine && killed)
        shortage = os::shortage::none; // that was us
    if (shortage != os::shortage::none || is_bad_alloc(error))
        told = told.with_out_of_memory(shortage != os::shortage::of_the_machine);
    if (!told.success() && captured[2])
        told = told.with_last_words(os::last_unread(captured[2], most_last_words));
    return told;
}

void process_core::take_exception(lifeline_report&& arrived)
{
    source encoded(arrived.payload, std::move(arrived.descriptors));
    error = decode_thrown(encoded, thrown_at);
}

std::optional<lifeline_report> process_core::next(bool& ended, const deadline& until)
{
    if (!forked)
        return next_report(lifeline.get(), ended, until);
    // What it has forked by hand may hold its end of the lifeline open, so the end of that tells nothing.
    for (;;) {
        const auto [speaks, gone] =
            os::poll_readable(std::array{line_ended ? -1 : lifeline.get(), process.get()}, until);
        ended = gone && !speaks;
        if (!speaks)
            return std::nullopt;
        if (auto arrived = next_report(lifeline.get(), line_ended, deadline(std::chrono::nanoseconds(0))))
            return arrived;
    }
}

// The host may have reaped it, or have told the kernel that it will not; then others know.
exit_status process_core::end_of_forked() const
{
    lifeline_header end{lifeline_kind::ended};
    if (const auto reaped = os::reap(process)) {
        end.value = reaped->wait_status;
        end.peak_memory = reaped->used.peak_memory;
        end.user_microseconds = reaped->used.user_time.count();
        end.system_microseconds = reaped->used.system_time.count();
    } else if (const auto known = os::wait_status_after_reaping(process)) {
        end.value = *known;
    } else if (const auto said = control->end.load(std::memory_order_acquire)) {
        end.value = static_cast<int>(said & 0xFF) << 8;
    } else if (const auto signal = control->crash.signal.load(std::memory_order_acquire)) {
        end.value = static_cast<int>(signal);
    } else {
        return exit_status::ended_untold();
    }
    return obituary(end);
}

void process_core::take_forked_start(int child)
{
    bool ended = false;
    auto arrived = next_report(lifeline.get(), ended);
    if (arrived && arrived->header.kind == lifeline_kind::started && !arrived->descriptors.empty()) {
        id = child;
        process = std::move(arrived->descriptors.front());
        started.store(true, std::memory_order_release);
        return;
    }
    os::wait_for_child(child);
    if (arrived)
        throw start_failure(*arrived);
    throw start_failed(ECANCELED, "start process '" + name + "': it ended while it was set up");
}

std::optional<exit_status> process_core::wait(const deadline& until)
{
    std::unique_lock lock(mutex, std::defer_lock);
    if (until.is_never())
        lock.lock();
    else if (!lock.try_lock_until(until.moment()))
        return std::nullopt;
    while (!status) {
        const os::wait_note note(os::wait_kind::process, static_cast<std::uint64_t>(id));
        bool ended = false;
        if (!forked)
            orderly_end::wait(lifeline.get(), until);
        auto arrived = next(ended, until);
        if (arrived)
            take(std::move(*arrived));
        else if (ended && forked)
            status = end_of_forked();
        else if (ended)
            take_loss();
        else
            return std::nullopt;
        if (status && box)
            take_last_words();
        if (status && error)
            status = status->with_error(error, std::as_bytes(std::span(thrown_at)));
        else if (status)
            add_crash_report();
    }
    return status;
}

void process_core::take_loss()
{
    server_link::instance().lose(server);
    status = exit_status::server_lost();
}

// The process wrote these words, so nothing of them is believed that could do harm: the count is bounded, and an
// address that names no code of ours is shown as a number.
void process_core::add_crash_report()
{
    const auto& crash = control->crash;
    if (status->signal() == static_cast<int>(crash.signal.load(std::memory_order_acquire))) {
        const bool touched = status->signal() == SIGSEGV || status->signal() == SIGBUS;
        status = status->with_crash(touched ? std::optional<std::uintptr_t>(crash.address) : std::nullopt,
                                    std::as_bytes(crash.stack.view()));
    }
    if (box)
        status = explain(*status, *box, crash);
}

void process_core::close_captured()
{
    for (auto& stream : captured) {
        stopped_reading = stopped_reading || stream;
        stream.reset();
    }
}

void process_core::print_if_unseen()
{
    if (stopped_reading && status && status->signal() == SIGPIPE)
        return;
    std::string what;
    if (error && !(status && status->error_seen()))
        what = describe_exception(error);
    else if (status && !looked_at && !error && !(orderly && orderly->insisted()) &&
             (status->signal() || status->lost()))
        what = status->describe() + (status->stack().empty() ? "" : "\n" + status->stack());
    if (!what.empty() && may_say_a_last_word())
        os::say("ruche: process '" + name + "' (" + std::to_string(id) + "): " + what + "\n");
}

} // namespace detail

process::process() noexcept = default;
process::process(process&& other) noexcept = default;

process::process(process_options options, const detail::launch& call) : core_(std::make_unique<detail::process_core>())
{
    core_->name = options.name.empty() ? default_name() : std::move(options.name);
    core_->grace = options.grace;
    core_->takes_stop_token = call.takes_stop_token;
    outgoing_request request;
    request.words.name = core_->name;
    request.words.code = refer_to(call.task->run(), call.function);
    auto [ours, theirs] = os::message_socket_pair();
    fd control = os::make_memory_file("ruche control", os::page_bytes);
    core_->control = os::map_page_as<control_page>(control);
    core_->lifeline = std::move(ours);

    core_->control->heart.begin(options.heartbeat);
    request.add(std::move(theirs));
    request.add(std::move(control));
    try {
        if (options.sandbox)
            core_->box = add_sandbox(request, *options.sandbox);
        add_surroundings(request, options, core_->captured);
        if (call.signal_mask)
            request.words.signal_mask = *call.signal_mask;
    } catch (const os_error& error) {
        throw start_failure(core_->name, error);
    }
    request.words.belongs_to_program = call.belongs_to_program;
    if (call.signal_mask)
        request.words.signal_mask = *call.signal_mask;
    core_->server = send(request, call.arguments);
    request.owned.clear(); // our copy of the server's end must be closed, or its death would not be seen
    core_->take_start();
    core_->orderly.emplace(core_->control->stop, core_->process, core_->grace);
    if (request.words.says_ready)
        core_->take_ready();
}

process::process(process_options options, detail::forked_call&& call) : core_(std::make_unique<detail::process_core>())
{
    core_->name = options.name.empty() ? default_name() : std::move(options.name);
    core_->grace = options.grace;
    core_->takes_stop_token = call.takes_stop_token;
    core_->forked = true;
    try {
        auto [ours, theirs] = os::message_socket_pair();
        core_->lifeline = std::move(ours);
        core_->control = os::map_page_as<control_page>(os::make_memory_file("ruche control", os::page_bytes));
        core_->control->heart.begin(options.heartbeat);
        outgoing_request surroundings;
        add_surroundings(surroundings, options, core_->captured);
        forked_facts facts{core_->name, os::current_process_id(), core_->control, theirs.get(),
                           server_link::instance().duplicate_requests()};
        const int copy = fork_copy(facts, surroundings, call, std::move(theirs), detail::core_list::instance().hold());
        core_->take_forked_start(copy); // a statement of its own: fork_copy's parameters live to the end of theirs
    } catch (const os_error& error) {
        throw start_failure(core_->name, error);
    }
}

process& process::operator=(process&& other) noexcept
{
    if (this != &other) {
        finish();
        core_ = std::move(other.core_);
    }
    return *this;
}

process::~process() { finish(); }

void process::finish() noexcept
{
    if (!core_)
        return;
    try {
        core_->close_captured(); // or it might wait for us to read
        if (!core_->wait(deadline(std::chrono::nanoseconds(0))))
            request_stop();
        if (core_->takes_stop_token && !core_->wait(deadline(core_->grace))) {
            terminate();
            if (!core_->wait(deadline(after_terminate)))
                kill();
        }
        (void)core_->wait(deadline::never());
        core_->print_if_unseen();
    } catch (const std::exception& error) {
        os::say("ruche: process '" + core_->name + "': " + error.what() + "\n");
    }
    core_.reset();
}

detail::process_core& process::core() const
{
    if (!core_)
        throw std::logic_error(
            "a ruche::process that stands for no process was used (default-constructed, moved from, or "
            "detached)");
    return *core_;
}

std::optional<exit_status> process::join_by(const deadline& until)
{
    auto ended = core().wait(until);
    core_->looked_at = core_->looked_at || ended.has_value();
    return ended;
}

exit_status process::join() { return join_by(deadline::never()).value(); }

std::optional<exit_status> process::join_for(std::chrono::nanoseconds patience) { return join_by(deadline(patience)); }

bool process::is_alive() { return core_ && !core_->wait(deadline(std::chrono::nanoseconds(0))); }

bool process::request_stop() noexcept { return core_ && get_stop_source().request_stop(); }

stop_source process::get_stop_source() const noexcept
{
    return core_ ? stop_source({core_->control, &core_->control->stop}) : stop_source(nullptr);
}

void process::interrupt() { os::interrupt(core().process); }

void process::terminate() { os::send_signal(core().process, SIGTERM); }

void process::kill()
{
    core().killed.store(true, std::memory_order_relaxed);
    os::send_signal(core().process, SIGKILL);
}

void process::abort() { os::send_signal(core().process, SIGABRT); }

deadline::clock::time_point process::last_heartbeat() const { return core().control->heart.last(); }

void process::detach() noexcept
{
    if (!core_)
        return;
    try {
        // What it has said before this line is ours to print; what it says after it prints itself.
        os::stop_receiving(core_->lifeline.get());
        bool ended = false;
        while (auto arrived = next_report(core_->lifeline.get(), ended, deadline(std::chrono::nanoseconds(0))))
            core_->take(std::move(*arrived));
        core_->print_if_unseen();
        if (core_->forked)
            detail::core_list::instance().reap_later(std::move(core_->process));
    } catch (const std::exception& error) {
        os::say("ruche: process '" + core_->name + "': " + error.what() + "\n");
    }
    core_.reset();
}

int process::id() const { return core().id; }

const std::string& process::name() const { return core().name; }

int process::native_handle() const { return core().process.get(); }

sandbox::report process::sandbox() const { return core().box ? core().box->walls : sandbox::report(); }

fd& process::input() const { return core().captured[0]; }
fd& process::output() const { return core().captured[1]; }
fd& process::errors() const { return core().captured[2]; }

std::optional<detail::answer> process::take_answer()
{
    auto& mine = core();
    (void)mine.wait(deadline::never());
    return std::exchange(mine.result, std::nullopt);
}

void detail::end_in_background(process&& running)
{
    struct ending {
        process one;
        std::array<service::ticket, 3> tickets{};
    };
    auto shared = std::make_shared<ending>(ending{std::move(running), {}});
    auto& core = shared->one.core();
    core.looked_at = true; // whoever gives it up knows that it ends
    shared->one.request_stop();
    auto& thread = service::instance();
    // On the service thread, so that it can't have ended before the tickets are there.
    thread.post([shared, &core, &thread] {
        const deadline told(core.takes_stop_token ? core.grace : std::chrono::nanoseconds(0));
        shared->tickets[0] = thread.at(told, [shared] { shared->one.terminate(); });
        shared->tickets[1] =
            thread.at(deadline(deadline(told.left()).left() + after_terminate), [shared] { shared->one.kill(); });
        shared->tickets[2] = thread.watch(shared->one.native_handle(), [shared, &thread] {
            for (const auto ticket : shared->tickets)
                thread.forget(ticket);
            (void)shared->one.join().error();
        });
    });
}

std::shared_ptr<control_page> detail::control_of(const process& running) { return running.core().control; }

std::vector<active_child> active_children() { return detail::core_list::instance().active(); }

} // namespace ruche
