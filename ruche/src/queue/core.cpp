#include "queue/core.hpp"

#include "os/event.hpp"
#include "queue/held_lock.hpp"

#include <algorithm>
#include <chrono>

namespace ruche::detail {

// Who may not wait for an item still waits for a lock, whose holder is gone in a moment, unless it was stopped.
os::lock_result held_lock::wait_for(os::futex_word& word, const wait_bounds& bounds) noexcept
{
    using namespace std::chrono_literals;
    const deadline until = bounds.until.is_never() ? bounds.until : std::max(bounds.until, deadline(100ms));
    return os::lock(word, until, bounds.stop ? bounds.stop->native_handle() : nullptr);
}

void queue_core::close() noexcept
{
    {
        // Under the lock, so that a push that returns has its item in before whoever sees the queue closed looks.
        const held_lock lock(header().producers);
        header().closed.store(1, std::memory_order_release);
        signal_event();
    }
    header().not_empty.ring_all();
    header().not_full.ring_all();
}

std::size_t queue_core::size() noexcept
{
    // With the head held still, the trailers before it and before any tail stay as they are.
    const held_lock lock(header().consumers);
    if (lock.owner_died())
        leases_.repair();
    const std::uint64_t tail = header().tail.load(std::memory_order_acquire);
    const std::uint64_t head = header().head.load(std::memory_order_relaxed);
    return trailer_before(memory_, tail).items - trailer_before(memory_, head).items + leases_.returned();
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
        const held_lock lock(header().producers);
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
    const held_lock lock(header().consumers);
    if (lock.owner_died())
        leases_.repair();
    if (leases_.look_is_due() && leases_.return_of_the_dead() != 0)
        signal_event();
    settle_event(); // set too often, or by one who died: whoever polls it would find nothing, over and over
    return !empty() || is_closed();
}

void queue_core::set_event() noexcept
{
    if (header().signalled.exchange(1) == 0)
        os::set_event(event_);
}

void queue_core::clear_event_if_empty() noexcept
{
    if (!empty() || is_closed())
        return;
    os::clear_event(event_);
    header().signalled.store(0);
    if (!empty() || is_closed())
        set_event();
}

} // namespace ruche::detail
