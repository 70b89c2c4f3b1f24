#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace benchmarks {

/// The raw limit of the machine: a ring of fixed slots for one writer and one reader, without any promise. Each side
/// keeps the other's index and asks again only when the ring looks full or empty. Both spin.
template <class T, std::size_t Slots>
class bare_ring {
public:
    bool try_push(const T& value) noexcept
    {
        const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_seen_ == Slots) {
            head_seen_ = head_.load(std::memory_order_acquire);
            if (tail - head_seen_ == Slots)
                return false;
        }
        slots_[tail % Slots] = value;
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

    bool try_pop(T& value) noexcept
    {
        const std::uint64_t head = head_.load(std::memory_order_relaxed);
        if (head == tail_seen_) {
            tail_seen_ = tail_.load(std::memory_order_acquire);
            if (head == tail_seen_)
                return false;
        }
        value = slots_[head % Slots];
        head_.store(head + 1, std::memory_order_release);
        return true;
    }

private:
    alignas(64) std::atomic<std::uint64_t> tail_{0};
    std::uint64_t head_seen_ = 0;
    alignas(64) std::atomic<std::uint64_t> head_{0};
    std::uint64_t tail_seen_ = 0;
    alignas(64) std::array<T, Slots> slots_;
};

} // namespace benchmarks
