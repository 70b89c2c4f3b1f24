#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>

#include <chrono>

namespace ruche {

namespace detail {

/// What the two kinds of mutex have in common: a robust lock in shared memory.
class basic_mutex : public block_handle {
public:
    /// Waits for the lock.
    /// Throws: `std::system_error` (`resource_deadlock_would_occur`) if this thread holds it already and may not twice.
    void lock();
    [[nodiscard]] bool try_lock();
    [[nodiscard]] bool try_lock_for(std::chrono::nanoseconds patience) { return try_lock_until(deadline(patience)); }
    template <class Clock, class Duration>
    [[nodiscard]] bool try_lock_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return try_lock_until(deadline(moment));
    }

    /// Gives the lock back. Throws: `std::system_error` (`operation_not_permitted`) if this thread doesn't hold it.
    void unlock();

    /// For the holder: whether the one before died holding it, so that what it protects may be half changed. Until the
    /// lock is given back.
    [[nodiscard]] bool owner_died() const;

protected:
    basic_mutex(std::uint64_t kind, bool recursive);
    basic_mutex(received_block received, std::uint64_t kind);

private:
    [[nodiscard]] bool try_lock_until(const deadline& until);
};

} // namespace detail

/// A mutual exclusion between the threads of all processes that hold it, used as `std::timed_mutex` is.
///
///     ruche::mutex m;
///     ruche::process a(add, m, total), b(add, m, total);
///     …
///     std::scoped_lock lock(m);
///     if (m.owner_died())
///         repair(*total);
///
/// A handle: copies, and what another process receives, are the same mutex and compare equal.
///
/// Across processes: what the last holder wrote is visible to the next, also what it wrote before it died.
/// If a process dies holding it: the lock is free at once, the next `lock` succeeds, and `owner_died` tells.
/// If its last handle in a process goes while a thread there holds it: its memory stays mapped until that process ends.
class mutex : public detail::basic_mutex {
public:
    mutex();
    explicit mutex(detail::received_block received);
};

/// The same, for a holder that may lock it again; it is free when unlocked as often.
class recursive_mutex : public detail::basic_mutex {
public:
    recursive_mutex();
    explicit recursive_mutex(detail::received_block received);
};

template <>
struct codec<mutex> : detail::block_codec<mutex> {};
template <>
struct codec<recursive_mutex> : detail::block_codec<recursive_mutex> {};

} // namespace ruche
