#pragma once

#include "pipeline/messages.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace rssmania {

/// When a feed publishes, in short: what is left of the dates of its articles to plan visits by.
struct rhythm {
    std::chrono::seconds gap{0};            ///< between two articles, lately; 0 if nothing is known
    std::optional<unix_time> newest;        ///< when the last one came
    std::array<std::uint8_t, 24> by_hour{}; ///< articles by hour of the day (UTC), the busiest hour being 255

    friend bool operator==(const rhythm&, const rhythm&) = default;
};

/// The rhythm of a feed whose last articles appeared at `times`, in any order.
///
/// The rate is a mean over the past in which two weeks ago counts about a third of today: a feed that falls silent, or
/// wakes up, is noticed within days. Articles of the same minute count as one, since they come with one visit; those
/// dated in the future count as of now. From fewer than two such moments nothing is known.
[[nodiscard]] rhythm rhythm_of(std::span<const unix_time> times, unix_time now);

/// How long to wait, at `now`, so that a visit finds something new about every other time: half of the gap; longer at
/// hours at which the feed rarely publishes, shorter at its busy ones, and longer and longer while it is silent.
/// Empty if nothing is known. Unbounded: see `next_visit`.
[[nodiscard]] std::optional<std::chrono::seconds> wait_by(const rhythm& known, unix_time now);

} // namespace rssmania
