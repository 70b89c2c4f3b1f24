#pragma once

#include "pipeline/messages.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rssmania {

/// A new address that a feed's server keeps giving, as far as it is believed.
struct move_sightings {
    std::string target; ///< empty if there is none
    int seen = 0;       ///< visits in a row that led there and found a feed
    std::optional<unix_time> first;

    friend bool operator==(const move_sightings&, const move_sightings&) = default;
};

/// When a permanent redirect (301, 308) is believed. Maintenance pages and hotel networks send them too.
struct move_rules {
    int seen = 3;
    std::chrono::seconds over = std::chrono::hours(48);
};

/// Notes that a visit at `now`, which found a feed, went from the known address to `target` by permanent redirects
/// alone; an empty `target` if it was not redirected so. Returns whether the new address is to be taken over now.
[[nodiscard]] bool note_move(move_sightings& known, const std::string& target, unix_time now,
                             const move_rules& rules = {});

} // namespace rssmania
