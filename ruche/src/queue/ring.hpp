#pragma once

#include "mutation.hpp"
#include "os/processors.hpp"
#include "queue/memory.hpp"

#include <algorithm>
#include <cstring>
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

[[nodiscard]] constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 7) & ~std::size_t{7}; }

[[nodiscard]] constexpr std::size_t record_bytes(std::size_t payload) noexcept
{
    return sizeof(record_header) + padded(payload) + sizeof(record_trailer);
}

/// Larger items go beside the ring: a few always fit into it, and a copy under a lock stays short.
[[nodiscard]] constexpr std::size_t largest_inline(const queue_geometry& sizes) noexcept
{
    return std::min<std::size_t>(sizes.ring_bytes / 4, 64 * 1024) - record_bytes(0);
}

/// How much of the large area so many bytes take.
[[nodiscard]] constexpr std::uint32_t large_units(std::size_t bytes) noexcept
{
    return static_cast<std::uint32_t>((bytes + large_unit - 1) / large_unit);
}

/// The trailer that ends at `position`. It stays as it is while `position` is the head or behind it in the ring.
[[nodiscard]] inline record_trailer trailer_before(const queue_memory& memory, std::uint64_t position) noexcept
{
    record_trailer trailer;
    std::memcpy(&trailer, memory.ring_at(position - sizeof trailer), sizeof trailer);
    return trailer;
}

/// What an item takes once it is stored.
[[nodiscard]] inline std::size_t stored_size(const outgoing& item) noexcept
{
    return item.apart.empty() ? item.bytes.size() : packed_size({item.bytes, item.apart});
}

/// The largest item that a queue of these sizes can ever hold.
[[nodiscard]] constexpr std::size_t largest_item(const queue_geometry& sizes) noexcept
{
    return std::max(sizes.large_bytes, largest_inline(sizes));
}

/// What memcpy does, without the call where the size is a usual one. Reads or writes nothing outside either range.
inline void copy_item(std::byte* to, const std::byte* from, std::size_t bytes) noexcept
{
    constexpr std::size_t step = 16; // one move of most processors; the last one may overlap the one before
    if (bytes < step || bytes > 4 * step) {
        if (bytes != 0)
            std::memcpy(to, from, bytes);
        return;
    }
    std::memcpy(to, from, step);
    if (bytes > 2 * step) {
        std::memcpy(to + step, from + step, step);
        std::memcpy(to + bytes - 2 * step, from + bytes - 2 * step, step);
    }
    std::memcpy(to + bytes - step, from + bytes - step, step);
}

/// How far before its turn the memory of the ring is brought to the processor that will use it: what it waits for at
/// the next unlock would otherwise be the other side's cache. A few records of usual size.
inline constexpr std::size_t fetched_ahead = 256;

/// Adds records behind the tail. What it has put is invisible, and vanishes with it, until `commit`.
class ring_writer {
public:
    /// The caller holds the producers' lock.
    explicit ring_writer(const queue_memory& memory) noexcept :
        memory_(memory), at_(memory.header().tail.load(std::memory_order_relaxed)),
        head_(memory.header().head_seen.load(std::memory_order_relaxed)), ends_(trailer_before(memory, at_)),
        before_at_(at_), before_ends_(ends_)
    {}

    /// Puts one item; false if there is no room for it now. Throws: `os_error` if the machine has no pages left.
    [[nodiscard]] bool put(const outgoing& item, std::uint32_t packet)
    {
        before_at_ = at_;
        before_ends_ = ends_;
        if (!item.apart.empty() || item.bytes.size() > largest_inline(memory_.sizes())) [[unlikely]]
            return put_large(item, packet);
        if (!room_for(record_bytes(item.bytes.size())) || !below_item_limit()) [[unlikely]]
            return false;
        ++ends_.items;
        write({static_cast<std::uint32_t>(item.bytes.size()), packet}, item.bytes);
        return true;
    }

    /// Takes back what was put last; once.
    void undo() noexcept
    {
        at_ = before_at_;
        ends_ = before_ends_;
    }

