#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ruche {

enum class activity : std::uint32_t {
    sending, ///< taking requests, telling results: all that is neither of the others
    waiting, ///< for tasks
    working, ///< in tasks, their arguments' decoding and their results' encoding included
};

/// How a worker has spent its time. The worker writes, anybody who shares the memory may read; what is read in the very
/// moment of a change may be off by the last stretch. Happy to start as zeroes.
class time_split {
public:
    using nanoseconds = std::int64_t; ///< of the steady clock, which all processes share

    /// Called by the worker: from `at` on it does this.
    void enter(activity what, nanoseconds at) noexcept
    {
        auto& before = spent_[doing_.load(std::memory_order_relaxed)];
        if (const nanoseconds since = since_.load(std::memory_order_relaxed); since != 0)
            before.store(before.load(std::memory_order_relaxed) + (at - since), std::memory_order_relaxed);
        since_.store(at, std::memory_order_relaxed);
        doing_.store(static_cast<std::uint32_t>(what), std::memory_order_relaxed);
    }

    /// The time spent so far.
    [[nodiscard]] std::chrono::nanoseconds spent(activity on, nanoseconds now) const noexcept
    {
        const auto which = static_cast<std::uint32_t>(on);
        nanoseconds sum = spent_[which].load(std::memory_order_relaxed);
        const nanoseconds since = since_.load(std::memory_order_relaxed);
        if (since != 0 && doing_.load(std::memory_order_relaxed) == which && now > since)
            sum += now - since;
        return std::chrono::nanoseconds(sum);
    }

private:
    std::array<std::atomic<nanoseconds>, 3> spent_;
    std::atomic<nanoseconds> since_; ///< 0: not begun
    std::atomic<std::uint32_t> doing_;
};

} // namespace ruche
