#pragma once

#include "queue/core.hpp"
#include "queue/held_lock.hpp"

/// What every way to take an item out of a queue does: look, wait, look again.
namespace ruche::detail {

template <class Take>
wait_end queue_core::take(incoming& items, const wait_bounds& bounds, const Take& take_now)
{
    if (bounds.stopped())
        return wait_end::stopped;
    os::packet_descriptors beside;
    const auto look = [&] { return something_waits() ? try_to_take(bounds, beside, take_now) : attempt{}; };
    if (look().what == attempt::done) [[likely]] {
        hand_over(items, beside);
        return wait_end::done;
    }
    return take_when_there_is_one(items, beside, bounds, look);
}

template <class Look>
[[gnu::noinline]] wait_end queue_core::take_when_there_is_one(incoming& items, os::packet_descriptors& beside,
                                                              const wait_bounds& bounds, const Look& look)
{
    waiter waiting(header().not_empty, bounds, consumers_spin_);
    for (;;) {
        if (bounds.stopped())
            return wait_end::stopped;
        const bool closed = is_closed(); // before the look: what was pushed before the close is seen after it
        const std::uint32_t taken = leases_.taken();
        const attempt got = look();
        if (got.what == attempt::done) {
            hand_over(items, beside);
            if (waiting.served() && !empty())
                header().not_empty.ring(); // it may have kept another asleep by arming the bell again
            return wait_end::done;
        }
        if (got.what == attempt::needs_buffer) {
            items.bytes.reserve(got.needed); // here, because nothing is allocated under a lock
            items.parts.reserve(1);
            continue;
        }
        if (closed && is_drained())
            return wait_end::closed;
        const auto lease_ended = [&] { return leases_.taken() != taken; };
        const auto news = [&] { return something_waits() || (is_closed() && is_drained()); };
        const bool full = got.what == attempt::no_room_for_lease;
        if (!waiting.wait(header().head.load(std::memory_order_relaxed), [&] { return full ? lease_ended() : news(); }))
            return waiting.end();
    }
}

// What is left to do for who has taken something, without the lock.
inline void queue_core::hand_over(incoming& items, os::packet_descriptors& beside)
{
    if (!beside.numbers().empty()) { // of the last item: no more are taken behind one that has any
        for (std::size_t i = 0; i < beside.numbers().size(); ++i)
            items.descriptors.push_back(beside.take(i));
        items.parts.back().descriptors_end = items.descriptors.size();
    }
    tell_of_taking(items.count());
}

template <class Take>
queue_core::attempt queue_core::try_to_take(const wait_bounds& bounds, os::packet_descriptors& beside,
                                            const Take& take_now)
{
    const held_lock lock(header().consumers, bounds);
    if (!lock)
        return {};
    if (lock.owner_died())
        leases_.repair();
    const attempt got = take_now(beside);
    if (got.what == attempt::done)
        settle_event();
    return got;
}

} // namespace ruche::detail
