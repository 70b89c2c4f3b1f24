#pragma once

#include "queue/descriptor_mail.hpp"
#include "queue/lease_table.hpp"
#include "queue/ring.hpp"
#include "waiter.hpp"

#include <ruche/detail/queue_core.hpp>

namespace ruche::detail {

/// One queue as one process sees it: the memory, and how its callers wait and wake each other.
class queue_core {
public:
    queue_core(queue_memory memory, fd event, descriptor_mail mail) noexcept :
        memory_(std::move(memory)), event_(std::move(event)), mail_(std::move(mail)), leases_(memory_)
    {}

    push_end push(std::span<const outgoing> items, const wait_bounds& bounds);
    push_end push(const flat_items& items, const wait_bounds& bounds);
    wait_end pop(incoming& items, std::size_t most, const wait_bounds& bounds);
    wait_end pop_into(std::span<std::byte> place, const wait_bounds& bounds);
    pop_end pop_flat(std::span<std::byte> place, std::size_t each, const wait_bounds& bounds);
    wait_end pop_lease(incoming& item, lease_place& place, const wait_bounds& bounds);
    void end_lease(const lease_place& place, bool done) noexcept;
    void end_loan(const incoming& item) noexcept;
    bool wait_until_done(const wait_bounds& bounds);

    void close() noexcept;
    [[nodiscard]] bool is_closed() const noexcept { return header().closed.load(std::memory_order_acquire) != 0; }
    [[nodiscard]] bool empty() const noexcept { return ring_is_empty() && leases_.returned() == 0; }
    [[nodiscard]] std::size_t size() noexcept;

    /// Readable while something can be popped.
    [[nodiscard]] int pollable() noexcept;
    /// Whether something can be popped, or the queue is closed; also looks for what the dead held.
    [[nodiscard]] bool ready() noexcept;

    [[nodiscard]] const queue_memory& memory() const noexcept { return memory_; }
    [[nodiscard]] const fd& event() const noexcept { return event_; }
    [[nodiscard]] const descriptor_mail& mail() const noexcept { return mail_; }

private:
    // What came of one look under the lock.
    struct attempt {
        enum outcome { nothing, done, needs_buffer, no_room_for_lease };
        outcome what = nothing;
        std::size_t needed = 0; ///< bytes of buffer
    };

    [[nodiscard]] queue_header& header() const noexcept { return memory_.header(); }

    bool push_at_once(const outgoing& item, const wait_bounds& bounds) noexcept;
    template <class Items>
    push_end push_all(const Items& items, const wait_bounds& bounds);
    template <class Items>
    push_end push_when_there_is_room(const Items& items, std::size_t pushed, const wait_bounds& bounds);
    template <class Items>
    std::size_t push_some(const Items& items, std::size_t from, const wait_bounds& bounds);
    bool put(ring_writer& writer, const outgoing& item);

    template <class Take>
    wait_end take(incoming& items, const wait_bounds& bounds, const Take& take_now);
    template <class Look>
    wait_end take_when_there_is_one(incoming& items, os::packet_descriptors& beside, const wait_bounds& bounds,
                                    const Look& look);
    template <class Take>
    attempt try_to_take(const wait_bounds& bounds, os::packet_descriptors& beside, const Take& take_now);
    wait_end pop_into_when_there_is_one(std::span<std::byte> place, const wait_bounds& bounds);
    std::size_t pop_flat_at_once(std::span<std::byte> place, std::size_t each, const wait_bounds& bounds) noexcept;
    attempt take_items(incoming& items, std::size_t most, os::packet_descriptors& beside);
    attempt take_returned(std::uint32_t index, incoming& items, os::packet_descriptors& beside);
    attempt take_lease(incoming& item, lease_place& place, os::packet_descriptors& beside);
    attempt take_lease_again(std::uint32_t index, incoming& item, lease_place& place, os::packet_descriptors& beside);
    std::optional<lease_ticket> hold(const stored_item& item, const os::packet_descriptors& beside);
    void hand_over(incoming& items, os::packet_descriptors& beside);
    void tell_of_taking(std::size_t count) noexcept
    {
        header().not_full.ring(count);
        if (header().all_done.is_armed()) [[unlikely]]
            tell_if_all_is_done();
    }
    void tell_if_all_is_done() noexcept;
    static attempt append(incoming& items, const stored_item& item);
    static bool lands(const incoming& items, const stored_item& item) noexcept;
    bool lend(incoming& items, const stored_item& item);
    std::optional<std::uint32_t> returned_item()
    {
        if (leases_.taken() == 0) [[likely]]
            return std::nullopt;
        return look_for_returned_item();
    }
    std::optional<std::uint32_t> look_for_returned_item();
    void sort_kept(const lease_ticket& wanted, os::packet_descriptors& beside) const;

    /// Whether the ring is empty. What consumers have seen of the tail is asked first: to look at the tail itself takes
    /// it from a producer.
    [[nodiscard]] bool nothing_in_sight() const noexcept
    {
        return header().head.load(std::memory_order_relaxed) == header().tail_seen.load(std::memory_order_relaxed) &&
               ring_is_empty();
    }
    [[nodiscard]] bool something_waits() const noexcept
    {
        return !nothing_in_sight() || leases_.returned() > 0 || leases_.look_is_due();
    }
    /// What another process holds may come back; what this one holds can't while this one waits for it.
    [[nodiscard]] bool is_drained() const noexcept { return empty() && leases_.held_by_others() == 0; }
    [[nodiscard]] bool ring_is_empty() const noexcept
    {
        const std::uint64_t head = header().head.load(std::memory_order_seq_cst);
        return header().tail.load(std::memory_order_seq_cst) == head;
    }
    void forget_kept(const lease_place& place) noexcept;
    void signal_event() noexcept
    {
        if (header().polled.load() != 0) [[unlikely]]
            set_event();
    }
    void settle_event() noexcept
    {
        if (header().polled.load() != 0) [[unlikely]]
            clear_event_if_empty();
    }
    void set_event() noexcept;
    void clear_event_if_empty() noexcept;

    queue_memory memory_;
    fd event_;
    descriptor_mail mail_; ///< empty if the items carry none
    lease_table leases_;
    spin_budget consumers_spin_;
    spin_budget producers_spin_;
};

} // namespace ruche::detail
