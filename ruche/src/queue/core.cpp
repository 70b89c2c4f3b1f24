#include "queue/core.hpp"

#include <ruche/error.hpp>

#include <algorithm>
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
        if (item.bytes.size() > largest_item(memory_.sizes()))
            throw too_large("an item of " + std::to_string(item.bytes.size()) + " bytes in a queue that takes " +
                            std::to_string(largest_item(memory_.sizes())));
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
    while (put < items.size() && writer.put(items[put].bytes, 0))
        ++put;
    if (put > 0)
        writer.commit();
    return put;
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
    for (;;) {
        if (bounds.stopped())
            return wait_end::stopped;
        const bool closed = is_closed(); // before the look: what was pushed before the close is seen after it
        const std::uint32_t taken = leases_.taken();
        const attempt got = something_waits() ? try_to_take(bounds, take_now) : attempt{};
        if (got.what == attempt::done) {
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
    return take_now();
}

wait_end queue_core::pop(incoming& items, std::size_t most, const wait_bounds& bounds)
{
    items.parts.reserve(most);
    items.bytes.reserve(most > 1 ? std::size_t{64} * 1024 : 256); // so that most calls look once
    return take(items, bounds, [&] { return take_items(items, most); });
}

queue_core::attempt queue_core::take_items(incoming& items, std::size_t most)
{
    if (const auto index = returned_item()) {
        if (const attempt copied = append(items, leases_.item(*index)); copied.what != attempt::done)
            return copied;
        leases_.drop(*index);
        return {attempt::done};
    }
    ring_reader reader(memory_);
    attempt last;
    while (items.parts.size() < most) {
        const auto item = reader.front();
        if (!item)
            break;
        last = append(items, *item);
        if (last.what != attempt::done)
            break;
        reader.drop_front();
    }
    if (items.parts.empty())
        return last;
    reader.commit();
    return {attempt::done};
}

wait_end queue_core::pop_lease(incoming& item, lease_place& place, const wait_bounds& bounds)
{
    return take(item, bounds, [&] { return take_lease(item, place); });
}

queue_core::attempt queue_core::take_lease(incoming& item, lease_place& place)
{
    const os::process_identity me = os::process_identity::current();
    const auto taken = [&](const lease_ticket& ticket) -> attempt {
        place = {ticket.index, ticket.generation, leases_.deliveries(ticket)};
        return {attempt::done};
    };
    if (const auto index = returned_item()) {
        if (const attempt copied = append(item, leases_.item(*index)); copied.what != attempt::done)
            return copied;
        return taken(leases_.hold_again(*index, me));
    }
    ring_reader reader(memory_);
    const auto front = reader.front();
    if (!front)
        return {};
    if (const attempt copied = append(item, *front); copied.what != attempt::done)
        return copied;
    const auto ticket = leases_.hold(*front, me);
    if (!ticket) {
        item.clear();
        return {attempt::no_room_for_lease};
    }
    reader.drop_front();
    reader.commit(); // the lease counts from here on
    return taken(*ticket);
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
    const lease_ticket ticket{place.index, place.generation};
    bool room_was_wanted = false;
    {
        const held_lock lock(header().consumers, wait_bounds{});
        if (lock.owner_died())
            leases_.repair();
        if (!(done ? leases_.finish(ticket) : leases_.give_back(ticket)))
            return;
        room_was_wanted = leases_.somebody_wants_room();
    }
    if (!done)
        header().not_empty.ring();
    if (room_was_wanted || is_closed())
        header().not_empty.ring_all();
    if (done && header().all_done.is_armed() && empty() && leases_.taken() == 0)
        header().all_done.ring_all();
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
    }
    header().not_empty.ring_all();
    header().not_full.ring_all();
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
