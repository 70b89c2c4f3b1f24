#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>

#include <chrono>

namespace ruche {

/// Many readers or one writer, among the threads of all processes that hold it; used as `std::shared_timed_mutex` is.
///
///     std::shared_lock reading(m);        // or: std::scoped_lock writing(m);
///
/// A handle: copies, and what another process receives, are the same mutex and compare equal. A writer that waits keeps
/// new readers out, so neither side starves.
///
/// If a process dies reading: it is counted out, at once for processes that ruche started, within 100 ms for others.
/// (It
///   had nothing to spoil.)
/// If a process dies writing: the lock is free at once, and `owner_died` tells the next writer, and the readers before
/// it. Limits: the readers of 256 processes at once; more wait.
class shared_mutex : public detail::block_handle {
public:
    shared_mutex();
    explicit shared_mutex(detail::received_block received);

    void lock() { (void)lock_until(deadline::never()); }
    [[nodiscard]] bool try_lock() { return lock_until(deadline(std::chrono::nanoseconds(0))); }
    [[nodiscard]] bool try_lock_for(std::chrono::nanoseconds patience) { return lock_until(deadline(patience)); }
    template <class Clock, class Duration>
    [[nodiscard]] bool try_lock_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return lock_until(deadline(moment));
    }
    void unlock();

    void lock_shared() { (void)lock_shared_until(deadline::never()); }
    [[nodiscard]] bool try_lock_shared() { return lock_shared_until(deadline(std::chrono::nanoseconds(0))); }
    [[nodiscard]] bool try_lock_shared_for(std::chrono::nanoseconds patience)
    {
        return lock_shared_until(deadline(patience));
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool try_lock_shared_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return lock_shared_until(deadline(moment));
    }
    void unlock_shared();

    /// Whether a writer died and no other has finished since.
    [[nodiscard]] bool owner_died() const;

private:
    bool lock_until(const deadline& until);
    bool lock_shared_until(const deadline& until);
};

template <>
struct codec<shared_mutex> : detail::block_codec<shared_mutex> {};

} // namespace ruche
