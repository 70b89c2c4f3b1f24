#pragma once

#include "os/process_identity.hpp"
#include "queue/ring.hpp"

#include <optional>

/// The items that somebody has taken but not finished. All of it is done under the consumers' lock; what makes it safe
/// to die there is said in docs/formats/queue.md.
namespace ruche::detail {

/// Which use of which entry a lease is.
struct lease_ticket {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
    std::uint32_t delivery = 0;
};

class lease_table {
public:
    explicit lease_table(const queue_memory& memory) noexcept : memory_(memory) {}

    /// Sweeps what a process left that died under the lock: entries for items that are still in the ring.
    void repair() noexcept;

    /// Entries in use, whether held or returned; and those returned.
    [[nodiscard]] std::uint32_t taken() const noexcept { return header().leases_taken.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint32_t returned() const noexcept
    {
        return header().leases_returned.load(std::memory_order_acquire);
    }
    [[nodiscard]] std::uint32_t held_by_others() const noexcept;

    /// Whether it is time to look if holders have died: somebody has, or nobody would tell and a while has passed.
    [[nodiscard]] bool look_is_due() const noexcept { return taken() != returned() && time_for_a_look(); }

    /// Marks what dead holders held as returned. Returns how many.
    std::uint32_t return_of_the_dead() noexcept;

    /// The returned item that was pushed first.
    [[nodiscard]] std::optional<std::uint32_t> oldest_returned() const noexcept;
    [[nodiscard]] stored_item item(std::uint32_t index) const noexcept;

    /// Copies an item of the ring into a free entry, held by this process; the item is this process's once `head` is
    /// past it, and not before. Nothing if there is no room. Throws: `os_error` if the machine has no pages left.
    [[nodiscard]] std::optional<lease_ticket> hold(const stored_item& item, const os::process_identity& me);

    /// Keeps the room of an item in the large area until it was read, though the head moves past it: it counts as
    /// popped then. Nothing if there is no entry for it. Throws: as `hold`.
    [[nodiscard]] std::optional<lease_ticket> begin_read(const stored_item& item, const os::process_identity& me);
    /// Needs no lock.
    void end_read(const lease_ticket& ticket) noexcept;

    /// As `hold`, for an item that was returned.
    [[nodiscard]] lease_ticket hold_again(std::uint32_t index, const os::process_identity& me) noexcept;

    /// Ends the lease, or gives the item back. False if the lease is not held any more.
    bool finish(const lease_ticket& ticket) noexcept;
    bool give_back(const lease_ticket& ticket) noexcept;

    /// Notes that somebody found no room for a lease, and asks whether anybody has since this was last asked: it
    /// sleeps, and the next end wakes it.
    void want_room() noexcept { header().lease_room_wanted.store(1, std::memory_order_relaxed); }
    [[nodiscard]] bool somebody_wants_room() noexcept;

    /// Whether this item's descriptors are still kept for somebody.
    [[nodiscard]] bool is_taken(std::uint32_t index, std::uint32_t generation) const noexcept;
    [[nodiscard]] lease_ticket ticket_of(std::uint32_t index) const noexcept;
    /// Takes a returned item out, for one who needs no lease.
    void drop(std::uint32_t index) noexcept;

private:
    [[nodiscard]] bool time_for_a_look() const noexcept;
    [[nodiscard]] queue_header& header() const noexcept { return memory_.header(); }
    [[nodiscard]] std::uint32_t used() const noexcept
    {
        return header().lease_entries_used.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_held(const lease_ticket& ticket) const noexcept;
    [[nodiscard]] std::optional<std::uint32_t> free_entry() const noexcept;
    static bool free_dead_reader(lease_entry& entry) noexcept;
    [[nodiscard]] std::optional<std::uint64_t> free_extent(std::size_t bytes) const;
    void make_ready(std::uint32_t index, std::size_t heap_end);
    [[nodiscard]] std::byte* bytes_of(const lease_entry& entry, std::uint32_t index) const noexcept;
    void set_free(std::uint32_t index) noexcept;
    static void describe(lease_entry& entry, const stored_item& item, const os::process_identity& me) noexcept;

    const queue_memory& memory_;
};

} // namespace ruche::detail
