#pragma once

#include "os/futex.hpp"

/// News of deaths: a word in memory shared by all processes of one program, which whoever reaps its processes
/// increments and wakes after each death. Those who wait for what a dead process may have held or owed (a lease, a
/// wake-up) sleep on it too and look again when it changes. Without one they look every 100 ms.
namespace ruche {

/// The word, or null where nobody reports deaths.
[[nodiscard]] const os::futex_word* death_bell() noexcept;

/// Called once in each process by the layer that starts processes, before anything waits. The word is never unmapped.
void set_death_bell(const os::futex_word* word) noexcept;

} // namespace ruche
