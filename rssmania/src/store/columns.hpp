#pragma once

#include "pipeline/messages.hpp"
#include "store/sqlite.hpp"

#include <optional>
#include <sstream>
#include <string>
#include <vector>

/// Times as the database has them: seconds since 1970, or NULL.
namespace rssmania {

[[nodiscard]] inline std::int64_t seconds_of(unix_time time) { return time.time_since_epoch().count(); }

[[nodiscard]] inline std::optional<std::int64_t> seconds_of(std::optional<unix_time> time)
{
    return time ? std::optional(seconds_of(*time)) : std::nullopt;
}

[[nodiscard]] inline std::optional<unix_time> time_in(const sqlite::statement& row, int column)
{
    return row.is_null(column) ? std::nullopt : std::optional(unix_time(std::chrono::seconds(row.integer(column))));
}

/// The lines of what `group_concat(…, char(10))` has joined.
[[nodiscard]] inline std::vector<std::string> lines_of(const std::string& joined)
{
    std::vector<std::string> lines;
    std::istringstream in(joined);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

} // namespace rssmania
