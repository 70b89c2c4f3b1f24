#pragma once

#include "os/futex.hpp"

namespace ruche {

/// A word that the fork server counts up, and wakes, after it has reaped a process of this program. Whoever waits for
/// something that a death may change (a lease that comes back) watches it beside its own word.
/// Null where there is no fork server: before the first start, and in processes of no family.
[[nodiscard]] const os::futex_word* death_bell() noexcept;

/// Called once by the process layer, when the family's page is known. The word must outlive the process.
void set_death_bell(const os::futex_word* word) noexcept;

} // namespace ruche
