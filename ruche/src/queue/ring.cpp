#include "queue/ring.hpp"

#include "os/process_identity.hpp"

namespace ruche::detail {

void ring_writer::refresh_head() noexcept
{
    queue_header& header = memory_.header();
    // Acquire: a consumer has read what lies before the new head. Stored at once: from here on this process may
    // overwrite what lies before it, so nobody may use an older one again.
    head_ = header.head.load(std::memory_order_acquire);
    header.head_seen.store(head_, std::memory_order_relaxed);
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
    const std::uint32_t needed = large_units(bytes);
    std::uint32_t used_from = large_used_from();
    if (ends_.large + needed - used_from > large_units(area)) {
        refresh_head();
        used_from = large_used_from();
    }
    std::uint32_t start = ends_.large;
    const std::uint32_t mask = large_units(area) - 1;
    const std::size_t offset = std::size_t{start & mask} * large_unit;
    if (start == used_from) {
        // Nothing is in it: start over at the front rather than touch pages that were never used.
        if (offset + bytes > memory_.header().large_reserved.load(std::memory_order_relaxed))
            start = (start + mask) & ~mask;
    } else if (start + needed - used_from > large_units(area)) {
        return std::nullopt;
    }
    const std::size_t begin = std::size_t{start & mask} * large_unit;
    reserve_large(std::min(begin + bytes, area));
    return start;
}

bool ring_writer::put_large(const outgoing& item, std::uint32_t packet)
{
    if (!room_for(record_bytes(sizeof(large_reference))) || !below_item_limit())
        return false;
    const std::size_t bytes = stored_size(item);
    const auto start = place_large(bytes);
    if (!start)
        return false;
    const std::uint32_t mask = large_units(memory_.sizes().large_bytes) - 1;
    const large_reference where{std::uint64_t{*start & mask} * large_unit, bytes, item.apart.empty() ? 0U : 1U};
    if (where.packed != 0)
        pack({item.bytes, item.apart}, memory_.large_at(where.offset));
    else
        std::memcpy(memory_.large_at(where.offset), item.bytes.data(), bytes);
    ++ends_.items;
    ends_.large = *start + large_units(bytes);
    write({record_header::is_large, packet}, std::as_bytes(std::span(&where, 1)));
    return true;
}

} // namespace ruche::detail
