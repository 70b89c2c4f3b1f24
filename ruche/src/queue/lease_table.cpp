#include "queue/lease_table.hpp"

#include "death_bell.hpp"
#include "mutation.hpp"

#include <array>
#include <chrono>
#include <cstring>

namespace ruche::detail {

namespace {

using word = lease_entry::word;
constexpr auto relaxed = std::memory_order_relaxed;

std::uint64_t now_in_nanoseconds() noexcept
{
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

void add(std::atomic<std::uint32_t>& count, std::uint32_t by) noexcept
{
    // The lock is held, so nobody writes between; readers without it only want to know whether to take it.
    count.store(count.load(relaxed) + by, std::memory_order_release);
}

constexpr std::uint32_t minus_one = 0xFFFF'FFFF;

} // namespace

void lease_table::repair() noexcept
{
    const std::uint64_t head = header().head.load(relaxed);
    std::uint32_t taken = 0;
    std::uint32_t returned = 0;
    for (std::uint32_t index = 0; index < used(); ++index) {
        lease_entry& entry = memory_.entry(index);
        if (entry.position >= head && !broken(mutation::stale_leases_stay))
            entry.now.store({}, relaxed);
        const std::uint32_t state = entry.now.load(relaxed).state;
        taken += state == lease_entry::held || state == lease_entry::returned;
        returned += state == lease_entry::returned;
    }
    header().leases_taken.store(taken, std::memory_order_release);
    header().leases_returned.store(returned, std::memory_order_release);
    header().looked_at.store(0, relaxed); // the dead may have held leases, too: look at once
}

std::uint32_t lease_table::held_by_others() const noexcept
{
    const std::uint32_t me = os::process_identity::current().pid;
    std::uint32_t count = 0;
    if (taken() == 0)
        return 0;
    for (std::uint32_t index = 0; index < used(); ++index) {
        const lease_entry& entry = memory_.entry(index);
        count += entry.now.load(relaxed).state == lease_entry::held && entry.holder != me;
    }
    return count;
}

bool lease_table::time_for_a_look() const noexcept
{
    const auto* const bell = death_bell();
    if (bell && bell->load(std::memory_order_acquire) != header().deaths_seen.load(relaxed))
        return true;
    const std::chrono::nanoseconds pause = longest_sleep();
    return now_in_nanoseconds() - header().looked_at.load(relaxed) >= static_cast<std::uint64_t>(pause.count());
}

std::uint32_t lease_table::return_of_the_dead() noexcept
{
    if (const auto* bell = death_bell())
        header().deaths_seen.store(bell->load(std::memory_order_acquire), relaxed);
    header().looked_at.store(now_in_nanoseconds(), relaxed);
    std::uint32_t count = 0;
    os::process_identity last = os::process_identity::current();
    bool last_is_alive = true;
    for (std::uint32_t index = 0; index < used(); ++index) {
        lease_entry& entry = memory_.entry(index);
        word state = entry.now.load(relaxed);
        if (state.state != lease_entry::held)
            continue;
        const os::process_identity holder{entry.holder, entry.holder_start};
        if (!(holder == last)) {
            last = holder;
            last_is_alive = holder.is_alive();
        }
        if (last_is_alive)
            continue;
        state.state = lease_entry::returned;
        entry.now.store(state, relaxed);
        add(header().leases_returned, 1);
        ++count;
    }
    return count;
}

std::optional<std::uint32_t> lease_table::oldest_returned() const noexcept
{
    std::optional<std::uint32_t> oldest;
    if (returned() == 0)
        return oldest;
    for (std::uint32_t index = 0; index < used(); ++index) {
        const lease_entry& entry = memory_.entry(index);
        if (entry.now.load(relaxed).state != lease_entry::returned)
            continue;
        if (!oldest || entry.position < memory_.entry(*oldest).position)
            oldest = index;
    }
    return oldest;
}

std::byte* lease_table::bytes_of(const lease_entry& entry, std::uint32_t index) const noexcept
{
    return entry.bytes <= lease_slot_bytes ? memory_.slot(index) : memory_.heap_at(entry.heap_offset);
}

stored_item lease_table::item(std::uint32_t index) const noexcept
{
    const lease_entry& entry = memory_.entry(index);
    stored_item found;
    found.bytes = {bytes_of(entry, index), entry.bytes};
    found.packet = entry.packet;
    found.sequence = entry.sequence;
    found.position = entry.position;
    found.packed = entry.packed != 0;
    return found;
}

std::optional<std::uint32_t> lease_table::free_entry() const noexcept
{
    const std::uint32_t hint = header().lease_hint.load(relaxed);
    if (hint < used() && memory_.entry(hint).now.load(relaxed).state == lease_entry::free)
        return hint;
    if (taken() < used())
        for (std::uint32_t index = 0; index < used(); ++index)
            if (memory_.entry(index).now.load(relaxed).state == lease_entry::free)
                return index;
    if (used() < lease_limit)
        return used();
    for (std::uint32_t index = 0; index < used(); ++index)
        if (free_dead_reader(memory_.entry(index)))
            return index;
    return std::nullopt;
}

// Those that died while they read an item in its place. Whoever frees the entry first, it happens once.
bool lease_table::free_dead_reader(lease_entry& entry) noexcept
{
    word now = entry.now.load(std::memory_order_acquire);
    return now.state == lease_entry::read && !os::process_identity{entry.holder, entry.holder_start}.is_alive() &&
           entry.now.compare_exchange_strong(now, {});
}

// The first gap between the items that lie in the heap. What is in use follows from the entries alone, so there is no
// list of free room that a death could leave wrong.
std::optional<std::uint64_t> lease_table::free_extent(std::size_t bytes) const
{
    struct extent {
        std::uint64_t begin;
        std::uint64_t end;
    };
    std::array<extent, lease_limit> extents; // only the first `count` are ever written or read
    std::size_t count = 0;
    for (std::uint32_t index = 0; index < used(); ++index) {
        const lease_entry& entry = memory_.entry(index);
        const std::uint32_t state = entry.now.load(relaxed).state;
        if ((state == lease_entry::held || state == lease_entry::returned) && entry.bytes > lease_slot_bytes)
            extents[count++] = {entry.heap_offset, entry.heap_offset + entry.bytes};
    }
    std::sort(extents.begin(), extents.begin() + static_cast<std::ptrdiff_t>(count),
              [](const extent& a, const extent& b) { return a.begin < b.begin; });
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < count && extents[i].begin < at + bytes; ++i)
        at = (extents[i].end + large_unit - 1) & ~std::uint64_t{large_unit - 1};
    if (at + bytes > memory_.sizes().lease_heap_bytes())
        return std::nullopt;
    return at;
}

// A queue whose items are never leased pays for none of this: pages are taken when first needed, and kept.
void lease_table::make_ready(std::uint32_t index, std::size_t heap_end)
{
    constexpr std::size_t step = std::size_t{64} * 1024;
    const queue_geometry& sizes = memory_.sizes();
    const auto grow = [&](std::atomic<std::uint64_t>& reserved, std::size_t offset, std::size_t needed,
                          std::size_t most) {
        const std::size_t have = reserved.load(relaxed);
        if (needed <= have)
            return;
        const std::size_t next = std::min((needed + step - 1) & ~(step - 1), most);
        os::reserve(memory_.file(), offset + have, next - have);
        reserved.store(next, relaxed);
    };
    if (header().slots_reserved.load(relaxed) == 0)
        os::reserve(memory_.file(), sizes.lease_entries(), queue_geometry::lease_entries_bytes);
    grow(header().slots_reserved, sizes.lease_slots(), (index + 1) * lease_slot_bytes,
         queue_geometry::lease_slots_bytes);
    grow(header().heap_reserved, sizes.lease_heap(), heap_end, sizes.lease_heap_bytes());
}

void lease_table::describe(lease_entry& entry, const stored_item& item, const os::process_identity& me) noexcept
{
    entry.position = item.position;
    entry.sequence = item.sequence;
    entry.bytes = item.bytes.size();
    entry.packed = item.packed ? 1 : 0;
    entry.holder = me.pid;
    entry.holder_start = me.start;
    ++entry.generation;
}

std::optional<lease_ticket> lease_table::begin_read(const stored_item& item, const os::process_identity& me)
{
    const auto index = free_entry();
    if (!index)
        return std::nullopt;
    make_ready(*index, 0);
    lease_entry& entry = memory_.entry(*index);
    describe(entry, item, me);
    entry.heap_offset = item.large;
    entry.packet = 0;
    // Producers look at entries without this lock, and at `head` before: they see this one before they see the room as
    // given back. As with a lease, `repair` frees it if this process dies before it has moved the head.
    entry.now.store({lease_entry::read, entry.generation}, std::memory_order_release);
    if (*index == used())
        header().lease_entries_used.store(*index + 1, std::memory_order_release);
    return lease_ticket{*index, entry.generation, 0};
}

void lease_table::end_read(const lease_ticket& ticket) noexcept
{
    word now{lease_entry::read, ticket.generation};
    if (memory_.entry(ticket.index).holder == os::process_identity::current().pid)
        memory_.entry(ticket.index).now.compare_exchange_strong(now, {});
    header().reads_ended.fetch_add(1);
}

std::optional<lease_ticket> lease_table::hold(const stored_item& item, const os::process_identity& me)
{
    const auto index = free_entry();
    const auto offset = item.bytes.size() <= lease_slot_bytes ? std::uint64_t{0} : free_extent(item.bytes.size());
    if (!index || !offset)
        return std::nullopt;
    make_ready(*index, item.bytes.size() <= lease_slot_bytes ? 0 : *offset + item.bytes.size());
    lease_entry& entry = memory_.entry(*index);
    // While it is free, nobody reads the entry. Its position is where the ring's head still is: if this process dies
    // before it has moved the head, `repair` frees the entry, and the item is in the ring as before.
    if (broken(mutation::lease_is_made_after_the_head))
        header().head.store(item.position + 8, std::memory_order_release);
    describe(entry, item, me);
    entry.heap_offset = *offset;
    entry.packet = item.packet;
    std::memcpy(bytes_of(entry, *index), item.bytes.data(), item.bytes.size());
    if (*index == used())
        header().lease_entries_used.store(*index + 1, relaxed);
    entry.now.store({lease_entry::held, 1}, relaxed);
    add(header().leases_taken, 1);
    return lease_ticket{*index, entry.generation, 1};
}

lease_ticket lease_table::hold_again(std::uint32_t index, const os::process_identity& me) noexcept
{
    lease_entry& entry = memory_.entry(index);
    entry.holder = me.pid;
    entry.holder_start = me.start;
    word state = entry.now.load(relaxed);
    state.state = lease_entry::held;
    ++state.deliveries;
    entry.now.store(state, relaxed); // until this store it is still a returned item
    add(header().leases_returned, minus_one);
    return {index, entry.generation, state.deliveries};
}

bool lease_table::is_held(const lease_ticket& ticket) const noexcept
{
    const lease_entry& entry = memory_.entry(ticket.index);
    if (broken(mutation::done_frees_twice))
        return true;
    const word state = entry.now.load(relaxed);
    return state.state == lease_entry::held && state.deliveries == ticket.delivery &&
           entry.generation == ticket.generation && entry.holder == os::process_identity::current().pid;
}

bool lease_table::is_taken(std::uint32_t index, std::uint32_t generation) const noexcept
{
    const lease_entry& entry = memory_.entry(index);
    return index < used() && entry.now.load(relaxed).state != lease_entry::free && entry.generation == generation;
}

lease_ticket lease_table::ticket_of(std::uint32_t index) const noexcept
{
    const lease_entry& entry = memory_.entry(index);
    return {index, entry.generation, entry.now.load(relaxed).deliveries};
}

void lease_table::set_free(std::uint32_t index) noexcept
{
    memory_.entry(index).now.store({}, relaxed);
    header().lease_hint.store(index, relaxed);
    add(header().leases_taken, minus_one);
}

bool lease_table::somebody_wants_room() noexcept { return header().lease_room_wanted.exchange(0, relaxed) != 0; }

bool lease_table::finish(const lease_ticket& ticket) noexcept
{
    if (!is_held(ticket))
        return false;
    set_free(ticket.index);
    return true;
}

bool lease_table::give_back(const lease_ticket& ticket) noexcept
{
    if (!is_held(ticket))
        return false;
    lease_entry& entry = memory_.entry(ticket.index);
    word state = entry.now.load(relaxed);
    state.state = lease_entry::returned;
    entry.now.store(state, relaxed);
    add(header().leases_returned, 1);
    return true;
}

void lease_table::drop(std::uint32_t index) noexcept
{
    add(header().leases_returned, minus_one);
    set_free(index);
}

} // namespace ruche::detail
