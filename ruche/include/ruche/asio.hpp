#pragma once

#include <ruche/future.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

/// Futures of ruche in programs that live in an event loop of Boost.Asio. Not part of what every user compiles: include
/// it where you have Boost.
namespace ruche {

namespace detail {

template <class T>
struct asio_signature {
    using type = void(std::exception_ptr, T);
};
template <>
struct asio_signature<void> {
    using type = void(std::exception_ptr);
};

/// Takes the outcome and calls `handler` with it.
template <class T, class Handler>
void complete(future<T>& ready, Handler& handler)
{
    std::exception_ptr error;
    if constexpr (std::is_void_v<T>) {
        try {
            ready.get();
        } catch (...) {
            error = std::current_exception();
        }
        std::move(handler)(error);
    } else {
        std::optional<T> value;
        try {
            value.emplace(ready.get());
        } catch (...) {
            error = std::current_exception();
        }
        std::move(handler)(error, value ? std::move(*value) : T{});
    }
}

} // namespace detail

/// Waits for a future as an asynchronous operation of Boost.Asio, for any completion token. The handler runs by its own
/// executor, which is kept at work meanwhile; it gets the error, or null and the value (which has a default then).
///
///     const int lines = co_await ruche::async_get(pool.submit(count_lines, "a.txt"), boost::asio::use_awaitable);
template <class T, class Token>
auto async_get(future<T> what, Token&& token)
{
    return boost::asio::async_initiate<Token, typename detail::asio_signature<T>::type>(
        [](auto handler, future<T> of) {
            using handler_type = decltype(handler);
            const auto executor = boost::asio::get_associated_executor(handler);
            struct operation {
                future<T> of;
                handler_type handler;
                boost::asio::executor_work_guard<std::decay_t<decltype(executor)>> work;
            };
            auto one = std::make_shared<operation>(
                operation{std::move(of), std::move(handler), boost::asio::make_work_guard(executor)});
            auto& state = one->of.state();
            state.then_on_service([one] {
                boost::asio::post(one->work.get_executor(), [one] {
                    one->work.reset();
                    detail::complete(one->of, one->handler);
                });
            });
        },
        token, std::move(what));
}

} // namespace ruche
