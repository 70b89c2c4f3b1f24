#pragma once

#include <ruche/deadline.hpp>

#include <atomic>
#include <cstdint>

#include <pthread.h>

/// The C library's robust mutex between processes. It is linked into the thread's robust list while it is held, so a
/// thread may hold any number of them, for any time.
namespace ruche::os {

struct pthread_lock {
    pthread_mutex_t mutex;
    std::atomic<std::uint32_t> holder; ///< thread id, 0 while free; lags behind after a death
    std::uint32_t depth;               ///< how often the holder has locked it; the holder's
    bool owner_died;                   ///< the holder's

    /// Throws: `os_error`.
    void make(bool recursive);

    /// Throws: `std::system_error` where a thread would wait for itself.
    void lock();
    [[nodiscard]] bool try_lock();
    [[nodiscard]] bool try_lock_until(const deadline& until);
    /// Throws: `std::system_error` if this thread doesn't hold it.
    void unlock();

    /// Whether a thread of this process holds it: then the C library has it in that thread's robust list, and it must
    /// stay where it is mapped.
    [[nodiscard]] bool is_held_in_this_process() const noexcept;

private:
    [[nodiscard]] bool acquired(int result);
};

} // namespace ruche::os
