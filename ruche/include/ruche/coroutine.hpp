#pragma once

#include <ruche/future.hpp>

#include <coroutine>
#include <exception>
#include <utility>

namespace ruche {

/// A function that waits for futures without holding a thread: it runs where it is called until it first has to wait,
/// and goes on on the service thread of the process.
///
///     ruche::coroutine<std::string> report(ruche::pool& pool)
///     {
///         const int lines = co_await pool.submit(count_lines, "a.txt");
///         co_return std::to_string(lines) + " lines";
///     }
///     std::cout << report(pool).get() << '\n';
///
/// It is a future of what it returns or throws, and may be awaited in its turn. It runs to its end whether or not
/// anybody keeps the future.
/// Beware: references and captures of a coroutine must outlive it, as always; and what it does after a `co_await` holds
/// up other callbacks, so it should be short. It can't be sent.
template <class T>
class [[nodiscard]] coroutine : public future<T> {
public:
    explicit coroutine(future<T>&& result) noexcept : future<T>(std::move(result)) {}

    struct promise_type;
};

namespace detail {

template <class T>
struct coroutine_return {
    promise<T> result;
    template <class Value>
    void return_value(Value&& value)
    {
        result.set_value(std::forward<Value>(value));
    }
};
template <>
struct coroutine_return<void> {
    promise<void> result;
    void return_void() { result.set_value(); }
};

} // namespace detail

template <class T>
struct coroutine<T>::promise_type : detail::coroutine_return<T> {
    coroutine get_return_object() { return coroutine(this->result.get_future()); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void unhandled_exception() { this->result.set_exception(std::current_exception()); }
};

} // namespace ruche
