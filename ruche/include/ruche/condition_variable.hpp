#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>
#include <ruche/mutex.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace ruche {

/// Waits until another thread of any process says that something has changed; used as `std::condition_variable_any` is.
///
///     std::unique_lock lock(m);
///     changed.wait(lock, [&] { return total->ready; });
///
/// A handle: copies, and what another process receives, are the same object and compare equal.
///
/// As in the standard, a wait may end without a cause: give it a predicate.
/// If a process dies: those who wait look again within 100 ms, so neither a wake-up that the dead one owed nor one that
/// it
///   had received is missed. With a robust `mutex`, `owner_died` tells whether what is waited for is half changed.
class condition_variable : public detail::block_handle {
public:
    condition_variable();
    explicit condition_variable(detail::received_block received);

    void notify_one();
    void notify_all();

    template <class Lock>
    void wait(Lock& lock)
    {
        (void)wait_once(lock, {}, nullptr);
    }
    template <class Lock, class Predicate>
    void wait(Lock& lock, Predicate ready)
    {
        (void)wait_for_it(lock, {}, nullptr, ready);
    }
    /// Returns what `ready` says last; false if the stop came first.
    template <class Lock, class Predicate>
    [[nodiscard]] bool wait(Lock& lock, const stop_token& stop, Predicate ready)
    {
        return wait_for_it(lock, {}, &stop, ready);
    }
    template <class Lock>
    std::cv_status wait_for(Lock& lock, std::chrono::nanoseconds patience)
    {
        return wait_once(lock, deadline(patience), nullptr);
    }
    template <class Lock, class Predicate>
    [[nodiscard]] bool wait_for(Lock& lock, std::chrono::nanoseconds patience, Predicate ready)
    {
        return wait_for_it(lock, deadline(patience), nullptr, ready);
    }
    template <class Lock, class Predicate>
    [[nodiscard]] bool wait_for(Lock& lock, std::chrono::nanoseconds patience, const stop_token& stop, Predicate ready)
    {
        return wait_for_it(lock, deadline(patience), &stop, ready);
    }
    template <class Lock, class Clock, class Duration>
    std::cv_status wait_until(Lock& lock, std::chrono::time_point<Clock, Duration> moment)
    {
        return wait_once(lock, deadline(moment), nullptr);
    }
    template <class Lock, class Clock, class Duration, class Predicate>
    [[nodiscard]] bool wait_until(Lock& lock, std::chrono::time_point<Clock, Duration> moment, Predicate ready)
    {
        return wait_for_it(lock, deadline(moment), nullptr, ready);
    }

private:
    // The number of the last notification, read while the lock is held: one that comes later is not slept through.
    [[nodiscard]] std::uint32_t ticket() const;
    void sleep(std::uint32_t ticket, const deadline& until, const stop_token* stop) const;

    template <class Lock>
    std::cv_status wait_once(Lock& lock, const deadline& until, const stop_token* stop)
    {
        const std::uint32_t seen = ticket();
        lock.unlock();
        struct relock {
            Lock& lock;
            ~relock() { lock.lock(); }
        };
        {
            const relock again{lock};
            sleep(seen, until, stop);
        }
        return until.passed() ? std::cv_status::timeout : std::cv_status::no_timeout;
    }

    template <class Lock, class Predicate>
    bool wait_for_it(Lock& lock, const deadline& until, const stop_token* stop, Predicate& ready)
    {
        while (!ready()) {
            if ((stop && stop->stop_requested()) || until.passed())
                return false;
            (void)wait_once(lock, until, stop);
        }
        return true;
    }
};

template <>
struct codec<condition_variable> : detail::block_codec<condition_variable> {};

} // namespace ruche
