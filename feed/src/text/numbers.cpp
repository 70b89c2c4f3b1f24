#include "text/numbers.hpp"

#include "text/ascii.hpp"

#include <charconv>
#include <cmath>

namespace feed::detail {

std::optional<std::int64_t> read_count(std::string_view text) noexcept
{
    text = trim(text);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0)
        return std::nullopt;
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    if (!rest.empty() && rest.front() == '.')
        rest.remove_prefix(1);
    return std::all_of(rest.begin(), rest.end(), is_digit) ? std::optional(value) : std::nullopt;
}

std::optional<double> read_number(std::string_view text) noexcept
{
    text = trim(text);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<bool> read_flag(std::string_view text) noexcept
{
    text = trim(text);
    for (const std::string_view yes : {"yes", "true", "1"})
        if (equal_ignoring_case(text, yes))
            return true;
    for (const std::string_view no : {"no", "false", "0"})
        if (equal_ignoring_case(text, no))
            return false;
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> read_exact_duration(std::string_view text) noexcept
{
    text = trim(text);
    if (text.find(':') != std::string_view::npos)
        return read_chapter_start(text);
    constexpr double longest = 1e9; // thirty years
    const auto seconds = read_number(text);
    if (!seconds || *seconds > longest)
        return std::nullopt;
    return std::chrono::milliseconds(std::llround(*seconds * 1000));
}

std::optional<std::chrono::seconds> read_duration(std::string_view text) noexcept
{
    const auto exact = read_exact_duration(text);
    return exact ? std::optional(std::chrono::floor<std::chrono::seconds>(*exact)) : std::nullopt;
}

namespace {

// What stands behind the dot.
std::optional<std::int64_t> read_thousandths(std::string_view fraction) noexcept
{
    constexpr std::size_t longest = 9;
    if (fraction.empty() || fraction.size() > longest)
        return std::nullopt;
    std::int64_t result = 0;
    std::int64_t unit = 100;
    for (const char c : fraction) {
        if (!is_digit(c))
            return std::nullopt;
        result += unit * (c - '0');
        unit /= 10;
    }
    return result;
}

} // namespace

std::optional<std::chrono::milliseconds> read_chapter_start(std::string_view text) noexcept
{
    const std::size_t dot = std::min(text.find('.'), text.size());
    std::int64_t milliseconds = 0;
    if (dot < text.size()) {
        const auto fraction = read_thousandths(text.substr(dot + 1));
        if (!fraction)
            return std::nullopt;
        milliseconds = *fraction;
    }
    std::string_view clock = text.substr(0, dot);
    std::int64_t seconds = 0;
    int fields = 0;
    while (true) {
        const std::size_t end = std::min(clock.find(':'), clock.size());
        if (end == 0 || end > 3 || ++fields > 3)
            return std::nullopt;
        std::int64_t value = 0;
        for (const char c : clock.substr(0, end)) {
            if (!is_digit(c))
                return std::nullopt;
            value = value * 10 + (c - '0');
        }
        seconds = seconds * 60 + value;
        if (end == clock.size())
            break;
        clock.remove_prefix(end + 1);
    }
    if (fields < 2)
        return std::nullopt;
    return std::chrono::milliseconds(seconds * 1000 + milliseconds);
}

} // namespace feed::detail
