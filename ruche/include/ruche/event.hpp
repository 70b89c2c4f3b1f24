#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>
#include <ruche/stop.hpp>

#include <chrono>

namespace ruche {

/// A flag that processes wait for: Python's `Event`.
///
///     ruche::event ready;
///     ruche::process p(serve, ready);
///     if (!ready.wait_for(5s))
///         …
///
/// A handle: copies, and what another process receives, are the same event and compare equal.
///
/// Across processes: what was written before `set` is visible after the `wait` that it ends.
/// If a process dies inside `set`: the flag is set or not; if it is, nobody waits longer than 100 ms.
class event : public detail::block_handle {
public:
    event();
    explicit event(detail::received_block received);

    /// Sets the flag and wakes all who wait.
    void set();
    void clear();
    [[nodiscard]] bool is_set() const;

    /// Waits until the flag is set. The forms that can end otherwise return whether it is.
    void wait() const { (void)wait_until({}, nullptr); }
    [[nodiscard]] bool wait(const stop_token& stop) const { return wait_until({}, &stop); }
    [[nodiscard]] bool wait_for(std::chrono::nanoseconds patience) const
    {
        return wait_until(deadline(patience), nullptr);
    }
    [[nodiscard]] bool wait_for(std::chrono::nanoseconds patience, const stop_token& stop) const
    {
        return wait_until(deadline(patience), &stop);
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool wait_until(std::chrono::time_point<Clock, Duration> moment) const
    {
        return wait_until(deadline(moment), nullptr);
    }

private:
    bool wait_until(const deadline& until, const stop_token* stop) const;
};

template <>
struct codec<event> : detail::block_codec<event> {};

} // namespace ruche
