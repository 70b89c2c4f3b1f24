#include "inspect/portrait.hpp"

#include "queue/layout.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ruche::inspect {

namespace {

using detail::lease_entry;
using detail::queue_geometry;
using detail::queue_header;
using detail::record_trailer;

// The trailer that ends at `position`: it stays as it is while `position` is the head or the tail, so who finds head
// and tail unchanged afterwards has read the right ones.
record_trailer trailer_at(memory file, const queue_header& header, std::uint64_t position)
{
    record_trailer trailer;
    if (position == 0)
        return trailer;
    const std::uint64_t at = (position - sizeof trailer) & (header.ring_bytes - 1);
    std::memcpy(&trailer, file.data() + queue_geometry::ring + at, sizeof trailer);
    return trailer;
}

void add_counts(portrait& seen, memory file, const queue_header& header)
{
    constexpr int tries = 100; // a queue in a storm may change between every two looks: the last one is near enough
    for (int i = 0; i < tries; ++i) {
        const std::uint64_t head = header.head.load(), tail = header.tail.load();
        const record_trailer first = trailer_at(file, header, head), last = trailer_at(file, header, tail);
        seen.facts["items"] = last.items - first.items;
        seen.facts["bytes"] = tail - head;
        seen.facts["pushed"] = last.items;
        seen.facts["popped"] = first.items;
        seen.facts["large_bytes"] = std::uint64_t{last.large - first.large} * detail::large_unit;
        if (header.head.load() == head && header.tail.load() == tail)
            return;
    }
}

void add_leases(portrait& seen, memory file, const queue_header& header, const queue_geometry& sizes)
{
    seen.facts["leased"] = header.leases_taken.load();
    seen.facts["returned"] = header.leases_returned.load();
    const std::uint64_t head = header.head.load();
    const auto used = std::min(header.lease_entries_used.load(), detail::lease_limit);
    for (std::uint32_t i = 0; i < used; ++i) {
        const auto& entry =
            *reinterpret_cast<const lease_entry*>(file.data() + sizes.lease_entries() + i * sizeof(lease_entry));
        if (entry.now.load().state != lease_entry::held || entry.position >= head)
            continue;
        const auto pid = static_cast<int>(entry.holder);
        const auto known = std::find_if(seen.holders.begin(), seen.holders.end(),
                                        [&](const auto& one) { return one.process == pid && one.how == "leases"; });
        if (known != seen.holders.end())
            ++known->count;
        else
            seen.holders.push_back({pid, 0, "leases", 1});
    }
}

void add_lock(portrait& seen, const os::futex_word& lock, const char* how)
{
    if (const auto thread = static_cast<int>(os::holder_of(lock)))
        seen.holders.push_back({0, thread, how, 1});
}

} // namespace

portrait portrait_of_queue(memory file, bool is_channel)
{
    portrait seen;
    const auto* const header = as<queue_header>(file);
    if (!header || header->magic != queue_header::right_magic || header->version != queue_header::right_version)
        return seen;
    const queue_geometry sizes{header->ring_bytes, header->large_bytes};
    if (!std::has_single_bit(sizes.ring_bytes) || sizes.ring_bytes > file.size() || sizes.large_bytes > file.size() ||
        sizes.total() != file.size())
        return seen;
    add_counts(seen, file, *header);
    seen.facts["capacity"] = header->ring_bytes;
    seen.facts["large_capacity"] = header->large_bytes;
    seen.facts["closed"] = header->closed.load();
    if (is_channel)
        return seen;
    if (header->item_limit != 0)
        seen.facts["item_limit"] = header->item_limit;
    add_leases(seen, file, *header, sizes);
    add_lock(seen, header->producers, "pushes");
    add_lock(seen, header->consumers, "pops");
    return seen;
}

std::string reason_to_wait_at_queue(std::size_t offset, bool is_channel)
{
    static const queue_header where; // one that says where its members lie
    const auto is = [&](const auto& member) {
        return static_cast<std::size_t>(reinterpret_cast<const char*>(&member) -
                                        reinterpret_cast<const char*>(&where)) == offset;
    };
    if (is(where.not_empty))
        return is_channel ? "to receive" : "to pop";
    if (is(where.not_full))
        return is_channel ? "to send" : "to push";
    return is(where.all_done) ? "until all is done" : "for it";
}

} // namespace ruche::inspect
