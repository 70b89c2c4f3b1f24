#pragma once

#include "text/ascii.hpp"

#include <array>
#include <cstring>
#include <string_view>

/// What the readers of XML have to agree on: where names begin and end. All of it looks at `[at, end)` only.
namespace feed::detail {

/// The first `c`, or `end`.
inline const char* find_character(char c, const char* at, const char* end) noexcept
{
    const void* const found = std::memchr(at, c, static_cast<std::size_t>(end - at));
    return found ? static_cast<const char*>(found) : end;
}

inline const char* skip_spaces(const char* at, const char* end) noexcept
{
    while (at != end && is_space(*at))
        ++at;
    return at;
}

/// Whether what stands behind a `<` makes a tag of it.
[[nodiscard]] constexpr bool starts_tag(char next) noexcept
{
    return is_alpha(next) || next == '_' || next == ':' || is_high(next);
}

/// Whether `c` ends the name of an element or an attribute.
[[nodiscard]] inline bool ends_name(char c) noexcept
{
    static constexpr auto table = [] {
        std::array<bool, 256> ends{};
        for (const char each : {' ', '\t', '\n', '\r', '\f', '>', '/', '=', '<', '"', '\''})
            ends[static_cast<unsigned char>(each)] = true;
        return ends;
    }();
    return table[static_cast<unsigned char>(c)];
}

inline const char* skip_name(const char* at, const char* end) noexcept
{
    while (at != end && !ends_name(*at))
        ++at;
    return at;
}

/// The end of a value without quotes.
inline const char* skip_bare_value(const char* at, const char* end) noexcept
{
    while (at != end && !is_space(*at) && *at != '>' && *at != '<' && *at != '"' && *at != '\'')
        ++at;
    return at;
}

/// Whether `<` and `name` are no element, but an address as one writes it in letters: `<https://e.org/>`,
/// `<ann@e.org>`. `after` is the end of the name.
[[nodiscard]] inline bool is_address(std::string_view name, const char* after, const char* end) noexcept
{
    if (name.back() == ':')
        return end - after > 1 && after[0] == '/' && after[1] == '/';
    return name.find('@') != std::string_view::npos;
}

[[nodiscard]] inline bool is_valid_name(std::string_view name) noexcept
{
    if (name.empty() || is_digit(name.front()) || name.front() == '-' || name.front() == '.')
        return false;
    for (const char c : name)
        if (!is_alnum(c) && !is_high(c) && c != ':' && c != '_' && c != '-' && c != '.')
            return false;
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ||
           (colon != 0 && colon + 1 != name.size() && name.find(':', colon + 1) == std::string_view::npos);
}

} // namespace feed::detail
