#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace rssmania {

/// What a server asks, in the headers of an answer, of those who come again.
struct server_wishes {
    std::optional<std::chrono::seconds> fresh_for;   ///< what it gave counts as fresh for so long from now
    std::optional<std::chrono::seconds> retry_after; ///< it wants to be left alone for so long from now

    friend bool operator==(const server_wishes&, const server_wishes&) = default;
};

/// What a feed asks, in its document, of those who come again.
struct publisher_wishes {
    std::chrono::seconds period{0}; ///< at least so long between visits (ttl, sy:updatePeriod); 0 if it doesn't say
    std::uint32_t skip_hours = 0;   ///< bit h: not in hour h of the day, UTC
    std::uint32_t skip_days = 0;    ///< bit d: not on that day of the week, 0 being Sunday

    friend bool operator==(const publisher_wishes&, const publisher_wishes&) = default;
};

} // namespace rssmania
