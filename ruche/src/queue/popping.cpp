#include "queue/taking.hpp"

#include <ruche/error.hpp>

#include <algorithm>

/// How items get out of a queue for good.
namespace ruche::detail {

namespace {
constexpr std::size_t most_at_once = 1024; // of one `pop_some`: under a lock one is short
} // namespace

// Whether an item goes where exactly such a one is expected. A packed one never does: its bytes are not the value's.
inline bool queue_core::lands(const incoming& items, const stored_item& item) noexcept
{
    return !item.packed && !items.landing.empty() && items.landing.size() == item.bytes.size();
}

// Copies an item to what was taken; never allocates.
queue_core::attempt queue_core::append(incoming& items, const stored_item& item)
{
    if (lands(items, item)) {
        copy_item(items.landing.data(), item.bytes.data(), item.bytes.size());
        items.landed = true;
        return {attempt::done};
    }
    const std::size_t begin = items.bytes.size();
    if (items.bytes.capacity() - begin < item.bytes.size())
        return {attempt::needs_buffer, begin + item.bytes.size()};
    items.bytes.insert(items.bytes.end(), item.bytes.begin(), item.bytes.end());
    items.parts.push_back({items.bytes.size(), items.descriptors.size(), item.packed});
    return {attempt::done};
}

// Takes a packed item without copying it, if there is a place to note that it is being read.
bool queue_core::lend(incoming& items, const stored_item& item)
{
    const auto ticket = leases_.begin_read(item, os::process_identity::current());
    if (!ticket)
        return false;
    items.lent = item.bytes;
    items.loan = lease_place{ticket->index, ticket->generation, 0};
    items.parts.push_back({0, items.descriptors.size(), true});
    return true;
}

void queue_core::end_loan(const incoming& item) noexcept
{
    if (!item.loan)
        return;
    leases_.end_read({item.loan->index, item.loan->generation, 0});
    header().not_full.ring_all(); // the room of one large item may be that of many
}

// The usual case in one piece: plain items of the size that is expected, a free lock, no leases. As many as there are
// and as fit into `place`; nothing has happened where it returns 0.
inline std::size_t queue_core::pop_flat_at_once(std::span<std::byte> place, std::size_t each,
                                                const wait_bounds& bounds) noexcept
{
    if (bounds.stopped() || nothing_in_sight())
        return 0;
    std::size_t count = 0;
    {
        const held_lock lock(header().consumers, std::try_to_lock);
        if (!lock || leases_.taken() != 0)
            return 0;
        ring_reader reader(memory_);
        for (std::byte* to = place.data(); to != place.data() + place.size(); to += each) {
            const auto item = reader.front();
            if (!item || item->packet != 0 || item->packed || item->bytes.size() != each)
                break;
            copy_item(to, item->bytes.data(), each);
            reader.drop_front();
            ++count;
        }
        if (count == 0)
            return 0;
        reader.commit();
        settle_event();
    }
    tell_of_taking(count);
    return count;
}

wait_end queue_core::pop_into(std::span<std::byte> place, const wait_bounds& bounds)
{
    if (pop_flat_at_once(place, place.size(), bounds) == 1) [[likely]]
        return wait_end::done;
    return pop_into_when_there_is_one(place, bounds);
}

pop_end queue_core::pop_flat(std::span<std::byte> place, std::size_t each, const wait_bounds& bounds)
{
    if (const std::size_t count = pop_flat_at_once(place, each, bounds); count != 0) [[likely]]
        return {count, wait_end::done};
    const wait_end end = pop_into_when_there_is_one(place.first(each), bounds);
    if (end != wait_end::done)
        return {0, end};
    return {1 + pop_flat_at_once(place.subspan(each), each, bounds), end};
}

wait_end queue_core::pop_into_when_there_is_one(std::span<std::byte> place, const wait_bounds& bounds)
{
    incoming items;
    items.landing = place;
    const wait_end how =
        take(items, bounds, [&](os::packet_descriptors& beside) { return take_items(items, 1, beside); });
    if (how == wait_end::done && !items.landed)
        throw bad_message("the item has another size", 0);
    return how;
}

wait_end queue_core::pop(incoming& items, std::size_t most, const wait_bounds& bounds)
{
    most = std::min(most, most_at_once);
    items.parts.reserve(most);
    items.bytes.reserve(most > 1 ? std::size_t{64} * 1024 : 256); // so that most calls look once
    return take(items, bounds, [&](os::packet_descriptors& beside) { return take_items(items, most, beside); });
}

queue_core::attempt queue_core::take_items(incoming& items, std::size_t most, os::packet_descriptors& beside)
{
    if (const auto index = returned_item())
        return take_returned(*index, items, beside);
    ring_reader reader(memory_);
    attempt last;
    std::uint32_t packet = 0;
    while (items.count() < most && packet == 0) {
        const auto item = reader.front();
        if (!item)
            break;
        // Where items are their bytes, a packed one is wrong, and whoever asked for it gives no room back.
        const bool may_be_lent = most == 1 && item->packed && items.landing.empty();
        last = may_be_lent && lend(items, *item) ? attempt{attempt::done} : append(items, *item);
        if (last.what != attempt::done)
            break;
        packet = item->packet;
        reader.drop_front();
    }
    if (items.count() == 0)
        return last;
    if (packet != 0)
        mail_.look(packet, beside);
    reader.commit();
    if (packet != 0)
        mail_.received();
    return {attempt::done};
}

queue_core::attempt queue_core::take_returned(std::uint32_t index, incoming& items, os::packet_descriptors& beside)
{
    const stored_item item = leases_.item(index);
    if (const attempt copied = append(items, item); copied.what != attempt::done)
        return copied;
    if (item.packet != 0)
        sort_kept(leases_.ticket_of(index), beside);
    leases_.drop(index);
    if (item.packet != 0) {
        os::packet_descriptors none;
        sort_kept({}, none);
    }
    return {attempt::done};
}

} // namespace ruche::detail
