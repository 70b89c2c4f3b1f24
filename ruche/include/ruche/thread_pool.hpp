#pragma once

#include <ruche/detail/pool_calls.hpp>
#include <ruche/detail/thread_pool_core.hpp>
#include <ruche/future.hpp>
#include <ruche/futures.hpp>
#include <ruche/this_worker.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ruche {

/// How a pool of threads is made; see `pool_options`.
struct thread_pool_options {
    std::uint32_t workers = 0;
    std::string name = "thread pool";
    std::function<void()> set_up = {};
    std::function<void()> tear_down = {};
    std::uint64_t max_tasks_per_worker = 0;
    std::chrono::nanoseconds idle_time = std::chrono::seconds(60);
    bool pin = false;
    std::uint64_t seed = 0;
    bool trace = false;
};

/// What `pool` is, on threads of this process: for work that is in memory already, or waits more than it computes.
///
///     ruche::thread_pool pool(4);
///     auto page = pool.submit([&] { return cache.fetch(url); });          // captures are fine here
///
/// What differs: nothing is encoded, so any callable and any movable result will do; `this_worker::state` is one of
/// each thread. A crash ends the program. A thread can't be ended: a task that is stuck beyond its deadline, or was
/// cancelled and does not listen to its stop token, gets its outcome on its future all the same, and its thread is left
/// behind to finish by itself while another takes its place (what the task refers to must live as long).
///
/// A task may submit to its own pool and wait for it: while the other has not been begun, the waiting thread does it
/// itself, so this can't come to a standstill.
///
/// Destruction gives up what is not done, and waits for the threads save those that were left behind.
/// Thread safety: all members, also from tasks and callbacks; but `shutdown` and the destructor not from a task of this
/// pool, which would wait for itself.
class thread_pool : public detail::pool_calls<thread_pool> {
public:
    using not_sendable = because<"its threads belong to this process">;

    explicit thread_pool(std::uint32_t workers = 0) : thread_pool(thread_pool_options{.workers = workers}) {}
    explicit thread_pool(thread_pool_options options);
    thread_pool(thread_pool&&) noexcept = default;
    thread_pool& operator=(thread_pool&&) = delete;
    ~thread_pool();

    /// These are as those of `pool`.
    [[nodiscard]] std::uint32_t size() const { return detail::size(*core_); }
    void resize(std::uint32_t workers) { detail::resize(*core_, workers); }
    void close() { detail::close(*core_); }
    void shutdown() { detail::shut_down(*core_, true); }
    void cancel_all() { detail::shut_down(*core_, false); }
    [[nodiscard]] pool_status status() const { return detail::status(*core_); }
    void write_trace(std::ostream& out) const { detail::write_trace(*core_, out); }

private:
    friend class detail::pool_calls<thread_pool>;
    template <class Pool, class R, class F, bool Ordered, class... Ranges>
    friend class detail::mapped;

    template <class F, class... Args>
    static constexpr bool takes_stop_token =
        std::is_invocable_v<std::decay_t<F>&, const stop_token&, std::decay_t<Args>...>;

    template <class F, class... Args>
    static decltype(auto) call(const stop_token& stop, std::decay_t<F>& function, std::decay_t<Args>... arguments)
    {
        if constexpr (takes_stop_token<F, Args...>)
            return std::invoke(function, stop, std::move(arguments)...);
        else
            return std::invoke(function, std::move(arguments)...);
    }

    template <class F, class... Args>
    using call_result = std::decay_t<decltype(call<F, Args...>(
        std::declval<const stop_token&>(), std::declval<std::decay_t<F>&>(), std::declval<std::decay_t<Args>>()...))>;

    template <class T, class Call>
    class task final : public detail::local_task {
    public:
        task(std::shared_ptr<detail::future_state<T>> state, Call call) :
            state_(std::move(state)), call_(std::move(call))
        {}
        [[nodiscard]] std::exception_ptr run(const stop_token& stop) noexcept override
        {
            try {
                if constexpr (std::is_void_v<T>)
                    call_(stop);
                else
                    result_.emplace(call_(stop));
                return nullptr;
            } catch (...) {
                return std::current_exception();
            }
        }
        void deliver() override
        {
            if constexpr (std::is_void_v<T>)
                state_->settle_with_value();
            else
                state_->settle_with_value(std::move(*result_));
        }
        [[nodiscard]] detail::future_core& future() noexcept override { return *state_; }

