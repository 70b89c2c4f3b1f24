#include "queue/ring.hpp"

#include "mutation.hpp"
#include "os/process_identity.hpp"

#include <cstring>

namespace ruche::detail {

namespace {

constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 7) & ~std::size_t{7}; }

constexpr std::size_t record_bytes(std::size_t payload) noexcept
{
    return sizeof(record_header) + padded(payload) + sizeof(record_trailer);
}

// Larger ones go beside the ring: a few always fit into it, and a copy under a lock stays short.
constexpr std::size_t largest_inline(const queue_geometry& sizes) noexcept
{
    return std::min<std::size_t>(sizes.ring_bytes / 4, 64 * 1024) - record_bytes(0);
}

constexpr std::uint32_t units(std::size_t bytes) noexcept
{
    return static_cast<std::uint32_t>((bytes + large_unit - 1) / large_unit);
}

} // namespace

record_trailer trailer_before(const queue_memory& memory, std::uint64_t position) noexcept
{
    record_trailer trailer;
    std::memcpy(&trailer, memory.ring_at(position - sizeof trailer), sizeof trailer);
    return trailer;
}

std::size_t stored_size(const outgoing& item) noexcept
{
    return item.apart.empty() ? item.bytes.size() : packed_size({item.bytes, item.apart});
}

std::size_t largest_item(const queue_geometry& sizes) noexcept
{
    return std::max(sizes.large_bytes, largest_inline(sizes));
}

ring_writer::ring_writer(const queue_memory& memory) noexcept :
    memory_(memory), at_(memory.header().tail.load(std::memory_order_relaxed)),
    head_(memory.header().head_seen.load(std::memory_order_relaxed)), ends_(trailer_before(memory, at_)),
    before_at_(at_), before_ends_(ends_)
{}

void ring_writer::refresh_head() noexcept
{
    queue_header& header = memory_.header();
    // Acquire: a consumer has read what lies before the new head. Stored at once: from here on this process may
    // overwrite what lies before it, so nobody may use an older one again.
    head_ = header.head.load(std::memory_order_acquire);
    header.head_seen.store(head_, std::memory_order_relaxed);
}

bool ring_writer::room_for(std::size_t bytes) noexcept
{
    // The trailer right before the head is the consumers' state: it must survive.
    constexpr std::size_t kept = broken(mutation::room_reaches_the_head) ? 0 : sizeof(record_trailer);
    const auto fits = [&] { return at_ + bytes - head_ <= memory_.sizes().ring_bytes - kept; };
    if (fits())
        return true;
    refresh_head();
    return fits();
}

bool ring_writer::below_item_limit() noexcept
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

void ring_writer::reserve_large(std::size_t end)
{
    auto& reserved = memory_.header().large_reserved;
    const std::size_t have = reserved.load(std::memory_order_relaxed);
    if (end <= have)
        return;
    // In steps, and with the pages kept afterwards: asking the kernel for each item would cost more than the copy.
    constexpr std::size_t step = std::size_t{256} * 1024;
    const std::size_t next = std::min((end + step - 1) & ~(step - 1), memory_.sizes().large_bytes);
    os::reserve(memory_.file(), memory_.sizes().large() + have, next - have);
    reserved.store(next, std::memory_order_relaxed);
}

// What is still being read where it lies was popped, so it may lie before what the head knows of. An entry may be freed
// and used again meanwhile; then its word has changed.
std::uint32_t ring_writer::large_used_from() const noexcept
{
    std::uint32_t from = trailer_before(memory_, head_).large;
    const std::uint32_t entries = memory_.header().lease_entries_used.load(std::memory_order_acquire);
    for (std::uint32_t index = 0; index < entries; ++index) {
        lease_entry& entry = memory_.entry(index);
        lease_entry::word now = entry.now.load(std::memory_order_acquire);
        if (now.state != lease_entry::read)
            continue;
        const auto start = static_cast<std::uint32_t>(entry.heap_offset);
        const os::process_identity reader{entry.holder, entry.holder_start};
        std::atomic_thread_fence(std::memory_order_acquire);
        const lease_entry::word after = entry.now.load(std::memory_order_relaxed);
        if (after.state != now.state || after.deliveries != now.deliveries) {
            --index; // once more
            continue;
        }
        if (ends_.large - start <= ends_.large - from)
            continue;
        if (reader.is_alive() || !entry.now.compare_exchange_strong(now, {}))
            from = start;
    }
    return from;
}

