#include "os/robust_lock.hpp"

#include "mutation.hpp"
#include "os/this_thread.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>

namespace ruche::os {

namespace {

constexpr std::uint32_t waiters = FUTEX_WAITERS;
constexpr std::uint32_t died = FUTEX_OWNER_DIED;
constexpr std::uint32_t owner = FUTEX_TID_MASK;

constexpr int spins = 100; // a holder is gone after tens of nanoseconds, unless it was preempted

void announce_lock(const futex_word& word) noexcept
{
    if constexpr (!broken(mutation::lock_is_not_announced))
        announce(word);
}

// The kernel skips a robust list that it can't read any more (an out-of-memory kill may unmap it first), so a lock that
// stays held is looked at once a second: nobody by that number, nobody to release it.
void release_if_owner_is_gone(futex_word& word, std::uint32_t seen) noexcept
{
    if (::kill(static_cast<pid_t>(seen & owner), 0) == -1 && errno == ESRCH)
        word.compare_exchange_strong(seen, died | waiters, std::memory_order_relaxed);
}

lock_result give_up(futex_word& word, bool slept) noexcept
{
    if (slept)
        futex_wake(word); // the wake may have been ours, and was meant for whoever goes on
    retract();
    return lock_result::gave_up;
}

lock_result lock_contended(futex_word& word, std::uint32_t me, const deadline& until, const futex_word* stop) noexcept
{
    const int patience = usable_processors() > 1 ? spins : 0;
    std::uint32_t mark = 0; // whoever has slept can't know that it was alone, and keeps the mark for the others
    for (int round = 0;; ++round) {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        if ((seen & owner) == 0 || broken(mutation::a_live_owner_counts_as_dead)) {
            // Acquire: what the previous holder wrote before its exchange, or before it died, is visible.
            if (word.compare_exchange_weak(seen, me | mark | (seen & waiters), std::memory_order_acquire))
                return seen & died ? lock_result::owner_died : lock_result::acquired;
            continue;
        }
        if (round < patience) {
            relax();
            continue;
        }
        if (until.passed() || (stop && stop->load(std::memory_order_acquire) != 0))
            return give_up(word, mark != 0);
        if ((seen & waiters) == 0 && !word.compare_exchange_weak(seen, seen | waiters, std::memory_order_relaxed))
            continue;
        const std::array watches{futex_watch{&word, seen | waiters}, futex_watch{stop, 0}};
        const deadline look(std::min(until.left(), std::chrono::nanoseconds(std::chrono::seconds(1))));
        if (!futex_wait_any(watches, look))
            release_if_owner_is_gone(word, seen | waiters);
        mark = waiters;
    }
}

} // namespace

lock_result lock(futex_word& word, const deadline& until, const futex_word* stop) noexcept
{
    const std::uint32_t me = this_thread().tid;
    announce_lock(word);
    std::uint32_t free = 0;
    if (word.compare_exchange_strong(free, me, std::memory_order_acquire, std::memory_order_relaxed)) [[likely]]
        return lock_result::acquired;
    return lock_contended(word, me, until, stop);
}

std::uint32_t holder_of(const futex_word& word) noexcept { return word.load(std::memory_order_relaxed) & owner; }

void unlock(futex_word& word) noexcept
{
    // An exchange, and so a full barrier: the look at a doorbell that follows can't move before what was committed.
    const std::uint32_t was = word.exchange(0, std::memory_order_seq_cst);
    if (was & waiters) [[unlikely]]
        futex_wake(word);
    retract();
}

void doorbell::announce() noexcept { os::announce(word_); }
void doorbell::retract() noexcept { os::retract(); }

void doorbell::wake(int count) noexcept
{
    if (broken(mutation::bell_is_not_rung))
        return;
    announce();
    // It stays armed while sleepers may be left. When fewer were found than there is news for, others may be just about
    // to sleep: the changed word keeps those awake that look later, the second wake reaches those that were quicker.
    if (futex_wake(word_, count) < count) {
        word_.exchange(0, std::memory_order_seq_cst);
        futex_wake_all(word_);
    }
    retract();
}

unsigned usable_processors() noexcept
{
    static const unsigned count = [] {
        cpu_set_t set;
        return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1U;
    }();
    return count;
}

} // namespace ruche::os
