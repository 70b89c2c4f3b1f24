#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace ruche {

/// Where a process says that it lives, in memory that it shares with its starter.
class heart {
public:
    using clock = std::chrono::steady_clock;

    /// By the starter, before the process starts.
    void begin(std::chrono::nanoseconds interval) noexcept
    {
        interval_.store(std::max<std::int64_t>(interval.count(), 0), std::memory_order_relaxed);
        beat();
    }
    /// By the process. Nothing else is told by it, so it orders nothing.
    void beat() noexcept { last_.store(clock::now().time_since_epoch().count(), std::memory_order_relaxed); }

    /// How often it has promised to beat; 0: never.
    [[nodiscard]] std::chrono::nanoseconds interval() const noexcept
    {
        return std::chrono::nanoseconds(interval_.load(std::memory_order_relaxed));
    }
    /// The process writes it, so it may be anything: never later than now.
    [[nodiscard]] clock::time_point last() const noexcept
    {
        const clock::time_point last{clock::duration(last_.load(std::memory_order_relaxed))};
        return std::min(last, clock::now());
    }

private:
    std::atomic<std::int64_t> interval_;
    std::atomic<std::int64_t> last_;
};

/// The heart that beats while this thread waits: that of the process, in the thread that runs its function; else null.
/// Other threads' waits say nothing of whether the function goes on.
[[nodiscard]] heart* heart_of_this_thread() noexcept;
void set_heart_of_this_thread(heart* one) noexcept;

/// Beats, and shortens a wait so that the next beat is not late.
[[nodiscard]] inline std::chrono::nanoseconds beat_and_wait(std::chrono::nanoseconds wait) noexcept
{
    heart* const beating = heart_of_this_thread();
    if (!beating || beating->interval().count() == 0)
        return wait;
    beating->beat();
    return std::min(wait, beating->interval());
}

} // namespace ruche
