#include "channel/core.hpp"

#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/wait_note.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace ruche::detail {

// --- the other end ---

bool channel_core::other_is_gone() noexcept
{
    if (in_.header().closed.load(std::memory_order_acquire) != 0)
        return true;
    if (!other_gone_.load(std::memory_order_acquire) && os::has_hung_up(socket_))
        other_gone_.store(true, std::memory_order_release);
    return other_gone_.load(std::memory_order_acquire);
}

// Looking at the socket is a system call, so a sender that need not wait looks only after somebody has died.
bool channel_core::heard_of_a_death() noexcept
{
    const os::futex_word* const bell = death_bell();
    return bell && deaths_.exchange(bell->load(std::memory_order_acquire), std::memory_order_relaxed) !=
                       bell->load(std::memory_order_relaxed);
}

// A stranger's death is told by the socket alone. To look is a system call, so it is done only where the other end has
// not read since the message before.
bool channel_core::stands_still() noexcept
{
    const std::uint64_t head = out_.header().head.load(std::memory_order_relaxed);
    return head_at_send_.exchange(head, std::memory_order_relaxed) == head ||
           other_gone_.load(std::memory_order_relaxed);
}

void channel_core::set_with_a_stranger()
{
    stranger_.emplace();
    in_.header().polled.store(1, std::memory_order_seq_cst);
}

void channel_core::close() noexcept
{
    if (!is_mine_)
        return;
    for (queue_memory* memory : {&out_, &in_}) {
        memory->header().closed.store(1, std::memory_order_seq_cst);
        memory->header().not_empty.ring_all();
        memory->header().not_full.ring_all();
    }
    signal_reader();
}

// --- sending ---

wait_end channel_core::send(const outgoing& item, const wait_bounds& bounds)
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
        if (out_.header().closed.load(std::memory_order_acquire) != 0 ||
            ((stranger_ ? stands_still() : heard_of_a_death()) && other_is_gone()))
            return wait_end::closed;
        const std::uint64_t head = out_.header().head.load(std::memory_order_acquire);
        if (put(item)) {
            waiting.served();
            out_.header().not_empty.ring();
            signal_reader();
            return wait_end::done;
        }
        if (other_is_gone())
            return wait_end::closed;
        if (!waiting.wait(out_.header().tail.load(std::memory_order_relaxed),
                          [&] { return out_.header().head.load() != head || out_.header().closed.load() != 0; }))
            return waiting.end();
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
    writer.commit_before_a_look();
    return true;
}

// --- receiving ---

