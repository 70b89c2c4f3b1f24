#pragma once

#include <ruche/deadline.hpp>

#include <atomic>
#include <cstdint>
#include <span>

/// Sleeping on a word of memory that processes share (futex(2)). Every call works on shared and on private memory.
namespace ruche::os {

using futex_word = std::atomic<std::uint32_t>;
static_assert(sizeof(futex_word) == 4 && futex_word::is_always_lock_free);

/// A word, and the value that means "nothing has happened yet". A null word is skipped.
struct futex_watch {
    const futex_word* word = nullptr;
    std::uint32_t expected = 0;
};

/// Sleeps while `word` holds `expected`, until a wake, a signal or the deadline: a return says nothing about why, the
/// caller looks again. Returns false once the deadline has passed.
bool futex_wait(const futex_word& word, std::uint32_t expected, const deadline& until) noexcept;

/// The same over several words at once: returns as soon as any differs from what is expected or is woken.
/// futex_waitv where the kernel has it (5.16), else slices of at most 100 ms on the first word.
bool futex_wait_any(std::span<const futex_watch> watches, const deadline& until) noexcept;

/// Wakes at most `count` sleepers and returns how many there were to wake. Async-signal-safe.
int futex_wake(const futex_word& word, int count = 1) noexcept;
void futex_wake_all(const futex_word& word) noexcept;

} // namespace ruche::os
