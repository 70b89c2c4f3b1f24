#pragma once

#include <ruche/detail/pool_calls.hpp>
#include <ruche/detail/pool_core.hpp>
#include <ruche/future.hpp>
#include <ruche/futures.hpp>
#include <ruche/sandbox.hpp>
#include <ruche/this_worker.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ruche {

/// A call that every worker of a pool makes: a function, or anything a `process` could be started with. For arguments
/// write `ruche::worker_call(load, "model.bin")`.
using worker_call = detail::worker_function;

/// How a pool is made. Everything has a sensible default.
///
///     ruche::pool pool({.workers = 4, .name = "thumbnails", .set_up = open_fonts});
struct pool_options {
    /// How many workers at most; as many as this process may use processors if 0. They are started when there is work.
    std::uint32_t workers = 0;
    std::string name = "pool";
    /// Called by each worker before its first task, and after its last one. What `set_up` throws, three times in a row
    /// with growing pauses between, is the error of the tasks that wait (nested in a `worker_failed`).
    worker_call set_up = {};
    worker_call tear_down = {};
    /// After so many tasks a worker is replaced; any number if 0.
    std::uint64_t max_tasks_per_worker = 0;
    /// A worker that has had more resident memory than this, in bytes, is replaced after its task; 0: it may.
    std::uint64_t max_memory_per_worker = 0;
    /// Every worker lives in such a sandbox. Its limits are those of a worker's whole life: see `max_tasks_per_worker`.
    /// Tasks of such a pool can't be sent descriptors or handles.
    std::optional<ruche::sandbox::profile> sandbox = {};
    /// Whether each worker keeps to one processor.
    bool pin = false;
    /// After how long without work a worker leaves.
    std::chrono::nanoseconds idle_time = std::chrono::seconds(60);
    /// How long a worker may take to leave (its tear-down, its static destructors) before it is ended.
    std::chrono::nanoseconds grace = std::chrono::seconds(1);
    /// How many workers one task may kill in its retries.
    unsigned quarantine_after = 3;
    /// Where the random numbers of `task_rng` come from.
    std::uint64_t seed = 0;
    /// Whether `write_trace` has something to write.
    bool trace = false;
    /// What else its processes are to have: environment, directory, limits.
    process_options process = {};
};

/// Processes that do tasks, and keep working when a task doesn't.
///
///     ruche::pool pool(4);
///     auto one = pool.submit(count_words, path);                      // a future
///     for (int n : pool.map(square, numbers))                         // in order, as they are needed
///         std::cout << n << '\n';
///
/// What can be called and sent is as for `process`. Every task ends, and its future says how: with its value; with what
/// it threw; with `process_died` if its worker died of it (crashed, exited, was killed), which costs no other task: the
/// worker is replaced; with `deadline_exceeded` or `task_cancelled`, for which its worker is ended if it runs and can't
/// be asked; with `task_quarantined` if it has killed too many workers in its retries; with `worker_failed` if no
/// worker can be started. A task that takes a `ruche::stop_token` first is asked to stop before that.
///
/// A task that had not been begun when its worker ended is done by another; one that had been is done again only if its
/// `retry` says so. (Of `map`, whose calls travel in batches: calls of the last fifth of a millisecond before their
/// worker died may be made twice.)
///
/// A pool is not sendable, so a task can't submit to the pool that it runs in, and can't wait for what only itself
/// could do. It may have a pool of its own: the whole tree ends together. (Tasks of a `thread_pool` may use their own
/// pool, and help while they wait.)
///
/// Destruction gives up what is not done (`task_cancelled`) and ends the workers, within `grace`; to have all done,
/// call `shutdown` before. Ctrl+C, where `stop_on_signals` handles it, gives up what is not done, too. Thread safety:
/// all members. Also from callbacks, even `shutdown` and the destructor. Across processes: a pool belongs to the
/// process that made it.
class pool : public detail::pool_calls<pool> {
public:
    using not_sendable =
        because<"belongs to its process: a task can have a pool of its own, or give back what is to be done">;

    /// So many workers; as many as this process may use processors if 0.
    explicit pool(std::uint32_t workers = 0) : pool(pool_options{.workers = workers}) {}
    explicit pool(pool_options options);
    pool(pool&&) noexcept = default;
    pool& operator=(pool&&) = delete;
    ~pool();

