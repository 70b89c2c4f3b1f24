#include "queue/core.hpp"

#include "queue/held_lock.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <string>

/// How items get into a queue.
namespace ruche::detail {

namespace {

void check_size(const outgoing& item, std::size_t largest)
{
    if (const std::size_t size = stored_size(item); size > largest)
        throw too_large("an item of " + std::to_string(size) + " bytes in a queue that takes " +
                        std::to_string(largest) + " (queue_options::large_bytes)");
    if (item.descriptors.size() > os::most_descriptors)
        throw too_large("an item with " + std::to_string(item.descriptors.size()) +
                        " descriptors: " + std::to_string(os::most_descriptors) + " can travel at once");
}

} // namespace

push_end queue_core::push(std::span<const outgoing> items, const wait_bounds& bounds)
{
    if (items.size() == 1 && push_at_once(items[0], bounds)) [[likely]]
        return {1, wait_end::done};
    for (const outgoing& item : items)
        check_size(item, largest_item(memory_.sizes()));
    return push_all(items, bounds);
}

push_end queue_core::push(const flat_items& items, const wait_bounds& bounds)
{
    if (items.size() != 0)
        check_size(items[0], largest_item(memory_.sizes()));
    return push_all(items, bounds);
}

// The usual case in one piece: one plain item, a free lock, room. Nothing has happened where it returns false.
inline bool queue_core::push_at_once(const outgoing& item, const wait_bounds& bounds) noexcept
{
    if (item.bytes.size() > largest_inline(memory_.sizes()) || !item.apart.empty() || !item.descriptors.empty() ||
        bounds.stopped())
        return false;
    {
        const held_lock lock(header().producers, std::try_to_lock);
        if (!lock || is_closed())
            return false;
        ring_writer writer(memory_);
        if (!writer.put(item, 0))
            return false;
        writer.commit();
        signal_event();
    }
    header().not_empty.ring();
    return true;
}

template <class Items>
push_end queue_core::push_all(const Items& items, const wait_bounds& bounds)
{
    if (bounds.stopped())
        return {0, wait_end::stopped};
    const std::size_t pushed = push_some(items, 0, bounds);
    if (pushed > 0)
        header().not_empty.ring(pushed);
    if (pushed == items.size()) [[likely]]
        return {pushed, wait_end::done};
    return push_when_there_is_room(items, pushed, bounds);
}

template <class Items>
push_end queue_core::push_when_there_is_room(const Items& items, std::size_t pushed, const wait_bounds& bounds)
{
    waiter waiting(header().not_full, bounds, producers_spin_);
    std::uint64_t failed_at = 0;
    while (pushed < items.size()) {
        if (bounds.stopped())
            return {pushed, wait_end::stopped};
        const std::uint32_t reads = header().reads_ended.load(std::memory_order_acquire);
        const std::uint64_t head = header().head.load(std::memory_order_acquire);
        if (const std::size_t now = push_some(items, pushed, bounds); now > 0) {
            pushed += now;
            header().not_empty.ring(now);
            if (waiting.served() && header().tail.load() - head < memory_.sizes().ring_bytes / 2)
                header().not_full.ring(); // one wake-up may have been for the room of many
            continue;
        }
        // Woken for room that is too small for this item: somebody else's may fit. Once per change, or two who both
        // need more would wake each other for ever.
        if (waiting.armed() && head != failed_at)
            header().not_full.ring();
        failed_at = head;
        const auto room = [&] { return header().head.load() != head || header().reads_ended.load() != reads; };
        if (!waiting.wait(header().tail.load(std::memory_order_relaxed), [&] { return room() || is_closed(); }))
            return {pushed, waiting.end()};
    }
    return {pushed, wait_end::done};
}

template <class Items>
std::size_t queue_core::push_some(const Items& items, std::size_t from, const wait_bounds& bounds)
{
    const held_lock lock(header().producers, bounds);
    if (!lock)
        return 0;
    if (is_closed())
        throw queue_closed();
    ring_writer writer(memory_);
    std::size_t next = from;
    while (next < items.size() && put(writer, items[next]))
        ++next;
    if (next > from) {
        writer.commit();
        signal_event();
    }
    return next - from;
}

bool queue_core::put(ring_writer& writer, const outgoing& item)
{
    if (item.descriptors.empty())
        return writer.put(item, 0);
    // Numbered before it is sent: the packet of a victim, whose item never was, can't be taken for another's.
    auto& last = header().last_packet;
    const std::uint32_t packet = std::max(last.load(std::memory_order_relaxed) + 1, 1U);
    if (!writer.put(item, packet))
        return false;
    last.store(packet, std::memory_order_relaxed);
    std::array<int, os::most_descriptors> numbers;
    for (std::size_t i = 0; i < item.descriptors.size(); ++i)
        numbers[i] = item.descriptors[i]->get();
    if (mail_.send(packet, {numbers.data(), item.descriptors.size()}))
        return true;
    writer.undo();
    return false;
}

} // namespace ruche::detail
