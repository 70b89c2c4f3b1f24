#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <cstddef>
#include <utility>

namespace ruche {

/// So many permits, for the threads of all processes that hold it; used as `std::counting_semaphore` is.
///
///     ruche::counting_semaphore slots(4);                    // at most four downloads at once
///     …
///     slots.acquire();
///     fetch(url);
///     slots.release();
///
/// A handle: copies, and what another process receives, are the same semaphore and compare equal.
///
/// If a process dies: what it had acquired and not released is free again, at once for processes that ruche started and
///   within 100 ms for others. (What others release is theirs to give: a process that releases more than it acquired
///   adds permits, as the standard has it.) At most 256 processes can hold permits at once; others wait.
class counting_semaphore : public detail::block_handle {
public:
    explicit counting_semaphore(std::size_t permits);
    explicit counting_semaphore(detail::received_block received);

    void acquire() { (void)acquire_until({}, nullptr); }
    /// Returns false if the stop was requested first.
    [[nodiscard]] bool acquire(const stop_token& stop) { return acquire_until({}, &stop); }
    [[nodiscard]] bool try_acquire();
    [[nodiscard]] bool try_acquire_for(std::chrono::nanoseconds patience)
    {
        return acquire_until(deadline(patience), nullptr);
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool try_acquire_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return acquire_until(deadline(moment), nullptr);
    }

    [[nodiscard]] bool try_acquire_for(std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return acquire_until(deadline(patience), &stop);
    }

    void release(std::size_t permits = 1);

    /// How many could be acquired now.
    [[nodiscard]] std::size_t available() const;

private:
    bool acquire_until(const deadline& until, const stop_token* stop);
};

/// A permit of a semaphore for as long as this lives: what `std::scoped_lock` is for a mutex.
///
///     const ruche::permit one(slots);                        // waits for it
class [[nodiscard]] permit {
public:
    explicit permit(counting_semaphore of) : of_(std::move(of)) { of_.acquire(); }
    permit(const permit&) = delete;
    permit& operator=(const permit&) = delete;
    ~permit() { of_.release(); }

private:
    counting_semaphore of_;
};

template <>
struct codec<counting_semaphore> : detail::block_codec<counting_semaphore> {};

} // namespace ruche
