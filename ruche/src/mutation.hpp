#pragma once

/// Ways to break the protocols of shared memory on purpose. A build with RUCHE_MUTATION=N breaks the N-th; the tests of
/// such a build have to fail, which shows that they would notice the same mistake made by hand (docs/formats/queue.md).
/// Every other build has none, and the compiler drops the tests of it.
namespace ruche {

enum class mutation {
    none,
    lock_is_not_announced,         ///< a lock is taken without telling the kernel
    tail_moves_before_the_copy,    ///< a record is visible before it is written
    head_moves_before_the_copy,    ///< a record's room is given back before it is read
    a_live_owner_counts_as_dead,   ///< a lock is taken from its holder
    bell_is_not_rung,              ///< a commit wakes nobody
    a_sleeper_does_not_look_again, ///< it arms the bell and sleeps
    lease_is_made_after_the_head,  ///< head moves before the item is in the table
    stale_leases_stay,             ///< what a victim left half made in the table is not swept
    room_reaches_the_head,         ///< the word before head is overwritten
    done_frees_twice,              ///< done() does not check whose lease it is
};

#ifdef RUCHE_MUTATION
inline constexpr auto active_mutation = static_cast<mutation>(RUCHE_MUTATION);
#else
inline constexpr auto active_mutation = mutation::none;
#endif

/// Whether this build breaks the protocol in this way.
[[nodiscard]] constexpr bool broken(mutation way) noexcept { return way == active_mutation; }

} // namespace ruche
