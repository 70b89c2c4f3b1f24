#include "os/robust_lock.hpp"

#include "os/processors.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <linux/futex.h>
#include <signal.h>

namespace ruche::os {

namespace {

constexpr std::uint32_t waiters = FUTEX_WAITERS;
constexpr std::uint32_t died = FUTEX_OWNER_DIED;
constexpr std::uint32_t owner = FUTEX_TID_MASK;

constexpr int spins = 100; // a holder is gone after tens of nanoseconds, unless it was preempted

// One wake-up can be lost: that of a sleeper which is killed right after it was woken, when another process has taken
// the lock before it and so cleared the mark of those that still sleep (models/lock.pml finds it). So they look.
constexpr auto longest_sleep = std::chrono::milliseconds(100);

// The kernel skips a robust list that it can't read any more (an out-of-memory kill may unmap it first), so a lock that
// stays held is looked at now and then: nobody by that number, nobody to release it.
void release_if_owner_is_gone(futex_word& word, std::uint32_t seen) noexcept
{
    if (::kill(static_cast<pid_t>(seen & owner), 0) == -1 && errno == ESRCH)
        word.compare_exchange_strong(seen, died | waiters, std::memory_order_relaxed);
}

lock_result give_up(futex_word& word, const thread_record& me, bool slept) noexcept
{
    if (slept)
        futex_wake(word); // the wake may have been ours, and was meant for whoever goes on
    retract(me);
    return lock_result::gave_up;
}

} // namespace

lock_result detail::lock_contended(futex_word& word, const thread_record& me, const deadline& until,
                                   const futex_word* stop) noexcept
{
    if constexpr (!broken(mutation::lock_is_not_announced))
        announce(me, word);
    const int patience = others_can_run_meanwhile() ? spins : 0;
    std::uint32_t mark = 0; // whoever has slept can't know that it was alone, and keeps the mark for the others
    for (int round = 0;; ++round) {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        if ((seen & owner) == 0 || broken(mutation::a_live_owner_counts_as_dead)) {
            // Acquire: what the previous holder wrote before its exchange, or before it died, is visible.
            if (word.compare_exchange_weak(seen, me.tid | mark | (seen & waiters), std::memory_order_acquire))
                return seen & died ? lock_result::owner_died : lock_result::acquired;
            continue;
        }
        if (round < patience) {
            relax();
            continue;
        }
        if (until.passed() || (stop && stop->load(std::memory_order_acquire) != 0))
            return give_up(word, me, mark != 0);
        if ((seen & waiters) == 0 && !word.compare_exchange_weak(seen, seen | waiters, std::memory_order_relaxed))
            continue;
        look_at_processors();
        const std::array watches{futex_watch{&word, seen | waiters}, futex_watch{stop, 0}};
        const deadline look(std::min<std::chrono::nanoseconds>(until.left(), longest_sleep));
        if (!futex_wait_any(watches, look))
            release_if_owner_is_gone(word, seen | waiters);
        mark = waiters;
    }
}

std::uint32_t holder_of(const futex_word& word) noexcept { return word.load(std::memory_order_relaxed) & owner; }

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

} // namespace ruche::os
