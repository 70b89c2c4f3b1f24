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
#include <ranges>
#include <span>
#include <type_traits>
#include <vector>

namespace ruche {

/// What can be waited for together with others: it has a descriptor that is readable when there is something to do, and
/// where that may be so without a cause, `ready()` says whether there is. Queues, channels, listeners, events,
/// processes, futures, an `fd`, and what you give these two functions.
template <class T>
concept waitable = requires(T& what)
{
    {
        what.native_handle()
        } -> std::convertible_to<int>;
}
|| std::same_as<std::remove_cvref_t<T>, fd>;

/// Several of one kind, in any container: `std::vector<ruche::process>`.
template <class Range>
concept waitable_range =
    std::ranges::forward_range<Range> && waitable<std::ranges::range_reference_t<Range>> && !waitable<Range>;

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

template <waitable_range Range>
std::vector<waited> wait_for_those(Range& range)
{
    std::vector<waited> all;
    for (auto& one : range)
        all.push_back(wait_for_this(one));
    return all;
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
/// Nothing is taken from what is waited for. A queue or a channel is ready too when it is closed.
///
/// Blocks: asleep in the kernel, whatever is waited for. A stop, a death and what is waited for wake it; by itself it
///   wakes once a second (ten times where nobody reports deaths: docs/guide/sharing.md says where that is).
/// Thread safety: any number of threads may wait for the same things; all are woken, and who is late finds nothing.
/// If a process dies: what it held of what is waited for comes back as its class says, and the wait notices.
/// Throws: `os_error` if this process can't have one more descriptor.
template <waitable... What>
[[nodiscard]] std::optional<std::size_t> wait_any(std::chrono::nanoseconds patience, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline(patience), nullptr);
}

/// The same, for as long as it takes, or until a stop is requested, which wins over what is ready.
template <waitable... What>
[[nodiscard]] std::optional<std::size_t> wait_any(const stop_token& stop, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline::never(), &stop);
}

/// The same, with both ends.
template <waitable... What>
[[nodiscard]] std::optional<std::size_t> wait_any(std::chrono::nanoseconds patience, const stop_token& stop,
                                                  What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline(patience), &stop);
}

/// The same, until a moment of any clock.
template <class Clock, class Duration, waitable... What>
[[nodiscard]] std::optional<std::size_t> wait_any_until(std::chrono::time_point<Clock, Duration> moment, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline(moment), nullptr);
}

/// The same, for as long as it takes.
template <waitable First, waitable... What>
[[nodiscard]] std::size_t wait_any(First& first, What&... what)
{
    const std::array<detail::waited, 1 + sizeof...(What)> all{detail::wait_for_this(first),
                                                              detail::wait_for_this(what)...};
    return detail::wait_for_first(all, deadline::never(), nullptr).value();
}

/// The same for a container of them: the place in it.
///
///     std::vector<ruche::process> workers = …;
///     while (!workers.empty()) {
///         const auto ended = ruche::wait_any(stop, workers);
///         …
///         workers.erase(workers.begin() + *ended);
///     }
template <waitable_range Range>
[[nodiscard]] std::optional<std::size_t> wait_any(std::chrono::nanoseconds patience, Range& range)
{
    return detail::wait_for_first(detail::wait_for_those(range), deadline(patience), nullptr);
}
template <waitable_range Range>
[[nodiscard]] std::optional<std::size_t> wait_any(const stop_token& stop, Range& range)
{
    return detail::wait_for_first(detail::wait_for_those(range), deadline::never(), &stop);
}
template <waitable_range Range>
[[nodiscard]] std::optional<std::size_t> wait_any(std::chrono::nanoseconds patience, const stop_token& stop,
                                                  Range& range)
{
    return detail::wait_for_first(detail::wait_for_those(range), deadline(patience), &stop);
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

/// The same, with both ends.
template <waitable... What>
[[nodiscard]] bool wait_all(std::chrono::nanoseconds patience, const stop_token& stop, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_each(all, deadline(patience), &stop);
}

/// The same, until a moment of any clock.
template <class Clock, class Duration, waitable... What>
[[nodiscard]] bool wait_all_until(std::chrono::time_point<Clock, Duration> moment, What&... what)
{
    const std::array<detail::waited, sizeof...(What)> all{detail::wait_for_this(what)...};
    return detail::wait_for_each(all, deadline(moment), nullptr);
}

/// The same, for as long as it takes.
template <waitable First, waitable... What>
void wait_all(First& first, What&... what)
{
    const std::array<detail::waited, 1 + sizeof...(What)> all{detail::wait_for_this(first),
                                                              detail::wait_for_this(what)...};
    (void)detail::wait_for_each(all, deadline::never(), nullptr);
}

/// The same for a container of them.
template <waitable_range Range>
[[nodiscard]] bool wait_all(std::chrono::nanoseconds patience, Range& range)
{
    return detail::wait_for_each(detail::wait_for_those(range), deadline(patience), nullptr);
}
template <waitable_range Range>
[[nodiscard]] bool wait_all(const stop_token& stop, Range& range)
{
    return detail::wait_for_each(detail::wait_for_those(range), deadline::never(), &stop);
}

} // namespace ruche
