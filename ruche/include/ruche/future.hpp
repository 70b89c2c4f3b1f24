#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/future_core.hpp>
#include <ruche/error.hpp>
#include <ruche/process.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace ruche {

template <class T>
class promise;

/// What a call that runs elsewhere will give: its value, or its error. Given by `async`, `pool::submit`, calls of
/// actors, and `promise`.
///
///     ruche::future<int> answer = ruche::async(count_words, path);
///     …
///     std::cout << answer.get() << '\n';
///
/// Every future is settled: with the value, what the call threw, `process_died`, `deadline_exceeded` or
/// `task_cancelled`.
///
/// A future is sendable: what has it in another process gets the outcome there (here it is no longer valid then). If
/// this process ends before, it is `process_died` there. And it can be waited for with others: see `wait_any`,
/// `as_completed` and `when_all` (`ruche/futures.hpp`), or awaited in a coroutine.
///
/// Destruction: of one of `async` behaves as that of a `process`: it asks, waits its grace if the call took a stop
/// token, and joins. One of a pool lets its task run and drops the result.
/// Thread safety: one thread at a time. Callbacks run on the one service thread of the process: they should be short,
/// and what they throw is told on standard error.
template <class T>
class [[nodiscard]] future {
public:
    using value_type = T;

    /// No result.
    future() noexcept = default;
    /// What the process will return, as `async` starts it.
    explicit future(process&& running);
    /// For whoever settles it.
    explicit future(std::shared_ptr<detail::future_state<T>> state) noexcept : state_(std::move(state)) {}

    future(future&& other) noexcept = default;
    future& operator=(future&& other) noexcept
    {
        future(std::move(other)).swap(*this);
        return *this;
    }
    ~future()
    {
        if (state_)
            state_->drop();
    }
    void swap(future& other) noexcept { state_.swap(other.state_); }

    /// Whether there is a result still to be taken.
    [[nodiscard]] bool valid() const noexcept { return state_ && !state_->sent_away(); }

    /// Waits for the result and takes it; afterwards the future is not valid.
    /// Throws: what the call threw, as the same type where it can be rebuilt, else `remote_error`; `process_died` if
    /// its process ended without an answer; `deadline_exceeded`; `task_cancelled`; `std::logic_error` if there is no
    /// result to take.
    T get()
    {
        wait();
        const future taken(std::move(*this)); // what has been taken is dropped even if this throws
        return taken.state_->take();
    }

    /// The same, waiting at most so long. Throws also: `deadline_exceeded`; the future stays valid.
    T get_for(std::chrono::nanoseconds patience)
    {
        if (!wait_for(patience))
            throw deadline_exceeded(state_->name() + " has not answered in time");
        return get();
    }

    /// Waits until there is a result, or an error.
    void wait() { (void)state().wait({}); }
    [[nodiscard]] bool wait_for(std::chrono::nanoseconds patience)
    {
        return state().wait({deadline(patience), nullptr});
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool wait_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return state().wait({deadline(moment), nullptr});
    }
    /// The same, until a stop is requested. Returns whether there is a result.
    [[nodiscard]] bool wait(const stop_token& stop) { return state().wait({deadline::never(), &stop}); }

    /// Whether `get` would return at once.
    [[nodiscard]] bool ready() const { return state().settled() || state().wait(detail::wait_bounds::none()); }

    /// Waits, and gives what it failed with, or null; the future stays valid.
    [[nodiscard]] std::exception_ptr error()
    {
        wait();
        return state().error();
    }

    /// Gives the call up, whether it runs or not: its future is settled soon, with `task_cancelled` unless the answer
    /// came first. A call that takes a stop token is asked first and has its grace; then, or else, its process is
    /// ended. Doesn't wait.
    void cancel() { state().cancel(); }

    /// Runs `callback()` on the service thread once there is a result; several run in their order.
    void on_ready(std::function<void()> callback) { state().then_on_service(std::move(callback)); }

    /// A future of what `next` gives when it is called, on the service thread, with the value (or with nothing, if that
    /// is void). An error passes by `next`; a `next` that takes a `ruche::future<T>` gets the settled future instead,
    /// and so the error too. This future is not valid afterwards.
    template <class Next>
    auto then(Next next) &&;

    /// A descriptor that is readable once there is a result, for event loops; owned by the future.
    [[nodiscard]] int native_handle() const { return state().pollable(); }

    /// The process that does the work of a call of `async`. Throws: `std::logic_error` for any other.
    [[nodiscard]] process& worker() const;

    /// For what is built on futures.
    [[nodiscard]] detail::future_state<T>& state() const
    {
        if (!valid()) [[unlikely]]
            throw std::logic_error(
                "use of a future without a result to take (default-made, moved from, taken, or sent away)");
        return *state_;
    }
    [[nodiscard]] const std::shared_ptr<detail::future_state<T>>& shared_state() const noexcept { return state_; }

    /// What `co_await` needs. The coroutine goes on on the service thread, if it had to wait.
    class awaiter {
    public:
        explicit awaiter(future&& of) noexcept : of_(std::move(of)) {}
        [[nodiscard]] bool await_ready() const { return of_.state().settled(); }
        void await_suspend(std::coroutine_handle<> waiting)
        {
            of_.on_ready([waiting] { waiting.resume(); });
        }
        T await_resume() { return of_.get(); }

