#include "channel/core.hpp"

#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/wait_note.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>

/// How messages get out of a channel.
namespace ruche::detail {

wait_end channel_core::receive(incoming& item, const wait_bounds& bounds)
{
    if (!bounds.stopped() && take(item)) [[likely]]
        return wait_end::done;
    return receive_when_there_is_one(bounds, [&] { return take(item); });
}

wait_end channel_core::receive_into(std::span<std::byte> place, const wait_bounds& bounds)
{
    if (!bounds.stopped() && take_into(place)) [[likely]]
        return wait_end::done;
    return receive_when_there_is_one(bounds, [&] { return take_into(place); });
}

template <class Take>
[[gnu::noinline]] wait_end channel_core::receive_when_there_is_one(const wait_bounds& bounds, const Take& take)
{
    waiter waiting(in_.header().not_empty, bounds, receive_spin_);
    const auto news = [&] { return something_is_there() || in_.header().closed.load() != 0; };
    for (;;) {
        if (bounds.stopped())
            return wait_end::stopped;
        if (take() || (settle_signal() && take())) {
            waiting.served();
            return wait_end::done;
        }
        if (!waiting.over() && waiting.spin(in_.header().head.load(std::memory_order_relaxed), news) &&
            something_is_there())
            continue;
        // Asked first: what the other end sent before it went is seen by the second look.
        if (other_is_gone() && !something_is_there())
            return wait_end::closed;
        if (waiting.over())
            return waiting.end();
        if (stranger_)
            sleep_on_socket(bounds);
        else
            waiting.sleep(news, os::fence_everywhere);
    }
}

// Who sends puts a wake-up into the socket, and who dies ends it; stops are told by the news.
void channel_core::sleep_on_socket(const wait_bounds& bounds)
{
    using namespace std::chrono_literals;
    os::news_watch& news = os::news_watch::of_this_thread();
    news.clear();
    if (bounds.stopped() || ready())
        return;
    const os::wait_note note(in_.header().not_empty.watch().word);
    std::array<bool, 2> readable{};
    (void)os::poll_readable(std::array{socket_.get(), news.native_handle()}, readable,
                            deadline(std::min<std::chrono::nanoseconds>(bounds.until.left(), 1s)));
}

inline void channel_core::tell_of_room() noexcept
{
    fence_before_a_look(in_);
    in_.header().not_full.ring();
}

bool channel_core::take(incoming& item)
{
    ring_reader reader(in_);
    const auto front = reader.front();
    if (!front)
        return false;
    if (front->packet != 0)
        take_descriptors(front->packet, item); // first: if this process can't have them, the message stays
    if (front->packed) // this is the only reader: it may read where the message lies, and step over it then
        item.lent = front->bytes;
    else
        item.bytes.assign(front->bytes.begin(), front->bytes.end());
    item.parts.assign(1, {item.bytes.size(), item.descriptors.size(), front->packed});
    if (front->packed)
        return true;
    reader.drop_front();
    reader.commit();
    if (front->packet != 0)
        os::drop_packet(socket_);
    tell_of_room();
    return true;
}

inline bool channel_core::take_into(std::span<std::byte> place)
{
    ring_reader reader(in_);
    const auto front = reader.front();
    if (!front)
        return false;
    const bool fits = !front->packed && front->bytes.size() == place.size();
    if (fits) [[likely]]
        copy_item(place.data(), front->bytes.data(), place.size());
    reader.drop_front();
    reader.commit();
    tell_of_room();
    if (!fits) [[unlikely]]
        throw bad_message("the message has another size", 0);
    return true;
}

void channel_core::end_loan(const incoming& item) noexcept
{
    if (item.lent.empty())
        return;
    ring_reader reader(in_);
    const auto front = reader.front();
    reader.drop_front();
    reader.commit();
    if (front && front->packet != 0)
        os::drop_packet(socket_);
    tell_of_room();
}

void channel_core::take_descriptors(std::uint32_t packet, incoming& item)
{
    os::packet_label label;
    os::packet_descriptors beside;
    while (os::peek_packet(socket_, label, beside)) {
        if (label.number == packet) {
            for (std::size_t i = 0; i < beside.numbers().size(); ++i)
                item.descriptors.push_back(beside.take(i));
            return;
        }
        if (label.number == 0)
            in_.header().signalled.store(0); // the wake-up; this reader is awake
        os::drop_packet(socket_);            // else of a message that did not get in
    }
}

wait_end receive(channel_core& end, incoming& item, const wait_bounds& bounds) { return end.receive(item, bounds); }
wait_end receive_into(channel_core& end, std::span<std::byte> place, const wait_bounds& bounds)
{
    return end.receive_into(place, bounds);
}
void end_loan(channel_core& end, const incoming& item) noexcept { end.end_loan(item); }

} // namespace ruche::detail
