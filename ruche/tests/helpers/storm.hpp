#pragma once

#include <cstdint>
#include <string>

/// Programs with processes of every kind, and random kills of any of them.
namespace helpers {

/// What came of a storm.
struct storm_outcome {
    int kills = 0;               ///< of programs, fork servers and processes together
    int programs = 0;            ///< that were started, and ended
    std::string left_behind;     ///< those that outlived their program by too long; empty if there were none
    std::int64_t slowest_ms = 0; ///< from a program's end to that of its last descendant
};

/// Runs programs one after the other, each with processes that start processes (fresh, executed, forked; nested), and
/// kills members of the family at random moments, until so many were killed; in the end the program itself. This
/// process adopts what is left, and looks. `seed` chooses the moments.
[[nodiscard]] storm_outcome kill_at_random(int kills, std::uint32_t seed);

} // namespace helpers
