#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rssmania {

/// What a person writes as a span of time: `90s`, `5m`, `1h30m`, `250ms`, `2d`. Empty if it is none, negative, or
/// longer than a year.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

} // namespace rssmania
