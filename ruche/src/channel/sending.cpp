#include "channel/core.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <string>

/// How messages get into a channel.
namespace ruche::detail {

wait_end channel_core::send(const outgoing& item, const wait_bounds& bounds)
{
    if (send_at_once(item, bounds)) [[likely]]
        return wait_end::done;
    return send_when_there_is_room(item, bounds);
}

// The usual case in one piece: a plain message, room, nobody has died. Nothing has happened where it returns false.
inline bool channel_core::send_at_once(const outgoing& item, const wait_bounds& bounds) noexcept
{
    if (item.bytes.size() > largest_inline(out_.sizes()) || !item.apart.empty() || !item.descriptors.empty())
        return false;
    if (bounds.stopped() || is_closed() || somebody_has_died() || stranger_)
        return false;
    ring_writer writer(out_);
    if (!writer.put(item, 0))
        return false;
    writer.commit();
    tell_of_a_message();
    return true;
}

inline void channel_core::tell_of_a_message() noexcept
{
    fence_before_a_look(out_);
    out_.header().not_empty.ring();
    if (out_.header().polled.load(std::memory_order_relaxed) != 0) [[unlikely]]
        signal_reader();
}

wait_end channel_core::send_when_there_is_room(const outgoing& item, const wait_bounds& bounds)
{
    if (const std::size_t size = stored_size(item); size > largest_item(out_.sizes()))
        throw too_large("a message of " + std::to_string(size) + " bytes in a channel that takes " +
                        std::to_string(largest_item(out_.sizes())) + " (channel_options::large_bytes)");
    if (item.descriptors.size() > os::most_descriptors)
        throw too_large("a message with " + std::to_string(item.descriptors.size()) + " descriptors");
    waiter waiting(out_.header().not_full, bounds, send_spin_);
    for (;;) {
        if (bounds.stopped())
            return wait_end::stopped;
        if (is_closed() || ((stranger_ ? stands_still() : heard_of_a_death()) && other_is_gone()))
            return wait_end::closed;
        const std::uint64_t head = out_.header().head.load(std::memory_order_acquire);
        if (put(item)) {
            waiting.served();
            tell_of_a_message();
            return wait_end::done;
        }
        const auto news = [&] { return out_.header().head.load(std::memory_order_acquire) != head || is_closed(); };
        if (!waiting.over() && waiting.spin(out_.header().tail.load(std::memory_order_relaxed), news))
            continue;
        if (other_is_gone())
            return wait_end::closed;
        if (waiting.over())
            return waiting.end();
        waiting.sleep(news, os::fence_everywhere);
    }
}

bool channel_core::put(const outgoing& item)
{
    ring_writer writer(out_);
    std::uint32_t packet = 0;
    if (!item.descriptors.empty()) {
        auto& last = out_.header().last_packet;
        packet = std::max(last.load(std::memory_order_relaxed) + 1, 1U);
        last.store(packet, std::memory_order_relaxed);
    }
    if (!writer.put(item, packet))
        return false;
    if (packet != 0) {
        std::array<int, os::most_descriptors> numbers;
        for (std::size_t i = 0; i < item.descriptors.size(); ++i)
            numbers[i] = item.descriptors[i]->get();
        if (!os::send_packet(socket_, {packet, 0}, {numbers.data(), item.descriptors.size()}))
            return false; // as if it had not been put: nothing was committed
    }
    writer.commit();
    return true;
}

wait_end send(channel_core& end, const outgoing& item, const wait_bounds& bounds) { return end.send(item, bounds); }

} // namespace ruche::detail
