#include "os/pthread_mutex.hpp"

#include "os/this_thread.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>

#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

namespace {

void check_result(int result, const char* doing)
{
    if (result != 0)
        throw std::system_error(result, std::generic_category(), doing);
}

timespec in_parts(std::chrono::nanoseconds since) noexcept
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((since - seconds).count())};
}

} // namespace

void pthread_lock::make(bool recursive)
{
    pthread_mutexattr_t attributes;
    ::pthread_mutexattr_init(&attributes);
    ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    ::pthread_mutexattr_settype(&attributes, recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_ERRORCHECK);
    const int result = ::pthread_mutex_init(&mutex, &attributes);
    ::pthread_mutexattr_destroy(&attributes);
    check_result(result, "make a mutex");
}

bool pthread_lock::acquired(int result)
{
    if (result == EBUSY || result == ETIMEDOUT)
        return false;
    const bool died = result == EOWNERDEAD;
    if (died)
        result = ::pthread_mutex_consistent(&mutex);
    check_result(result, "lock a mutex");
    const std::uint32_t me = this_thread().tid;
    if (died || holder.load(std::memory_order_relaxed) != me) {
        depth = 0;
        owner_died = died;
        holder.store(me, std::memory_order_relaxed);
    }
    ++depth;
    return true;
}

void pthread_lock::lock() { (void)acquired(::pthread_mutex_lock(&mutex)); }

bool pthread_lock::try_lock() { return acquired(::pthread_mutex_trylock(&mutex)); }

bool pthread_lock::try_lock_until(const deadline& until)
{
    if (until.is_never()) {
        lock();
        return true;
    }
#ifdef __SANITIZE_THREAD__
    // The thread sanitizer of g++ 12 knows the lock with a time limit not at all (clocklock), or not when the owner
    // died (timedlock), and would take it for never taken. Under it, and only then, this asks every millisecond.
    for (;;) {
        if (try_lock())
            return true;
        if (until.passed())
            return false;
        const timespec pause = in_parts(std::min<std::chrono::nanoseconds>(until.left(), std::chrono::milliseconds(1)));
        ::nanosleep(&pause, nullptr);
    }
#else
    // steady_clock counts as CLOCK_MONOTONIC does in libstdc++ and libc++, and no change of the time of day moves it.
    const timespec at = in_parts(until.moment().time_since_epoch());
    return acquired(::pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &at));
#endif
}

void pthread_lock::unlock()
{
    // Asked here and not of the C library, because the fields may only be changed by the holder, before it lets go.
    if (holder.load(std::memory_order_relaxed) != this_thread().tid)
        check_result(EPERM, "unlock a mutex");
    if (--depth == 0)
        holder.store(0, std::memory_order_relaxed);
    check_result(::pthread_mutex_unlock(&mutex), "unlock a mutex");
}

bool pthread_lock::is_held_in_this_process() const noexcept
{
    const auto thread = holder.load(std::memory_order_relaxed);
    return thread != 0 && ::syscall(SYS_tgkill, ::getpid(), static_cast<pid_t>(thread), 0) == 0;
}

} // namespace ruche::os
