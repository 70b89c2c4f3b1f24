#pragma once

#include "os/futex.hpp"

#include <chrono>

/// News of deaths: a word in memory shared by all processes of one program, which whoever reaps its processes
/// increments and wakes after each death. Those who wait for what a dead process may have held or owed (a lease, a
/// wake-up) sleep on it too and look again when it changes. Those who sleep in poll(2) hear the same from
/// `os::news_watch`.
namespace ruche {

/// The word, or null where nobody reports deaths.
[[nodiscard]] const os::futex_word* death_bell() noexcept;

/// Called once in each process by the layer that starts processes, before anything waits. The word is never unmapped.
void set_death_bell(const os::futex_word* word) noexcept;

/// How long a sleeper sleeps before it looks by itself whether it has missed something: a second where every death is
/// reported; 100 ms where nobody reports them, or while this process shares something with a stranger.
[[nodiscard]] std::chrono::nanoseconds longest_sleep() noexcept;

/// Something is shared, as long as this lives, with a process whose death nobody here reports.
class shared_with_a_stranger {
public:
    shared_with_a_stranger() noexcept;
    ~shared_with_a_stranger();
    shared_with_a_stranger(const shared_with_a_stranger&) = delete;
    shared_with_a_stranger& operator=(const shared_with_a_stranger&) = delete;
};

} // namespace ruche
