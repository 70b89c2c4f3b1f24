#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>

namespace ruche {

/// A wait at a barrier that can't end well: somebody who takes part has died, or it was broken on purpose.
class broken_barrier : public std::runtime_error {
public:
    broken_barrier() : std::runtime_error("the barrier is broken: a process that takes part in it is gone") {}
};

/// What the death of a process that takes part does to a `barrier`.
enum class on_death {
    breaks,    ///< all who wait, now and later, get `broken_barrier`
    is_counted ///< one less is expected, now and in later rounds
};

/// Holds up so many threads, of any processes, until all have arrived; again and again. Used as `std::barrier` is.
///
///     ruche::barrier round(4);
///     for (int i = 0; i < 100; ++i) {
///         step(i);
///         round.arrive_and_wait();
///     }
///
/// A handle: copies, and what another process receives, are the same barrier and compare equal.
///
/// If a process dies that has arrived once or more: see `on_death`. One that dies before it first arrives is not known
/// to
///   the barrier: wait with a limit or a stop token where that may happen. At most 256 processes take part.
class barrier : public detail::block_handle {
public:
    explicit barrier(std::size_t expected, on_death policy = on_death::breaks);
    explicit barrier(detail::received_block received);

    /// Arrives, and waits until all have. Throws: `broken_barrier`.
    void arrive_and_wait() { (void)wait_until({}, nullptr); }
    /// The same; if the wait ends before the round does, the barrier is broken for all, since somebody is missing, and
    /// false is returned.
    [[nodiscard]] bool arrive_and_wait(const stop_token& stop) { return wait_until({}, &stop); }
    [[nodiscard]] bool arrive_and_wait_for(std::chrono::nanoseconds patience)
    {
        return wait_until(deadline(patience), nullptr);
    }

    [[nodiscard]] bool arrive_and_wait_for(std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return wait_until(deadline(patience), &stop);
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool arrive_and_wait_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return wait_until(deadline(moment), nullptr);
    }

    /// Arrives without waiting, and takes no part in later rounds.
    void arrive_and_drop();

    /// Breaks it: all who wait get `broken_barrier`.
    void break_it();
    [[nodiscard]] bool is_broken() const;

private:
    bool wait_until(const deadline& until, const stop_token* stop);
};

template <>
struct codec<barrier> : detail::block_codec<barrier> {};

} // namespace ruche