    private:
        std::shared_ptr<detail::future_state<T>> state_;
        Call call_;
        std::optional<std::conditional_t<std::is_void_v<T>, char, T>> result_;
    };

    template <class T, class Call>
    future<T> submit_local(task_options&& options, std::optional<std::uint32_t> worker, bool takes_token, Call call)
    {
        auto state = std::make_shared<detail::future_state<T>>(detail::debtor_of(core_));
        auto one = std::make_unique<task<T, Call>>(state, std::move(call));
        one->takes_stop_token = takes_token;
        detail::submit(*core_, std::move(options), std::move(one), worker);
        return future<T>(std::move(state));
    }

    template <class T, class F, class... Args>
    future<T> submit_call(task_options&& options, std::optional<std::uint32_t> worker, F&& function,
                          Args&&... arguments)
    {
        return submit_local<T>(std::move(options), worker, takes_stop_token<F, Args...>,
                               [f = std::decay_t<F>(std::forward<F>(function)),
                                values = std::tuple<std::decay_t<Args>...>(std::forward<Args>(arguments)...)](
                                   const stop_token& stop) mutable {
                                   // Copied, since there may be a retry.
                                   return std::apply(
                                       [&](auto&... each) -> decltype(auto) {
                                           if constexpr ((std::is_copy_constructible_v<std::decay_t<Args>> && ...))
                                               return call<F, Args...>(stop, f, std::decay_t<Args>(each)...);
                                           else
                                               return call<F, Args...>(stop, f, std::move(each)...);
                                       },
                                       values);
                               });
    }

    /// Calls that are one task.
    template <class R, class F>
    class chunk {
        struct nothing {};
        using value = std::conditional_t<std::is_void_v<R>, nothing, R>;
        using outcome = std::variant<std::exception_ptr, value>;

    public:
        template <class... Args>
        void add(const F& function, Args&&... arguments)
        {
            calls_.push_back([f = function, values = std::tuple<std::decay_t<Args>...>(std::forward<Args>(
                                                arguments)...)](const stop_token& stop) mutable -> R {
                return std::apply([&](auto&... each) { return call<F, Args...>(stop, f, std::move(each)...); }, values);
            });
            ++size_;
        }
        [[nodiscard]] std::size_t size() const noexcept { return size_; }
        [[nodiscard]] detail::future_core& core() const { return outcome_.state(); }

        void submit(thread_pool& to)
        {
            outcome_ =
                to.submit_local<made>({}, std::nullopt, true, [calls = std::move(calls_)](const stop_token& stop) {
                    const auto start = std::chrono::steady_clock::now();
                    made all;
                    for (const auto& one : calls)
                        all.outcomes.push_back(make(one, stop));
                    all.took = std::chrono::steady_clock::now() - start;
                    return all;
                });
        }
        void cancel() noexcept
        {
            if (outcome_.valid())
                outcome_.cancel();
        }
        std::chrono::nanoseconds finish()
        {
            made_ = outcome_.get();
            return made_.took;
        }
        R take(std::size_t place)
        {
            if (auto* const error = std::get_if<0>(&made_.outcomes[place]))
                std::rethrow_exception(*error);
            if constexpr (!std::is_void_v<R>)
                return std::move(std::get<1>(made_.outcomes[place]));
        }

    private:
        struct made {
            std::vector<outcome> outcomes;
            std::chrono::nanoseconds took{};
        };
        using one_call = std::function<R(const stop_token&)>;

        static outcome make(const one_call& one, const stop_token& stop)
        {
            try {
                if constexpr (std::is_void_v<R>) {
                    one(stop);
                    return outcome(std::in_place_index<1>);
                } else {
                    return outcome(std::in_place_index<1>, one(stop));
                }
            } catch (...) {
                return outcome(std::in_place_index<0>, std::current_exception());
            }
        }

        std::vector<one_call> calls_;
        std::size_t size_ = 0;
        future<made> outcome_;
        made made_;
    };

    std::shared_ptr<detail::thread_pool_core> core_;
};

} // namespace ruche
