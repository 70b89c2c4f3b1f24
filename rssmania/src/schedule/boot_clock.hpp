#pragma once

#include <chrono>

namespace rssmania {

/// A clock that never goes back and goes on while the machine sleeps (CLOCK_BOOTTIME): what was due during the night is
/// due when the lid is opened. `std::chrono::steady_clock` stands still meanwhile, and the clock on the wall may be
/// set.
struct boot_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<boot_clock>;
    static constexpr bool is_steady = true;

    [[nodiscard]] static time_point now() noexcept;
};

} // namespace rssmania
