#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace rssmania {

/// How much of the past is kept. What is not set has no bound. Articles with a star are kept for ever.
struct retention {
    std::optional<std::chrono::seconds> time; ///< articles that came longer ago go
    std::optional<std::int64_t> articles;     ///< of a feed; the oldest go

    friend bool operator==(const retention&, const retention&) = default;
};

} // namespace rssmania
