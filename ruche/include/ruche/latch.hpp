#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <cstddef>

namespace ruche {

/// Counts down once, between processes; used as `std::latch` is.
///
///     ruche::latch loaded(3);
///     …                                                      // three processes: loaded.count_down();
///     loaded.wait();
///
/// A handle: copies, and what another process receives, are the same latch and compare equal.
///
/// If a process dies before it counts down: nobody counts for it, since a latch does not know who will. Wait with a
/// stop
///   token or a time limit where that may happen, or use a `barrier`.
class latch : public detail::block_handle {
public:
    explicit latch(std::size_t count);
    explicit latch(detail::received_block received);

    void count_down(std::size_t by = 1);
    [[nodiscard]] bool try_wait() const;

    /// Waits until the count is 0. The forms that can end otherwise return whether it is.
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
    void arrive_and_wait(std::size_t by = 1)
    {
        count_down(by);
        wait();
    }

private:
    bool wait_until(const deadline& until, const stop_token* stop) const;
};

template <>
struct codec<latch> : detail::block_codec<latch> {};

} // namespace ruche
