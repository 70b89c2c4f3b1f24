#include "queue/core.hpp"

#include "os/event.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace ruche::detail {

namespace {

// Who may not wait for an item still waits for a lock, whose holder is gone in a moment, unless it was stopped.
deadline for_a_lock(const deadline& until) noexcept
{
    using namespace std::chrono_literals;
    return until.is_never() ? until : std::max(until, deadline(100ms));
}

void check_size(const outgoing& item, std::size_t largest)
{
    if (item.bytes.size() > largest)
        throw too_large("an item of " + std::to_string(item.bytes.size()) + " bytes in a queue that takes " +
                        std::to_string(largest));
    if (item.descriptors.size() > os::most_descriptors)
        throw too_large("an item with " + std::to_string(item.descriptors.size()) +
                        " descriptors: " + std::to_string(os::most_descriptors) + " can travel at once");
}

} // namespace

// Copies an item to what was taken; never allocates.
queue_core::attempt queue_core::append(incoming& items, const stored_item& item)
{
    const std::size_t begin = items.bytes.size();
    if (items.bytes.capacity() - begin < item.bytes.size())
        return {attempt::needs_buffer, begin + item.bytes.size()};
    items.bytes.insert(items.bytes.end(), item.bytes.begin(), item.bytes.end());
    items.parts.push_back({items.bytes.size(), items.descriptors.size()});
    return {attempt::done};
}

class queue_core::held_lock {
public:
    held_lock(os::futex_word& word, const wait_bounds& bounds) noexcept :
        word_(word),
        result_(os::lock(word, for_a_lock(bounds.until), bounds.stop ? bounds.stop->native_handle() : nullptr))
    {}
    held_lock(const held_lock&) = delete;
    held_lock& operator=(const held_lock&) = delete;
    ~held_lock() { release(); }

    [[nodiscard]] explicit operator bool() const noexcept { return result_ != os::lock_result::gave_up; }
    [[nodiscard]] bool owner_died() const noexcept { return result_ == os::lock_result::owner_died; }

    void release() noexcept
    {
        if (result_ != os::lock_result::gave_up)
            os::unlock(word_);
        result_ = os::lock_result::gave_up;
    }

private:
    os::futex_word& word_;
    os::lock_result result_;
};

// --- pushing ---

