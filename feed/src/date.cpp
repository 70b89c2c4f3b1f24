#include <feed/date.hpp>

#include "text/date_parts.hpp"

#include <cstdint>

// What is contradictory or incomplete is no date: nothing is filled in from today.
namespace feed {

namespace {

// Seconds or milliseconds since 1970, for times from 1973 on: shorter numbers are dates without separators.
std::optional<std::chrono::sys_seconds> read_unix_time(std::string_view text)
{
    const std::string_view whole = text.substr(0, text.find('.'));
    if (whole.size() < 9 || whole.size() > 13 || whole.size() == 11 || whole.size() == 12)
        return std::nullopt;
    std::int64_t value = 0;
    for (const char c : whole) {
        if (!detail::is_digit(c))
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return std::chrono::sys_seconds(std::chrono::seconds(whole.size() == 13 ? value / 1000 : value));
}

} // namespace

std::optional<std::chrono::sys_seconds> parse_date(std::string_view text)
{
    text = detail::trim(text);
    constexpr std::size_t longest = 256;
    if (text.empty())
        return std::nullopt;
    if (text.size() > longest) {
        // A fraction of a second may be as long as it likes; nothing else in a date is long.
        const std::size_t dot = text.find('.');
        std::size_t end = dot;
        while (end < text.size() && (end == dot || detail::is_digit(text[end])))
            ++end;
        if (dot > longest || text.size() - end > longest)
            return std::nullopt;
        return parse_date(std::string(text.substr(0, dot)).append(text.substr(end)));
    }
    if (const auto time = read_unix_time(text))
        return time;
    if (const auto time = detail::read_iso_date(text))
        return time;
    return detail::read_worded_date(text);
}

} // namespace feed