    /// How many workers there are at most; more or fewer from now on. Those that are too many finish what they do.
    [[nodiscard]] std::uint32_t size() const { return detail::size(*core_); }
    void resize(std::uint32_t workers) { detail::resize(*core_, workers); }

    /// Takes no more tasks: `submit` throws `pool_closed`. Those it has are done, then the workers leave.
    void close() { detail::close(*core_); }
    /// Closes it and waits until all is done and the workers are gone.
    void shutdown() { detail::shut_down(*core_, true); }
    /// Closes it, gives up what is not done, and waits until the workers are gone: at most `grace`, or that of a task.
    void cancel_all() { detail::shut_down(*core_, false); }

    /// What it does at this moment.
    [[nodiscard]] pool_status status() const { return detail::status(*core_); }
    /// Writes what it has done, in the format that Perfetto (ui.perfetto.dev) and Chrome read: a row for each worker.
    /// The last hundred thousand calls, if `pool_options::trace` was set.
    void write_trace(std::ostream& out) const { detail::write_trace(*core_, out); }

private:
    friend class detail::pool_calls<pool>;
    template <class Pool, class R, class F, bool Ordered, class... Ranges>
    friend class detail::mapped;

    template <class T, class F, class... Args>
    future<T> submit_call(task_options&& options, std::optional<std::uint32_t> worker, F&& function,
                          Args&&... arguments)
    {
        auto call = detail::make_launch<true>(std::forward<F>(function), std::forward<Args>(arguments)...);
        auto state = std::make_shared<detail::future_state<T>>(detail::debtor_of(core_));
        detail::submit(*core_, {std::move(options), state, call.task, call.function, call.takes_stop_token,
                                std::move(call.arguments), nullptr, worker});
        return future<T>(std::move(state));
    }

    /// Calls that are one task.
    template <class R, class F>
    class chunk {
    public:
        template <class... Args>
        void add(const F& function, Args&&... arguments)
        {
            auto call = detail::make_launch<true>(function, std::forward<Args>(arguments)...);
            task_ = call.task;
            function_ = call.function;
            takes_stop_token_ = call.takes_stop_token;
            if (!call.arguments.descriptors().empty())
                throw std::invalid_argument("the calls of a map can't be sent descriptors or handles: use submit");
            const auto bytes = call.arguments.bytes();
            const auto size = static_cast<std::uint32_t>(bytes.size());
            const auto* const raw = reinterpret_cast<const std::byte*>(&size);
            calls_->offsets.push_back(calls_->arguments.size());
            calls_->arguments.insert(calls_->arguments.end(), raw, raw + sizeof size);
            calls_->arguments.insert(calls_->arguments.end(), bytes.begin(), bytes.end());
            ++size_;
        }
        [[nodiscard]] std::size_t size() const noexcept { return size_; }
        [[nodiscard]] detail::future_core& core() const { return outcome_.state(); }

        void submit(pool& to)
        {
            auto state = std::make_shared<detail::future_state<detail::batch_outcome>>(detail::debtor_of(to.core_));
            detail::submit(*to.core_,
                           {{}, state, task_, function_, takes_stop_token_, {}, std::move(calls_), std::nullopt});
            outcome_ = future<detail::batch_outcome>(std::move(state));
        }
        void cancel() noexcept
        {
            if (outcome_.valid())
                outcome_.cancel();
        }
        /// Waits. How long the calls took.
        std::chrono::nanoseconds finish()
        {
            calls_made_ = outcome_.get();
            return calls_made_.took;
        }
        R take(std::size_t place) { return calls_made_.calls[place].template take<R>(); }

    private:
        const detail::task_registration* task_ = nullptr;
        const void* function_ = nullptr;
        bool takes_stop_token_ = false;
        std::unique_ptr<detail::batch> calls_ = std::make_unique<detail::batch>();
        std::size_t size_ = 0;
        future<detail::batch_outcome> outcome_;
        detail::batch_outcome calls_made_;
    };

    template <class F, class... Args>
    using call_result = typename detail::call_result<F, Args...>::type;

    std::shared_ptr<detail::pool_core> core_;
};

} // namespace ruche
