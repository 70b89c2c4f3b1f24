#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace feed {

/// Reads a date as feeds write them: RFC 822 and all that passes for it, ISO 8601, W3CDTF, asctime, month and day names
/// in the languages that feeds use, named zones, seconds since 1970. A date without a zone is taken as UTC, one without
/// a time as midnight; what is no date gives nothing, never today.
///
///     feed::parse_date("lun, 06 ene 2020 08:11:32 +0100")    // 2020-01-06 07:11:32 UTC
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_date(std::string_view text);

} // namespace feed
