#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/future_core.hpp>
#include <ruche/detail/task.hpp>
#include <ruche/future.hpp>
#include <ruche/process.hpp>
#include <ruche/sandbox.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ruche {

/// When and how often a failed task is tried again.
struct retry_options {
    /// How often, at most; 0: never.
    unsigned times = 0;
    /// How long it waits before the first retry; twice as long before each further one, up to `longest_delay`.
    std::chrono::nanoseconds first_delay = std::chrono::milliseconds(10);
    std::chrono::nanoseconds longest_delay = std::chrono::seconds(10);
    /// Which errors are worth it, of those that the task threw (the death of its worker always is); all if empty.
    /// Called by the pool while it holds its lock: it must not use the pool. See `retry_on`.
    std::function<bool(const std::exception_ptr&)> when = {};
};

/// Says yes to errors of these types: `.retry = {.times = 3, .when = ruche::retry_on<std::system_error>()}`.
template <class... Error>
[[nodiscard]] std::function<bool(const std::exception_ptr&)> retry_on()
{
    return [](const std::exception_ptr& error) {
        const auto is = [&]<class One>(std::type_identity<One>) {
            try {
                std::rethrow_exception(error);
            } catch (const One&) {
                return true;
            } catch (...) {
                return false; // another
            }
        };
        return (is(std::type_identity<Error>{}) || ...);
    };
}

/// How one task is to be done.
///
///     pool.submit({.name = "fetch " + url, .deadline = ruche::deadline(5s), .retry = {.times = 3}}, fetch, url);
struct task_options {
    /// What messages and `pool::status` call it.
    std::string name = {};
    /// When it must have ended, counted from now, its waiting and all its attempts included: then its future gets
    /// `deadline_exceeded`, and its worker is ended if it runs.
    ruche::deadline deadline = {};
    /// Tasks with a greater one go first.
    int priority = 0;
    retry_options retry = {};
    /// If it takes a stop token: how long it may take to end once asked, before its worker is ended.
    std::chrono::nanoseconds grace = std::chrono::seconds(1);
};

/// What a pool is doing, at one moment.
struct pool_status {
    struct running_task {
        std::string name;
        std::uint32_t worker = 0;
        int process = 0;                  ///< 0 for a thread
        std::chrono::nanoseconds since{}; ///< for how long its worker has had it
        std::size_t behind = 0;           ///< tasks that the worker has besides
    };
    struct finished_task {
        std::string name;
        std::uint32_t worker = 0;
        std::chrono::nanoseconds took{};
    };
    struct worker {
        std::uint32_t index = 0;
        int process = 0;
        std::uint64_t tasks = 0;            ///< done so far
        std::chrono::nanoseconds working{}; ///< in tasks, decoding and encoding included
        std::chrono::nanoseconds waiting{}; ///< for tasks
        std::chrono::nanoseconds sending{}; ///< taking tasks and telling results: the rest
    };
    std::size_t queued = 0;
    std::vector<running_task> running;
    std::vector<worker> workers;
    std::vector<finished_task> slowest; ///< at most five, the slowest first
    std::uint64_t finished = 0;
    std::uint64_t replaced = 0; ///< workers that died
};

/// A worker of the pool could not be started, or its set-up failed, several times in a row. What went wrong is nested
/// in it (`std::rethrow_if_nested`).
class worker_failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What was submitted to a pool that takes no more.
class pool_closed : public std::runtime_error {
public:
    pool_closed() : std::runtime_error("a task for a pool that is closed") {}
};

/// A task that has killed so many workers that it will not be tried again.
class task_quarantined : public process_died {
public:
    using process_died::process_died;
};

namespace detail {

/// The outcome of one of several calls that were one task.
struct call_outcome {
    std::variant<std::monostate, answer, std::exception_ptr> what;
    bool threw = false; ///< the answer is an error

    template <class R>
    R take()
    {
        if (auto* const error = std::get_if<std::exception_ptr>(&what))
            std::rethrow_exception(*error);
        auto& told = std::get<answer>(what);
        if (threw)
            rethrow(told);
        if constexpr (!std::is_void_v<R>) {
            source encoded(told.bytes, std::move(told.descriptors));
            return decode<R>(encoded);
        }
    }

private:
    [[noreturn]] static void rethrow(answer& told);
};

struct batch_outcome {
    std::vector<call_outcome> calls;
    std::chrono::nanoseconds took{};
};

/// Several calls of one function.
struct batch {
    std::vector<std::byte> arguments; ///< for each call its length (4 bytes), then its bytes
    std::vector<std::size_t> offsets; ///< where each begins
};

/// A task on its way to the pool.
struct task_request {
    task_options options;
    std::shared_ptr<future_core> future;
    const task_registration* task = nullptr;
    const void* function = nullptr;
    bool takes_stop_token = false;
    sink arguments;                        ///< of a single call
    std::unique_ptr<batch> calls;          ///< of several; the future is then a `future_state<batch_outcome>`
    std::optional<std::uint32_t> worker{}; ///< which one has to do it
};

/// A call that each worker makes.
struct worker_function {
    worker_function() = default;
    template <class F, class... Args>
    requires(!std::same_as<std::remove_cvref_t<F>, worker_function>)
        worker_function(F&& function, Args&&... arguments) :
        call(std::make_shared<launch>(make_launch<false>(std::forward<F>(function), std::forward<Args>(arguments)...)))
    {}

    std::shared_ptr<launch> call; ///< null for none
};

struct pool_settings {
    std::uint32_t workers = 0;
    std::string name;
    worker_function set_up, tear_down;
    std::uint64_t tasks_per_worker = 0;
    std::uint64_t memory_per_worker = 0;
    std::optional<sandbox::profile> sandbox;
    bool pin = false;
    std::chrono::nanoseconds idle_time{};
    std::chrono::nanoseconds grace{};
    unsigned quarantine_after = 0;
    std::uint64_t seed = 0;
    bool trace = false;
    process_options process;
};

class pool_core;

[[nodiscard]] std::shared_ptr<pool_core> make_pool(pool_settings settings);
/// Where the futures of a pool come from.
[[nodiscard]] std::shared_ptr<debtor> debtor_of(const std::shared_ptr<pool_core>& pool);
void submit(pool_core& pool, task_request&& request);
[[nodiscard]] std::uint32_t size(pool_core& pool);
void resize(pool_core& pool, std::uint32_t workers);
void close(pool_core& pool);
/// Waits until all is done, or gives up what is not; then until the workers are gone.
void shut_down(pool_core& pool, bool wait);
[[nodiscard]] pool_status status(pool_core& pool);
void write_trace(pool_core& pool, std::ostream& out);

} // namespace detail

} // namespace ruche
