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
    wait_end pop(incoming& items, std::size_t most, const wait_bounds& bounds);
    wait_end pop_lease(incoming& item, lease_place& place, const wait_bounds& bounds);
    void end_lease(const lease_place& place, bool done) noexcept;
    bool wait_until_done(const wait_bounds& bounds);

    void close() noexcept;
    [[nodiscard]] bool is_closed() const noexcept;
    [[nodiscard]] bool empty() const noexcept;
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

    class held_lock; // the lock of one side, while it lives

    [[nodiscard]] queue_header& header() const noexcept { return memory_.header(); }

    std::size_t push_some(std::span<const outgoing> items, const wait_bounds& bounds);
    bool put(ring_writer& writer, const outgoing& item);

    template <class Take>
    wait_end take(incoming& items, const wait_bounds& bounds, Take take_now);
    template <class Take>
    attempt try_to_take(const wait_bounds& bounds, Take take_now);
    attempt take_items(incoming& items, std::size_t most, os::packet_descriptors& beside);
    attempt take_returned(std::uint32_t index, incoming& items, os::packet_descriptors& beside);
    attempt take_lease(incoming& item, lease_place& place, os::packet_descriptors& beside);
    attempt take_lease_again(std::uint32_t index, incoming& item, lease_place& place, os::packet_descriptors& beside);
    std::optional<lease_ticket> hold(const stored_item& item, const os::packet_descriptors& beside);
    static attempt append(incoming& items, const stored_item& item);
    std::optional<std::uint32_t> returned_item();
    void sort_kept(const lease_ticket& wanted, os::packet_descriptors& beside) const;

    [[nodiscard]] bool something_waits() const noexcept;
    [[nodiscard]] bool is_drained() const noexcept;
    [[nodiscard]] bool ring_is_empty() const noexcept;
    void tell_of_taking(std::size_t count) noexcept;
    void forget_kept(const lease_place& place) noexcept;
    void signal_event() noexcept;
    void settle_event() noexcept;

    queue_memory memory_;
    fd event_;
    descriptor_mail mail_; ///< empty if the items carry none
    lease_table leases_;
    spin_budget consumers_spin_;
    spin_budget producers_spin_;
};

} // namespace ruche::detail
