#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Letters, digits and blanks as XML, HTML and HTTP mean them: ASCII only, whatever the locale.
namespace feed::detail {

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || is_upper(c); }
constexpr bool is_alnum(char c) noexcept { return is_alpha(c) || is_digit(c); }
constexpr bool is_high(char c) noexcept { return static_cast<unsigned char>(c) >= 0x80; }
constexpr char to_lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c + 32) : c; }

constexpr int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr std::string_view trim_front(std::string_view text) noexcept
{
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    return text;
}

constexpr std::string_view trim(std::string_view text) noexcept
{
    text = trim_front(text);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i]))
            return false;
    return true;
}

constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept
{
    return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

inline std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

/// Where the first `a` or `b` stands at or after `from`; the size of `text` if nowhere.
inline std::size_t find_either(std::string_view text, char a, char b, std::size_t from = 0) noexcept
{
    // Eight bytes at a time: a byte of `v ^ pattern` is zero where the character stands, and the borrow of the
    // subtraction marks it. Marks above the lowest may be false, so the place is found byte by byte.
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x8080808080808080;
    const std::uint64_t all_a = ones * static_cast<unsigned char>(a);
    const std::uint64_t all_b = ones * static_cast<unsigned char>(b);
    for (; from + sizeof(std::uint64_t) <= text.size(); from += sizeof(std::uint64_t)) {
        std::uint64_t v = 0;
        std::memcpy(&v, text.data() + from, sizeof v);
        const std::uint64_t no_a = v ^ all_a;
        const std::uint64_t no_b = v ^ all_b;
        if (((((no_a - ones) & ~no_a) | ((no_b - ones) & ~no_b)) & tops) != 0)
            break;
    }
    while (from < text.size() && text[from] != a && text[from] != b)
        ++from;
    return from;
}

/// Where `part` first stands in `text` whatever its case (`part` in lower case); `npos` if nowhere.
inline std::size_t find_ignoring_case(std::string_view text, std::string_view part, std::size_t from = 0) noexcept
{
    if (from > text.size())
        return std::string_view::npos;
    const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), part.begin(),
                                   part.end(), [](char a, char b) { return to_lower(a) == b; });
    return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

} // namespace feed::detail