    private:
        future of_;
    };
    [[nodiscard]] awaiter operator co_await() && { return awaiter(std::move(*this)); }

private:
    std::shared_ptr<detail::future_state<T>> state_;
};

/// Where a result is put by hand.
///
///     ruche::promise<int> answer;
///     ruche::future<int> later = answer.get_future();
///     answer.set_value(42);
///
/// Thread safety: one thread may set while another holds the future. A promise that goes without having been set
/// settles its future with `std::future_error` (broken_promise).
template <class T>
class promise {
public:
    promise() : debtor_(std::make_shared<detail::promise_debtor>()) {}
    promise(promise&&) noexcept = default;
    promise& operator=(promise&& other) noexcept
    {
        promise old(std::move(*this));
        debtor_ = std::move(other.debtor_);
        state_ = std::move(other.state_);
        return *this;
    }
    ~promise();

    /// Called once. Throws: `std::logic_error` the second time.
    [[nodiscard]] future<T> get_future()
    {
        if (given_)
            throw std::logic_error("a promise has one future");
        given_ = true;
        return future<T>(state_);
    }

    /// Returns whether the future was still open; it is not if it was cancelled.
    template <class... Value>
    bool set_value(Value&&... value)
    {
        return state_->settle_with_value(std::forward<Value>(value)...);
    }
    bool set_exception(std::exception_ptr error) { return state_->settle(std::move(error)); }
    /// For what came from another process.
    bool set_answer(detail::answer&& encoded) { return state_->settle_with_answer(std::move(encoded)); }
    bool set_told_error(detail::answer&& encoded) { return state_->settle_with_told_error(std::move(encoded)); }

    /// Runs `callback()`, in the thread that cancels, when the future is cancelled (which settles it).
    void on_cancel(std::function<void()> callback)
    {
        const std::scoped_lock lock(debtor_->mutex);
        debtor_->on_cancel = std::move(callback);
    }

private:
    std::shared_ptr<detail::promise_debtor> debtor_;
    std::shared_ptr<detail::future_state<T>> state_ = std::make_shared<detail::future_state<T>>(debtor_);
    bool given_ = false;
};

namespace detail {

/// A process as the debtor of one future.
[[nodiscard]] std::shared_ptr<debtor> make_process_debtor(process&& running);
[[nodiscard]] process& process_of(future_core& core);
[[nodiscard]] std::exception_ptr broken_promise();

template <class F, class T>
struct then_call {
    static decltype(auto) call(F& f, future<T>&& ready)
    {
        if constexpr (std::is_void_v<T>) {
            if constexpr (std::is_invocable_v<F&>) {
                ready.get();
                return f();
            } else {
                return f(std::move(ready));
            }
        } else {
            if constexpr (std::is_invocable_v<F&, T>)
                return f(ready.get());
            else
                return f(std::move(ready));
        }
    }
    using result = std::decay_t<decltype(call(std::declval<F&>(), std::declval<future<T>>()))>;
};

/// Settles `to` with what `call` gives or throws.
template <class R, class Call>
void fulfil(promise<R>& to, Call&& call)
{
    try {
        if constexpr (std::is_void_v<R>) {
            call();
            to.set_value();
        } else {
            to.set_value(call());
        }
    } catch (...) {
        to.set_exception(std::current_exception());
    }
}

} // namespace detail

template <class T>
promise<T>::~promise()
{
    if (state_ && !state_->settled())
        state_->settle(detail::broken_promise());
}

template <class T>
future<T>::future(process&& running) :
    state_(std::make_shared<detail::future_state<T>>(detail::make_process_debtor(std::move(running))))
{}

template <class T>
process& future<T>::worker() const
{
    return detail::process_of(state());
}

template <class T>
template <class Next>
auto future<T>::then(Next next) &&
{
    using call = detail::then_call<Next, T>;
    struct step {
        future source;
        Next next;
        promise<typename call::result> result;
    };
    auto& from = state();
    auto one = std::make_shared<step>(step{std::move(*this), std::move(next), {}});
    auto later = one->result.get_future();
    one->result.on_cancel([weak = std::weak_ptr(one)] {
        if (const auto still = weak.lock())
            still->source.cancel();
    });
    from.then_on_service([one] {
        detail::fulfil(one->result, [&]() -> decltype(auto) { return call::call(one->next, std::move(one->source)); });
    });
    return later;
}

/// A future that is sent is the receiver's from then on: here it is not valid any more.
template <class T>
struct codec<future<T>> {
    static constexpr bool handles = true;

    static void put(sink& out, const future<T>& sent)
    {
        static_assert(std::is_void_v<T> || sendable<T>, "the future of a type that can't be sent can't be sent");
        const auto state = sent.shared_state();
        sent.state().send_away();
        const auto line = detail::send_outcome(state, [state](sink& message) {
            if constexpr (std::is_void_v<T>)
                state->take();
            else
                encode(message, state->take());
        });
        encode(out, out.attach(line));
    }
    static future<T> get(source& in)
    {
        fd line = in.take_descriptor(decode<std::uint32_t>(in));
        return future<T>(std::make_shared<detail::future_state<T>>(detail::receive_outcome(std::move(line))));
    }
};

} // namespace ruche