// The large area is a ring of its own, given out and given back in the order of the records that refer to it.
std::optional<std::uint32_t> ring_writer::place_large(std::size_t bytes)
{
    const std::size_t area = memory_.sizes().large_bytes;
    const std::uint32_t needed = units(bytes);
    std::uint32_t used_from = large_used_from();
    if (ends_.large + needed - used_from > units(area)) {
        refresh_head();
        used_from = large_used_from();
    }
    std::uint32_t start = ends_.large;
    const std::uint32_t mask = units(area) - 1;
    const std::size_t offset = std::size_t{start & mask} * large_unit;
    if (start == used_from) {
        // Nothing is in it: start over at the front rather than touch pages that were never used.
        if (offset + bytes > memory_.header().large_reserved.load(std::memory_order_relaxed))
            start = (start + mask) & ~mask;
    } else if (start + needed - used_from > units(area)) {
        return std::nullopt;
    }
    const std::size_t begin = std::size_t{start & mask} * large_unit;
    reserve_large(std::min(begin + bytes, area));
    return start;
}

void ring_writer::write(record_header header, std::span<const std::byte> payload) noexcept
{
    if (broken(mutation::tail_moves_before_the_copy))
        memory_.header().tail.store(at_ + record_bytes(payload.size()), std::memory_order_release);
    std::byte* const record = memory_.ring_at(at_);
    std::memcpy(record, &header, sizeof header);
    if (!payload.empty())
        std::memcpy(record + sizeof header, payload.data(), payload.size());
    std::memcpy(record + record_bytes(payload.size()) - sizeof ends_, &ends_, sizeof ends_);
    at_ += record_bytes(payload.size());
}

bool ring_writer::put(const outgoing& item, std::uint32_t packet)
{
    before_at_ = at_;
    before_ends_ = ends_;
    const std::size_t bytes = stored_size(item);
    const bool inside = item.apart.empty() && bytes <= largest_inline(memory_.sizes());
    if (!room_for(record_bytes(inside ? bytes : sizeof(large_reference))) || !below_item_limit())
        return false;
    if (!inside)
        return put_large(item, bytes, packet);
    ++ends_.items;
    write({static_cast<std::uint32_t>(bytes), packet}, item.bytes);
    return true;
}

bool ring_writer::put_large(const outgoing& item, std::size_t bytes, std::uint32_t packet)
{
    const auto start = place_large(bytes);
    if (!start)
        return false;
    const std::uint32_t mask = units(memory_.sizes().large_bytes) - 1;
    const large_reference where{std::uint64_t{*start & mask} * large_unit, bytes, item.apart.empty() ? 0U : 1U};
    if (where.packed != 0)
        pack({item.bytes, item.apart}, memory_.large_at(where.offset));
    else
        std::memcpy(memory_.large_at(where.offset), item.bytes.data(), bytes);
    ++ends_.items;
    ends_.large = *start + units(bytes);
    write({record_header::is_large, packet}, std::as_bytes(std::span(&where, 1)));
    return true;
}

void ring_writer::commit() noexcept
{
    // Release: whoever sees the new tail sees the records before it. Until this store they do not exist, so a death
    // anywhere above leaves nothing to repair.
    memory_.header().tail.store(at_, std::memory_order_release);
}

ring_reader::ring_reader(const queue_memory& memory) noexcept :
    memory_(memory), at_(memory.header().head.load(std::memory_order_relaxed)), next_(at_),
    tail_(memory.header().tail_seen.load(std::memory_order_relaxed))
{}

std::optional<stored_item> ring_reader::front() noexcept
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
    } else {
        item.bytes = {record + sizeof what, what.bytes};
        next_ = at_ + record_bytes(what.bytes);
    }
    const record_trailer trailer = trailer_before(memory_, next_);
    item.sequence = trailer.items;
    item.large = trailer.large - units(item.bytes.size());
    if (broken(mutation::head_moves_before_the_copy))
        header.head.store(next_, std::memory_order_release);
    return item;
}

void ring_reader::commit() noexcept
{
    // Release: a producer that sees the new head may overwrite what was read before it. Until this store the items are
    // still there for the next consumer.
    memory_.header().head.store(at_, std::memory_order_release);
}

} // namespace ruche::detail