wait_end channel_core::receive(incoming& item, const wait_bounds& bounds)
{
    waiter waiting(in_.header().not_empty, bounds, receive_spin_);
    const auto something_is_there = [&] { return in_.header().tail.load() != in_.header().head.load(); };
    for (;;) {
        if (bounds.stopped())
            return wait_end::stopped;
        if (take(item) || (settle_signal() && take(item))) {
            waiting.served();
            if (item.lent.empty())
                in_.header().not_full.ring();
            return wait_end::done;
        }
        // Asked first: what the other end sent before it went is seen by the second look.
        if (other_is_gone() && !something_is_there())
            return wait_end::closed;
        const auto news = [&] { return something_is_there() || in_.header().closed.load() != 0; };
        const std::uint64_t position = in_.header().head.load(std::memory_order_relaxed);
        if (stranger_ && !waiting.over() && !receive_spin_.spin(position, news))
            sleep_on_socket(bounds);
        else if (!waiting.wait(position, news))
            return waiting.end();
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

bool channel_core::take(incoming& item)
{
    ring_reader reader(in_);
    const auto front = reader.front();
    if (!front)
        return false;
    if (front->packed) // this is the only reader: it may read where the message lies, and step over it then
        item.lent = front->bytes;
    else
        item.bytes.assign(front->bytes.begin(), front->bytes.end());
    if (front->packet != 0)
        take_descriptors(front->packet, item);
    item.parts.assign(1, {item.bytes.size(), item.descriptors.size(), front->packed});
    if (front->packed)
        return true;
    reader.drop_front();
    reader.commit_before_a_look();
    if (front->packet != 0)
        os::drop_packet(socket_);
    return true;
}

void channel_core::end_loan(const incoming& item) noexcept
{
    if (item.lent.empty())
        return;
    ring_reader reader(in_);
    const auto front = reader.front();
    reader.drop_front();
    reader.commit_before_a_look();
    if (front && front->packet != 0)
        os::drop_packet(socket_);
    in_.header().not_full.ring();
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

// --- being polled ---
//
// The socket is readable while a wake-up is in it. There is at most one: `signalled` is set before it is sent, and
// cleared after it was removed, by a reader that found nothing. Whoever sends in between sees `signalled` set and sends
// none, so that reader looks once more.

int channel_core::pollable() noexcept
{
    in_.header().polled.store(1, std::memory_order_seq_cst);
    return socket_.get();
}

bool channel_core::ready() noexcept
{
    const auto is_there = [&] { return in_.header().tail.load() != in_.header().head.load(); };
    return is_there() || (settle_signal() && is_there()) || other_is_gone();
}

void channel_core::signal_reader() noexcept
{
    if (out_.header().polled.load() == 0 || out_.header().signalled.exchange(1) != 0)
        return;
    if (!os::send_wake_up(socket_))
        out_.header().signalled.store(0); // full of descriptors, and so readable; or the other end is gone
}

bool channel_core::settle_signal() noexcept
{
    auto& header = in_.header();
    if (header.polled.load() == 0)
        return false;
    if (os::drop_wake_up(socket_))
        header.signalled.store(0);
    return true;
}

// --- for the templates ---

std::pair<std::shared_ptr<channel_core>, std::shared_ptr<channel_core>>
make_channel_cores(const channel_settings& settings)
{
    const auto make = [&](std::uint64_t fingerprint) {
        return queue_memory::create({.ring_bytes = settings.ring_bytes,
                                     .large_bytes = settings.large_bytes,
                                     .fingerprint = fingerprint,
                                     .carries_descriptors = true,
                                     .is_channel = true,
                                     .name = {}});
    };
    auto there = make(settings.there_fingerprint);
    auto back = make(settings.back_fingerprint);
    auto there_again = queue_memory::open(there.file().duplicate());
    auto back_again = queue_memory::open(back.file().duplicate());
    auto [first, second] = os::make_packet_pair();
    return {std::make_shared<channel_core>(std::move(there), std::move(back), std::move(first)),
            std::make_shared<channel_core>(std::move(back_again), std::move(there_again), std::move(second))};
}

std::shared_ptr<channel_core> open_channel(channel_parts parts, std::uint64_t out_fingerprint,
                                           std::uint64_t in_fingerprint, bool with_a_stranger)
{
    auto out_memory = queue_memory::open(std::move(parts.out));
    auto in_memory = queue_memory::open(std::move(parts.in));
    if (out_memory.header().fingerprint != out_fingerprint || in_memory.header().fingerprint != in_fingerprint)
        throw bad_message("the channel carries values of other types", 0);
    auto end = std::make_shared<channel_core>(std::move(out_memory), std::move(in_memory), std::move(parts.socket));
    if (with_a_stranger)
        end->set_with_a_stranger();
    return end;
}

std::vector<std::shared_ptr<const fd>> send_away(const std::shared_ptr<channel_core>& end)
{
    end->sent_away();
    const auto part = [&](const fd& one) { return std::shared_ptr<const fd>(end, &one); };
    return {part(end->out().file()), part(end->in().file()), part(end->socket())};
}

wait_end send(channel_core& end, const outgoing& item, const wait_bounds& bounds) { return end.send(item, bounds); }
wait_end receive(channel_core& end, incoming& item, const wait_bounds& bounds) { return end.receive(item, bounds); }
void end_loan(channel_core& end, const incoming& item) noexcept { end.end_loan(item); }
bool is_with_a_stranger(const channel_core& end) noexcept { return end.is_with_a_stranger(); }
void set_with_a_stranger(channel_core& end) { end.set_with_a_stranger(); }
void close(channel_core& end) noexcept { end.close(); }
bool is_open(channel_core& end) noexcept { return !end.other_is_gone(); }
int pollable(channel_core& end) noexcept { return end.pollable(); }
bool ready(channel_core& end) noexcept { return end.ready(); }

} // namespace ruche::detail
