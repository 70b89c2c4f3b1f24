#pragma once

#include "mutation.hpp"
#include "os/this_thread.hpp"

#include <algorithm>
#include <cstddef>

/// A lock in shared memory that the kernel releases when the thread that holds it dies, at whatever instruction, and a
/// doorbell that rings by itself when the thread that was about to ring it dies.
///
/// Both rest on the robust list of futex(2), on its `list_op_pending` alone: a thread announces the word it is busy
/// with, and if it dies, the kernel looks at that word. Held by the dead thread: marked OWNER_DIED, one waiter woken.
/// Held by nobody: one waiter woken. Held by another: left alone. A thread announces one word at a time, so it holds
/// one such lock at a time, for a few instructions, and runs nobody else's code meanwhile.
///
/// The memory of an announced word must stay mapped. Words mean something within one pid namespace only.
namespace ruche::os {

enum class lock_result {
    acquired,
    owner_died, ///< acquired, and the previous holder died with it: what it protects is as that one left it
    gave_up,    ///< not acquired: stopped or too late
};

namespace detail {
lock_result lock_contended(futex_word& word, const thread_record& me, const deadline& until,
                           const futex_word* stop) noexcept;
} // namespace detail

/// Takes the lock if it is free and nobody has died with it; false tells nothing else.
[[nodiscard]] inline bool lock_at_once(futex_word& word) noexcept
{
    const thread_record& me = this_thread();
    if constexpr (!broken(mutation::lock_is_not_announced))
        announce(me, word);
    std::uint32_t free = 0;
    if (word.compare_exchange_strong(free, me.tid, std::memory_order_acquire, std::memory_order_relaxed)) [[likely]]
        return true;
    retract(me);
    return false;
}

/// Takes the lock, waiting for its holder until the deadline or until `stop` (may be null) is no longer 0.
[[nodiscard]] inline lock_result lock(futex_word& word, const deadline& until = {},
                                      const futex_word* stop = nullptr) noexcept
{
    if (lock_at_once(word)) [[likely]]
        return lock_result::acquired;
    return detail::lock_contended(word, this_thread(), until, stop);
}

/// The thread that holds it, as far as one can tell who doesn't: 0 if nobody does.
[[nodiscard]] std::uint32_t holder_of(const futex_word& word) noexcept;

/// Gives it back and wakes a waiter. What the holder wrote is visible to the next one.
inline void unlock(futex_word& word) noexcept
{
    // An exchange, and so a full barrier: the look at a doorbell that follows can't move before what was committed.
    const std::uint32_t was = word.exchange(0, std::memory_order_seq_cst);
    if (was & FUTEX_WAITERS) [[unlikely]]
        futex_wake(word);
    retract(this_thread());
}

/// A word that sleepers arm before they sleep on it and that is rung only while armed: nobody asleep, no system call.
/// It holds 0 or `armed`, never a thread id, so that the kernel wakes a sleeper when a ringer dies.
class doorbell {
public:
    static constexpr std::uint32_t armed = 0x8000'0000; ///< FUTEX_WAITERS: outside the bits of a thread id

    /// Asks to be woken. Whoever armed it looks once more at what it waits for, then sleeps on `watch()`.
    void arm() noexcept { word_.fetch_or(armed, std::memory_order_seq_cst); }
    [[nodiscard]] bool is_armed() const noexcept { return (word_.load(std::memory_order_seq_cst) & armed) != 0; }
    [[nodiscard]] futex_watch watch() const noexcept { return {&word_, armed}; }

    /// Wakes as many sleepers as there is news for. The change they wait for comes before, with an exchange (an
    /// `unlock`) between.
    void ring(std::size_t news = 1) noexcept
    {
        if (is_armed())
            wake(static_cast<int>(std::min<std::size_t>(news, everybody)));
    }
    void ring_all() noexcept { ring(everybody); }

    /// Between these the kernel rings once in the name of this thread should it die: for a sleeper, which may have been
    /// woken and owes the next one the news.
    void announce() noexcept { os::announce(this_thread(), word_); }
    static void retract() noexcept { os::retract(this_thread()); }

private:
    static constexpr std::size_t everybody = 0x7FFF'FFFF;

    void wake(int count) noexcept;

    futex_word word_{0};
};
static_assert(sizeof(doorbell) == sizeof(futex_word));

} // namespace ruche::os