    /// Makes all of them items of the queue, with one store.
    void commit() noexcept
    {
        // Release: whoever sees the new tail sees the records before it. Until this store they do not exist, so a death
        // anywhere above leaves nothing to repair.
        memory_.header().tail.store(at_, std::memory_order_release);
    }

private:
    [[nodiscard]] bool room_for(std::size_t bytes) noexcept;
    [[nodiscard]] bool below_item_limit() noexcept;
    [[nodiscard]] bool put_large(const outgoing& item, std::uint32_t packet);
    [[nodiscard]] std::optional<std::uint32_t> place_large(std::size_t bytes);
    [[nodiscard]] std::uint32_t large_used_from() const noexcept;
    void reserve_large(std::size_t end);
    void write(record_header header, std::span<const std::byte> payload) noexcept;
    [[gnu::noinline]] void refresh_head() noexcept;

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
    explicit ring_reader(const queue_memory& memory) noexcept :
        memory_(memory), at_(memory.header().head.load(std::memory_order_relaxed)), next_(at_),
        tail_(memory.header().tail_seen.load(std::memory_order_relaxed))
    {}

    /// The oldest item that is not dropped yet, or nothing.
    [[nodiscard]] std::optional<stored_item> front() noexcept;

    /// Goes on to the next; others see it at `commit`.
    void drop_front() noexcept { at_ = next_; }

    /// Takes what was dropped out of the queue, with one store.
    void commit() noexcept
    {
        // Release: a producer that sees the new head may overwrite what was read before it. Until this store the items
        // are still there for the next consumer.
        memory_.header().head.store(at_, std::memory_order_release);
    }

private:
    const queue_memory& memory_;
    std::uint64_t at_;
    std::uint64_t next_;
    std::uint64_t tail_;
};

inline bool ring_writer::room_for(std::size_t bytes) noexcept
{
    // The trailer right before the head is the consumers' state: it must survive.
    constexpr std::size_t kept = broken(mutation::room_reaches_the_head) ? 0 : sizeof(record_trailer);
    const auto fits = [&] { return at_ + bytes - head_ <= memory_.sizes().ring_bytes - kept; };
    if (fits())
        return true;
    refresh_head();
    return fits();
}

inline bool ring_writer::below_item_limit() noexcept
{
    const std::uint32_t limit = memory_.header().item_limit;
    if (limit == 0)
        return true;
    const auto waiting = [&] { return ends_.items - trailer_before(memory_, head_).items; };
    if (waiting() < limit)
        return true;
    refresh_head();
    return waiting() < limit;
}

inline void ring_writer::write(record_header header, std::span<const std::byte> payload) noexcept
{
    if (broken(mutation::tail_moves_before_the_copy))
        memory_.header().tail.store(at_ + record_bytes(payload.size()), std::memory_order_release);
    std::byte* const record = memory_.ring_at(at_);
    std::memcpy(record, &header, sizeof header);
    copy_item(record + sizeof header, payload.data(), payload.size());
    std::memcpy(record + record_bytes(payload.size()) - sizeof ends_, &ends_, sizeof ends_);
    at_ += record_bytes(payload.size());
    if (at_ + fetched_ahead - head_ < memory_.sizes().ring_bytes)
        os::prefetch_for_writing(memory_.ring_at(at_ + fetched_ahead));
}

inline std::optional<stored_item> ring_reader::front() noexcept
{
    queue_header& header = memory_.header();
    if (at_ == tail_) {
        tail_ = header.tail.load(std::memory_order_acquire);
        header.tail_seen.store(tail_, std::memory_order_relaxed);
        if (at_ == tail_)
            return std::nullopt;
    }
    const std::byte* const record = memory_.ring_at(at_);
    record_header what;
    std::memcpy(&what, record, sizeof what);
    stored_item item;
    item.packet = what.packet;
    item.position = at_;
    if (what.bytes == record_header::is_large) {
        large_reference where;
        std::memcpy(&where, record + sizeof what, sizeof where);
        item.bytes = {memory_.large_at(where.offset), where.bytes};
        item.packed = where.packed != 0;
        next_ = at_ + record_bytes(sizeof where);
        item.large = trailer_before(memory_, next_).large - large_units(where.bytes);
    } else {
        item.bytes = {record + sizeof what, what.bytes};
        next_ = at_ + record_bytes(what.bytes);
    }
    item.sequence = trailer_before(memory_, next_).items;
    if (tail_ - next_ > fetched_ahead)
        __builtin_prefetch(memory_.ring_at(next_ + fetched_ahead));
    if (broken(mutation::head_moves_before_the_copy))
        header.head.store(next_, std::memory_order_release);
    return item;
}

} // namespace ruche::detail
