#include <feed/date.hpp>

#include "text/date_parts.hpp"
#include "text/utf8.hpp"

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

// What typesetters write for the characters of ASCII that dates are made of: blanks that don't break, wide and Arabic
// digits, dashes; and marks of direction, which are nothing.
std::string to_ascii_forms(std::string_view text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const detail::decoded_character read = detail::decode_utf8(text, at);
        if (read.length == 0)
            return std::string(text);
        const char32_t c = read.value;
        if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000)
            result.push_back(' ');
        else if (c >= 0xFF01 && c <= 0xFF5E)
            result.push_back(static_cast<char>(c - 0xFF01 + '!'));
        else if ((c >= 0x660 && c <= 0x669) || (c >= 0x6F0 && c <= 0x6F9))
            result.push_back(static_cast<char>('0' + (c & 0xFU)));
        else if ((c >= 0x2010 && c <= 0x2014) || c == 0x2212)
            result.push_back('-');
        else if (!((c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c == 0xFEFF))
            result.append(text.substr(at, read.length));
        at += read.length;
    }
    return result;
}

} // namespace

std::optional<std::chrono::sys_seconds> parse_date(std::string_view text)
{
    text = detail::trim(text);
    constexpr std::size_t longest = 256;
    if (text.empty())
        return std::nullopt;
    if (const auto time = detail::read_mail_date(text))
        return time;
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
    if (!detail::is_ascii(text)) {
        const std::string forms = to_ascii_forms(text);
        if (forms != text)
            return parse_date(forms);
    }
    if (const auto time = read_unix_time(text))
        return time;
    if (const auto time = detail::read_iso_date(text))
        return time;
    return detail::read_worded_date(text);
}

} // namespace feed