push_end queue_core::push(std::span<const outgoing> items, const wait_bounds& bounds)
{
    for (const outgoing& item : items)
        check_size(item, largest_item(memory_.sizes()));
    waiter waiting(header().not_full, bounds, producers_spin_);
    std::uint64_t failed_at = 0;
    std::size_t pushed = 0;
    while (pushed < items.size()) {
        if (bounds.stopped())
            return {pushed, wait_end::stopped};
        const std::uint64_t head = header().head.load(std::memory_order_acquire);
        if (const std::size_t now = push_some(items.subspan(pushed), bounds); now > 0) {
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
        if (!waiting.wait([&] { return header().head.load() != head || is_closed(); }))
            return {pushed, waiting.end()};
    }
    return {pushed, wait_end::done};
}

std::size_t queue_core::push_some(std::span<const outgoing> items, const wait_bounds& bounds)
{
    const held_lock lock(header().producers, bounds);
    if (!lock)
        return 0;
    if (is_closed())
        throw queue_closed();
    ring_writer writer(memory_);
    std::size_t put = 0;
    while (put < items.size() && this->put(writer, items[put]))
        ++put;
    if (put > 0) {
        writer.commit();
        signal_event();
    }
    return put;
}

bool queue_core::put(ring_writer& writer, const outgoing& item)
{
    if (item.descriptors.empty())
        return writer.put(item.bytes, 0);
    // Numbered before it is sent: the packet of a victim, whose item never was, can't be taken for another's.
    auto& last = header().last_packet;
    const std::uint32_t packet = std::max(last.load(std::memory_order_relaxed) + 1, 1U);
    if (!writer.put(item.bytes, packet))
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

// --- popping ---

bool queue_core::something_waits() const noexcept
{
    return !ring_is_empty() || leases_.returned() > 0 || leases_.look_is_due();
}

// What another process holds may come back; what this one holds can't while this one waits for it.
bool queue_core::is_drained() const noexcept { return empty() && leases_.held_by_others() == 0; }

template <class Take>
wait_end queue_core::take(incoming& items, const wait_bounds& bounds, Take take_now)
{
    waiter waiting(header().not_empty, bounds, consumers_spin_);
    items.parts.reserve(1);
    os::packet_descriptors beside;
    for (;;) {
        if (bounds.stopped())
            return wait_end::stopped;
        const bool closed = is_closed(); // before the look: what was pushed before the close is seen after it
        const std::uint32_t taken = leases_.taken();
        const attempt got = something_waits() ? try_to_take(bounds, [&] { return take_now(beside); }) : attempt{};
        if (got.what == attempt::done) {
            for (std::size_t i = 0; i < beside.numbers().size(); ++i)
                items.descriptors.push_back(beside.take(i));
            items.parts.back().descriptors_end = items.descriptors.size(); // only the last of several can have any
            tell_of_taking(items.parts.size());
            if (waiting.served() && !empty())
                header().not_empty.ring(); // it may have kept another asleep by arming the bell again
            return wait_end::done;
        }
        if (got.what == attempt::needs_buffer) {
            items.bytes.reserve(got.needed); // here, because nothing is allocated under a lock
            continue;
        }
        if (closed && is_drained())
            return wait_end::closed;
        const auto lease_ended = [&] { return leases_.taken() != taken; };
        const auto news = [&] { return something_waits() || (is_closed() && is_drained()); };
        const bool full = got.what == attempt::no_room_for_lease;
        if (!waiting.wait([&] { return full ? lease_ended() : news(); }))
            return waiting.end();
    }
}

template <class Take>
queue_core::attempt queue_core::try_to_take(const wait_bounds& bounds, Take take_now)
{
    const held_lock lock(header().consumers, bounds);
    if (!lock)
        return {};
    if (lock.owner_died())
        leases_.repair();
    const attempt got = take_now();
    if (got.what == attempt::done)
        settle_event();
    return got;
}

wait_end queue_core::pop(incoming& items, std::size_t most, const wait_bounds& bounds)
{
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
    while (items.parts.size() < most && packet == 0) {
        const auto item = reader.front();
        if (!item)
            break;
        last = append(items, *item);
        if (last.what != attempt::done)
            break;
        packet = item->packet;
        reader.drop_front();
    }
    if (items.parts.empty())
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

wait_end queue_core::pop_lease(incoming& item, lease_place& place, const wait_bounds& bounds)
{
    return take(item, bounds, [&](os::packet_descriptors& beside) { return take_lease(item, place, beside); });
}

queue_core::attempt queue_core::take_lease(incoming& item, lease_place& place, os::packet_descriptors& beside)
{
    if (const auto index = returned_item())
        return take_lease_again(*index, item, place, beside);
    ring_reader reader(memory_);
    const auto front = reader.front();
    if (!front)
        return {};
    if (const attempt copied = append(item, *front); copied.what != attempt::done)
        return copied;
    if (front->packet != 0)
        mail_.look(front->packet, beside);
    const auto ticket = hold(*front, beside);
    if (!ticket) {
        item.clear();
        beside.clear();
        leases_.want_room();
        return {attempt::no_room_for_lease};
    }
    reader.drop_front();
    reader.commit(); // the lease counts from here on
    if (front->packet != 0)
        mail_.received();
    place = {ticket->index, ticket->generation, ticket->delivery};
    return {attempt::done};
}

std::optional<lease_ticket> queue_core::hold(const stored_item& item, const os::packet_descriptors& beside)
{
    const auto ticket = leases_.hold(item, os::process_identity::current());
    if (!ticket || item.packet == 0 || mail_.keep({ticket->index, ticket->generation}, beside.numbers()))
        return ticket;
    leases_.finish(*ticket); // no room to keep its descriptors
    return std::nullopt;
}

queue_core::attempt queue_core::take_lease_again(std::uint32_t index, incoming& item, lease_place& place,
                                                 os::packet_descriptors& beside)
{
    const stored_item back = leases_.item(index);
    if (const attempt copied = append(item, back); copied.what != attempt::done)
        return copied;
    if (back.packet != 0)
        sort_kept(leases_.ticket_of(index), beside);
    const lease_ticket ticket = leases_.hold_again(index, os::process_identity::current());
    place = {ticket.index, ticket.generation, ticket.delivery};
    return {attempt::done};
}

void queue_core::sort_kept(const lease_ticket& wanted, os::packet_descriptors& beside) const
{
    const auto is_wanted = [&](const os::packet_label& label) {
        return leases_.is_taken(label.number, label.generation);
    };
    mail_.sort_kept(is_wanted, {wanted.index, wanted.generation}, beside);
}

std::optional<std::uint32_t> queue_core::returned_item()
{
    if (leases_.taken() == 0)
        return std::nullopt;
    if (leases_.look_is_due())
        leases_.return_of_the_dead();
    return leases_.oldest_returned();
}

void queue_core::tell_of_taking(std::size_t count) noexcept
{
    header().not_full.ring(count);
    if (header().all_done.is_armed() && empty() && leases_.taken() == 0)
        header().all_done.ring_all();
}

// --- leases, the end, and what one can ask ---

void queue_core::end_lease(const lease_place& place, bool done) noexcept
{
    const lease_ticket ticket{place.index, place.generation, place.deliveries};
    bool room_was_wanted = false;
    {
        const held_lock lock(header().consumers, wait_bounds{});
        if (lock.owner_died())
            leases_.repair();
        if (!(done ? leases_.finish(ticket) : leases_.give_back(ticket)))
            return;
        room_was_wanted = leases_.somebody_wants_room();
        if (done)
            forget_kept(place);
        else
            signal_event();
    }
    if (!done)
        header().not_empty.ring();
    if (room_was_wanted || is_closed())
        header().not_empty.ring_all();
    if (done && header().all_done.is_armed() && empty() && leases_.taken() == 0)
        header().all_done.ring_all();
}

void queue_core::forget_kept(const lease_place& place) noexcept
{
    if (leases_.item(place.index).packet == 0)
        return;
    try {
        os::packet_descriptors none;
        sort_kept({}, none);
    } catch (const os_error&) {
        // This process has no descriptor free to look at what is kept. It stays until the next lease with descriptors
        // ends, or until the queue does: later than it might, but not for ever.
        return;
    }
}

bool queue_core::wait_until_done(const wait_bounds& bounds)
{
    const auto is_done = [&] { return empty() && leases_.taken() == 0; };
    spin_budget none;
    waiter waiting(header().all_done, bounds, none);
    while (!is_done())
        if (!waiting.wait(is_done))
            return false;
    return true;
}

void queue_core::close() noexcept
{
    {
        // Under the lock, so that a push that returns has its item in before whoever sees the queue closed looks.
        const held_lock lock(header().producers, wait_bounds{});
        header().closed.store(1, std::memory_order_release);
        signal_event();
    }
    header().not_empty.ring_all();
    header().not_full.ring_all();
}

// --- the event ---
//
// Set by whoever adds something, cleared by whoever finds nothing left; `signalled` saves the system call while it is
// set. Cleared in this order, it can be set once too often, never once too rarely: whoever adds something before the
// look below is seen by it, whoever adds after sees `signalled` cleared and sets the event itself.

int queue_core::pollable() noexcept
{
    if (header().polled.exchange(1) == 0) {
        // Whoever has looked at `polled` too early has stored `tail` by the time that it gives the lock back.
        const held_lock lock(header().producers, wait_bounds{});
        if (!empty() || is_closed())
            signal_event();
    }
    return event_.get();
}

bool queue_core::ready() noexcept
{
    if (!empty() || is_closed())
        return true;
    if (leases_.taken() == 0 && header().signalled.load() == 0)
        return false;
    const held_lock lock(header().consumers, wait_bounds{});
    if (lock.owner_died())
        leases_.repair();
    if (leases_.look_is_due() && leases_.return_of_the_dead() != 0)
        signal_event();
    settle_event(); // set too often, or by one who died: whoever polls it would find nothing, over and over
    return !empty() || is_closed();
}

void queue_core::signal_event() noexcept
{
    if (header().polled.load() != 0 && header().signalled.exchange(1) == 0)
        os::set_event(event_);
}

void queue_core::settle_event() noexcept
{
    if (header().polled.load() == 0 || !empty() || is_closed())
        return;
    os::clear_event(event_);
    header().signalled.store(0);
    if (!empty() || is_closed())
        signal_event();
}

bool queue_core::is_closed() const noexcept { return header().closed.load(std::memory_order_acquire) != 0; }

bool queue_core::ring_is_empty() const noexcept
{
    const std::uint64_t head = header().head.load(std::memory_order_seq_cst);
    return header().tail.load(std::memory_order_seq_cst) == head;
}

bool queue_core::empty() const noexcept { return ring_is_empty() && leases_.returned() == 0; }

std::size_t queue_core::size() noexcept
{
    // With the head held still, the trailers before it and before any tail stay as they are.
    const held_lock lock(header().consumers, wait_bounds{});
    if (lock.owner_died())
        leases_.repair();
    const std::uint64_t tail = header().tail.load(std::memory_order_acquire);
    const std::uint64_t head = header().head.load(std::memory_order_relaxed);
    return trailer_before(memory_, tail).items - trailer_before(memory_, head).items + leases_.returned();
}

} // namespace ruche::detail
