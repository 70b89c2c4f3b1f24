#pragma once

#include "os/robust_lock.hpp"

#include <cstddef>
#include <cstdint>

/// The bytes of a queue, as every process that holds it sees them. docs/formats/queue.md explains them, and argues why
/// a process may die at any instruction.
///
///     | header | ring | lease entries | lease slots | lease heap | large area |
///
/// The ring and the large area are mapped twice in a row, so that nothing in them ever wraps.
namespace ruche::detail {

/// First of the memory; each group on cache lines of its own, by who writes it.
struct queue_header {
    static constexpr std::uint64_t right_magic = 0x6575'6575'7120'6872; // "rh queue"
    static constexpr std::uint32_t right_version = 3;
    static constexpr std::size_t apart = 128; // two cache lines: processors fetch them in pairs

    // Constant after creation.
    std::uint64_t magic = right_magic;
    std::uint32_t version = right_version;
    std::uint32_t item_limit = 0; ///< 0: none
    std::uint64_t ring_bytes = 0;
    std::uint64_t large_bytes = 0;
    std::uint64_t pid_namespace = 0; ///< whose thread ids the locks hold
    std::uint64_t fingerprint = 0;   ///< of the type of its items
    std::uint32_t with_descriptors = 0;
    std::atomic<std::uint32_t> full_fences{0}; ///< of a channel: set once, by an end that can't take part in others'

    // Sleepers: armed by anybody, and read by everybody after each commit, so nothing that changes often lies here.
    alignas(apart) os::doorbell not_empty;
    os::doorbell not_full;
    os::doorbell all_done;                   ///< empty, and no lease left
    std::atomic<std::uint32_t> polled{0};    ///< somebody asked for the event: from then on it is kept right
    std::atomic<std::uint32_t> signalled{0}; ///< the event is set, or about to be
    os::futex_word closed{0};                ///< set once, under `producers`

    // Producers: written under `producers`, and looked at by producers only.
    alignas(apart) os::futex_word producers{0};
    std::atomic<std::uint32_t> last_packet{0}; ///< the newest packet of descriptors, sent or about to be
    std::atomic<std::uint64_t> head_seen{0};
    std::atomic<std::uint64_t> large_reserved{0}; ///< bytes of the large area that have pages

    // The one thing of the producers that consumers look at.
    alignas(apart) std::atomic<std::uint64_t> tail{0}; ///< where the next record goes; this store is what adds an item

    // Consumers: written under `consumers`, and looked at by consumers only.
    alignas(apart) os::futex_word consumers{0};
    std::atomic<std::uint64_t> tail_seen{0};
    std::atomic<std::uint32_t> leases_taken{0}; ///< entries in use: held or returned
    std::atomic<std::uint32_t> leases_returned{0};

    // What producers look at of the consumers.
    alignas(apart) std::atomic<std::uint64_t> head{0}; ///< the oldest record; this store is what takes an item
    std::atomic<std::uint32_t> reads_ended{0};         ///< changes when room in the large area was given back

    // The rest of the leases: written under `consumers`.
    alignas(apart) std::atomic<std::uint32_t> lease_entries_used{0}; ///< entries from here on were never used
    std::atomic<std::uint32_t> lease_hint{0};                        ///< where a free entry is likely
    std::atomic<std::uint32_t> lease_room_wanted{0};                 ///< somebody waits until a lease ends
    std::atomic<std::uint32_t> deaths_seen{0};    ///< the death bell when holders were last looked at
    std::atomic<std::uint64_t> looked_at{0};      ///< steady clock in nanoseconds, likewise
    std::atomic<std::uint64_t> slots_reserved{0}; ///< bytes
    std::atomic<std::uint64_t> heap_reserved{0};  ///< bytes
};

/// What precedes the bytes of an item in the ring. Records begin at multiples of eight.
struct record_header {
    std::uint32_t bytes = 0;  ///< of the item, or `is_large`
    std::uint32_t packet = 0; ///< the packet of descriptors that travels beside it; 0: none

    static constexpr std::uint32_t is_large = 0xFFFF'FFFF; ///< a `large_reference` follows instead of the item
};

struct large_reference {
    std::uint64_t offset = 0; ///< in the large area
    std::uint64_t bytes = 0;
    std::uint64_t packed = 0; ///< 1: a `packed_message`, 0: the item as it is
};

/// What follows them: how far everything is once this record is in. The last record's trailer is the producers' state,
/// the one before the head the consumers', so that one store of `tail` or `head` moves all of it.
struct record_trailer {
    std::uint32_t items = 0; ///< pushed so far, this one included (modulo 2^32)
    std::uint32_t large = 0; ///< end of what is used of the large area, in units (modulo 2^32)
};
static_assert(sizeof(record_header) == 8 && sizeof(record_trailer) == 8);

inline constexpr std::size_t large_unit = 64;

/// An item that somebody holds, or that came back. `state` is the only word that changes meaning.
struct alignas(64) lease_entry {
    /// `read`: its item was popped, and is being read where it lies in the large area; no lease. Such an entry is freed
    /// by whoever reads, without a lock, or by others once that process is dead.
    enum : std::uint32_t { free = 0, held = 1, returned = 2, read = 3 };

    struct word {
        std::uint32_t state = free;
        std::uint32_t deliveries = 0; ///< while `read`: the generation
    };
    std::atomic<word> now{};
    std::uint32_t generation = 0; ///< tells one item in this entry from the next
    std::uint32_t sequence = 0;   ///< the item's number, for the order of those that came back
    std::uint64_t position = 0;   ///< its place in the ring: while `head` isn't past it, the entry doesn't count
    std::uint64_t bytes = 0;
    std::uint64_t heap_offset = 0; ///< where it lies if it is larger than a slot; while `read`: its `large`
    std::uint32_t holder = 0;      ///< pid
    std::uint32_t packet = 0;      ///< not 0: descriptors are kept for it
    std::uint64_t holder_start = 0;
    std::uint64_t packed = 0; ///< 1: a `packed_message`
};
static_assert(sizeof(lease_entry) == 64 && std::atomic<lease_entry::word>::is_always_lock_free);

inline constexpr std::uint32_t lease_limit = 1024;
inline constexpr std::size_t lease_slot_bytes = 512;

/// Where the parts lie in the file.
struct queue_geometry {
    std::size_t ring_bytes = 0;
    std::size_t large_bytes = 0;

    static constexpr std::size_t ring = 4096;
    static constexpr std::size_t lease_entries_bytes = lease_limit * sizeof(lease_entry);
    static constexpr std::size_t lease_slots_bytes = lease_limit * lease_slot_bytes;

    [[nodiscard]] constexpr std::size_t lease_entries() const noexcept { return ring + ring_bytes; }
    [[nodiscard]] constexpr std::size_t lease_slots() const noexcept { return lease_entries() + lease_entries_bytes; }
    [[nodiscard]] constexpr std::size_t lease_heap() const noexcept { return lease_slots() + lease_slots_bytes; }
    [[nodiscard]] constexpr std::size_t lease_heap_bytes() const noexcept { return ring_bytes + large_bytes; }
    [[nodiscard]] constexpr std::size_t large() const noexcept { return lease_heap() + lease_heap_bytes(); }
    [[nodiscard]] constexpr std::size_t total() const noexcept { return large() + large_bytes; }
};
static_assert(sizeof(queue_header) <= queue_geometry::ring);

} // namespace ruche::detail
