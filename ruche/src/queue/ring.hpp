#pragma once

#include "queue/memory.hpp"

#include <optional>
#include <span>

/// The records of a queue, without its locks and its waiting. One writer and one reader at a time (who hold the
/// producers' and the consumers' lock) may work side by side.
namespace ruche::detail {

/// An item as it lies in shared memory; valid until the reader's `commit`.
struct stored_item {
    std::span<const std::byte> bytes;
    std::uint32_t packet = 0;   ///< of its descriptors; 0: none
    std::uint32_t sequence = 0; ///< its number among all items, counted modulo 2^32
    std::uint64_t position = 0;
    std::uint32_t large = 0; ///< where it starts in the large area, in units; if it lies there
    bool packed = false;     ///< a `packed_message`
};

/// The trailer that ends at `position`. It stays as it is while `position` is the head or behind it in the ring.
[[nodiscard]] record_trailer trailer_before(const queue_memory& memory, std::uint64_t position) noexcept;

/// What an item takes once it is stored.
[[nodiscard]] std::size_t stored_size(const outgoing& item) noexcept;

/// The largest item that a queue of these sizes can ever hold.
[[nodiscard]] std::size_t largest_item(const queue_geometry& sizes) noexcept;

/// Adds records behind the tail. What it has put is invisible, and vanishes with it, until `commit`.
class ring_writer {
public:
    /// The caller holds the producers' lock.
    explicit ring_writer(const queue_memory& memory) noexcept;

    /// Puts one item; false if there is no room for it now. Throws: `os_error` if the machine has no pages left.
    [[nodiscard]] bool put(const outgoing& item, std::uint32_t packet);

    /// Takes back what was put last; once.
    void undo() noexcept
    {
        at_ = before_at_;
        ends_ = before_ends_;
    }

    /// Makes all of them items of the queue, with one store.
    void commit() noexcept;
    /// The same, and a full barrier: for who looks at a doorbell next, without an unlock between.
    void commit_before_a_look() noexcept { memory_.header().tail.exchange(at_, std::memory_order_seq_cst); }

private:
    [[nodiscard]] bool room_for(std::size_t record_bytes) noexcept;
    [[nodiscard]] bool below_item_limit() noexcept;
    [[nodiscard]] bool put_large(const outgoing& item, std::size_t bytes, std::uint32_t packet);
    [[nodiscard]] std::optional<std::uint32_t> place_large(std::size_t bytes);
    [[nodiscard]] std::uint32_t large_used_from() const noexcept;
    void reserve_large(std::size_t end);
    void write(record_header header, std::span<const std::byte> payload) noexcept;
    void refresh_head() noexcept;

    const queue_memory& memory_;
    std::uint64_t at_;
    std::uint64_t head_;
    record_trailer ends_;
    std::uint64_t before_at_;
    record_trailer before_ends_;
};

/// Takes records from the head.
class ring_reader {
public:
    /// The caller holds the consumers' lock.
    explicit ring_reader(const queue_memory& memory) noexcept;

    /// The oldest item that is not dropped yet, or nothing.
    [[nodiscard]] std::optional<stored_item> front() noexcept;

    /// Goes on to the next; others see it at `commit`.
    void drop_front() noexcept { at_ = next_; }

    /// Takes what was dropped out of the queue, with one store.
    void commit() noexcept;
    /// The same, and a full barrier, as in `ring_writer`.
    void commit_before_a_look() noexcept { memory_.header().head.exchange(at_, std::memory_order_seq_cst); }

private:
    const queue_memory& memory_;
    std::uint64_t at_;
    std::uint64_t next_;
    std::uint64_t tail_;
};

} // namespace ruche::detail
