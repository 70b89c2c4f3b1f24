#include "queue/taking.hpp"

#include <ruche/error.hpp>

/// How items are given out and come back.
namespace ruche::detail {

wait_end queue_core::pop_lease(incoming& item, lease_place& place, const wait_bounds& bounds)
{
    item.parts.reserve(1);
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

std::optional<std::uint32_t> queue_core::look_for_returned_item()
{
    if (leases_.look_is_due())
        leases_.return_of_the_dead();
    return leases_.oldest_returned();
}

void queue_core::end_lease(const lease_place& place, bool done) noexcept
{
    const lease_ticket ticket{place.index, place.generation, place.deliveries};
    bool room_was_wanted = false;
    {
        const held_lock lock(header().consumers);
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
    if (done && header().all_done.is_armed())
        tell_if_all_is_done();
}

void queue_core::tell_if_all_is_done() noexcept
{
    if (empty() && leases_.taken() == 0)
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
        if (!waiting.wait(0, is_done))
            return false;
    return true;
}

} // namespace ruche::detail
