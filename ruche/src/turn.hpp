#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace ruche {

/// A lock that one can wait for until a moment of the steady clock. It is what `std::timed_mutex` is; that one's
/// `pthread_mutex_clocklock` is unknown to g++ 12's thread sanitizer, which then reports every unlock.
class turn {
public:
    void lock()
    {
        std::unique_lock guard(mutex_);
        free_.wait(guard, [this] { return !taken_; });
        taken_ = true;
    }

    [[nodiscard]] bool try_lock_until(std::chrono::steady_clock::time_point moment)
    {
        std::unique_lock guard(mutex_);
        if (!free_.wait_until(guard, moment, [this] { return !taken_; }))
            return false;
        taken_ = true;
        return true;
    }

    void unlock()
    {
        {
            const std::scoped_lock guard(mutex_);
            taken_ = false;
        }
        free_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable free_;
    bool taken_ = false; ///< guarded by mutex_
};

} // namespace ruche
