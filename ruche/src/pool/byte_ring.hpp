#pragma once

#include "os/futex.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

/// A stream of bytes in memory that two processes share: one writes, one reads, without locks.
///
/// What was written is there from the one store that moves `tail` past it, so a writer that is killed has written all
/// of a piece or nothing. Each side keeps its own index to itself and publishes a copy: whatever the other process
/// does to the shared words, an index that can't be is the end of the stream, and no byte outside is touched.
namespace ruche::pooling {

/// A power of two: indices count bytes, and wrap around with their type.
inline constexpr std::uint32_t ring_bytes = 64 * 1024;

/// Happy to start as zeroes.
struct shared_ring {
    alignas(64) os::futex_word tail; ///< bytes ever written; stored by the writer
    alignas(64) os::futex_word head; ///< bytes ever read; stored by the reader
    alignas(64) std::byte bytes[ring_bytes];
};

class ring_writer {
public:
    explicit ring_writer(shared_ring& in) noexcept : in_(&in) {}

    /// Whether there is room for a byte; true also if the reader's index makes no sense, which `write` tells.
    [[nodiscard]] bool has_room() const noexcept { return tail_ - in_->head.load() != ring_bytes; }

    /// Writes as much as there is room for. Returns how much that was; nothing if the reader's index makes no sense.
    [[nodiscard]] std::optional<std::size_t> write(std::span<const std::byte> what) noexcept
    {
        const std::uint32_t used = tail_ - in_->head.load(std::memory_order_acquire);
        if (used > ring_bytes)
            return std::nullopt;
        const std::size_t size = std::min<std::size_t>(what.size(), ring_bytes - used);
        if (size == 0)
            return 0;
        const std::size_t at = tail_ % ring_bytes;
        const std::size_t first = std::min<std::size_t>(size, ring_bytes - at);
        std::memcpy(in_->bytes + at, what.data(), first);
        std::memcpy(in_->bytes, what.data() + first, size - first);
        tail_ += static_cast<std::uint32_t>(size);
        in_->tail.store(tail_); // seq_cst: before the look at whether the reader sleeps
        return size;
    }

private:
    shared_ring* in_;
    std::uint32_t tail_ = 0;
};

class ring_reader {
public:
    explicit ring_reader(shared_ring& in) noexcept : in_(&in) {}

    /// Whether there is something to read, or the writer's index makes no sense, which `read` tells.
    [[nodiscard]] bool has_more() const noexcept { return in_->tail.load() != head_; }

    /// Appends at most `most` bytes of what is there. Returns how many; nothing if the writer's index makes no sense.
    [[nodiscard]] std::optional<std::size_t> read(std::vector<std::byte>& to, std::size_t most = ring_bytes)
    {
        const std::uint32_t there = in_->tail.load(std::memory_order_acquire) - head_;
        if (there > ring_bytes)
            return std::nullopt;
        const std::size_t size = std::min<std::size_t>(there, most);
        if (size == 0)
            return 0;
        const std::size_t at = head_ % ring_bytes;
        const std::size_t first = std::min<std::size_t>(size, ring_bytes - at);
        to.insert(to.end(), in_->bytes + at, in_->bytes + at + first);
        to.insert(to.end(), in_->bytes, in_->bytes + (size - first));
        head_ += static_cast<std::uint32_t>(size);
        in_->head.store(head_); // seq_cst: before the look at whether the writer waits for room
        return size;
    }

private:
    shared_ring* in_;
    std::uint32_t head_ = 0;
};

} // namespace ruche::pooling
