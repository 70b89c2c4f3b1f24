#pragma once

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>
#include <ruche/stop.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace ruche {

/// What can be waited for together with others: it has a descriptor that is readable when there is something to do, and
/// where that may be so without a cause, `ready()` says whether there is. Queues, channels, processes, and an `fd`.
template <class T>
concept waitable = requires(T& what)
{
    {
        what.native_handle()
        } -> std::convertible_to<int>;
}
|| std::same_as<std::remove_cvref_t<T>, fd>;

namespace detail {

/// One of several things that are waited for, without its type.
struct waited {
    int number = -1;
    const void* what = nullptr;
    bool (*ready)(const void* what) = nullptr; ///< null: readable is ready
};

template <class T>
waited wait_for_this(T& what)
{
    if constexpr (std::same_as<std::remove_cvref_t<T>, fd>)
        return {what.get(), nullptr, nullptr};
    else if constexpr (requires { what.ready(); })
        return {what.native_handle(), std::addressof(what),
                [](const void* one) { return static_cast<const T*>(one)->ready(); }};
    else
        return {what.native_handle(), nullptr, nullptr};
}

/// Which of them is ready first, the lowest of several; empty if the deadline or the stop came first.
[[nodiscard]] std::optional<std::size_t> wait_for_first(std::span<const waited> all, const deadline& until,
                                                        const stop_token* stop);
[[nodiscard]] bool wait_for_each(std::span<const waited> all, const deadline& until, const stop_token* stop);

} // namespace detail

/// Waits until something can be done with one of several things, and says with which: its place among the arguments,
/// the lowest if there are several; empty if nothing came in time.
///
///     switch (ruche::wait_any(5s, jobs, line, worker).value_or(99)) {
///     case 0: …                                        // jobs.try_pop() has something (unless another was faster)
///     case 1: …                                        // line.receive() returns at once
///     case 2: …                                        // worker has ended: join() returns at once
///     }
///
/// Nothing is taken from what is waited for.
template <waitable... What>
[[nodiscard]] std::optional<std::size_t> wait_any(std::chrono::nanoseconds patience, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline(patience), nullptr);
}

/// The same, for as long as it takes, or until a stop is requested.
template <waitable... What>
[[nodiscard]] std::optional<std::size_t> wait_any(const stop_token& stop, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline::never(), &stop);
}

/// The same, for as long as it takes.
template <waitable First, waitable... What>
[[nodiscard]] std::size_t wait_any(First& first, What&... what)
{
    const std::array<detail::waited, 1 + sizeof...(What)> all{detail::wait_for_this(first),
                                                              detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline::never(), nullptr).value();
}

/// Waits until each of several things has been ready once. Returns whether all have, in time.
template <waitable... What>
[[nodiscard]] bool wait_all(std::chrono::nanoseconds patience, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_each(all, deadline(patience), nullptr);
}

/// The same, for as long as it takes, or until a stop is requested.
template <waitable... What>
[[nodiscard]] bool wait_all(const stop_token& stop, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_each(all, deadline::never(), &stop);
}

} // namespace ruche
