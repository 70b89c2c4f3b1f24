#include "text/utf8.hpp"

#include <algorithm>

#include <cstring>

namespace feed::detail {

void append_utf8(std::string& text, char32_t character)
{
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        character = replacement_character;
    const auto byte = [&](char32_t value) { text.push_back(static_cast<char>(value)); };
    if (character < 0x80) {
        byte(character);
    } else if (character < 0x800) {
        byte(0xC0 | (character >> 6));
        byte(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        byte(0xE0 | (character >> 12));
        byte(0x80 | ((character >> 6) & 0x3F));
        byte(0x80 | (character & 0x3F));
    } else {
        byte(0xF0 | (character >> 18));
        byte(0x80 | ((character >> 12) & 0x3F));
        byte(0x80 | ((character >> 6) & 0x3F));
        byte(0x80 | (character & 0x3F));
    }
}

decoded_character decode_utf8(std::string_view text, std::size_t at) noexcept
{
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (at >= text.size())
        return {};
    if (first < 0x80)
        return {first, 1};
    if (first >= 0xC2 && first <= 0xDF && tail(1))
        return {((first & 0x1FU) << 6) | (byte(1) & 0x3FU), 2};
    if ((first & 0xF0U) == 0xE0U && tail(1) && tail(2)) {
        const char32_t value = ((first & 0x0FU) << 12) | ((byte(1) & 0x3FU) << 6) | (byte(2) & 0x3FU);
        if (value >= 0x800 && (value < 0xD800 || value > 0xDFFF))
            return {value, 3};
    }
    if (first >= 0xF0 && first <= 0xF4 && tail(1) && tail(2) && tail(3)) {
        const char32_t value =
            ((first & 0x07U) << 18) | ((byte(1) & 0x3FU) << 12) | ((byte(2) & 0x3FU) << 6) | (byte(3) & 0x3FU);
        if (value >= 0x10000 && value <= 0x10FFFF)
            return {value, 4};
    }
    return {};
}

// Sixteen bytes at a time: most feeds are ASCII for most of their length.
std::size_t skip_ascii(std::string_view bytes, std::size_t at) noexcept
{
    while (at + 16 <= bytes.size()) {
        std::uint64_t words[2];
        std::memcpy(words, bytes.data() + at, sizeof words);
        if (((words[0] | words[1]) & 0x8080808080808080U) != 0)
            break;
        at += 16;
    }
    while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) < 0x80)
        ++at;
    return at;
}

bool is_ascii(std::string_view bytes) noexcept { return skip_ascii(bytes, 0) == bytes.size(); }

bool is_valid_utf8(std::string_view bytes) noexcept
{
    std::size_t at = 0;
    while ((at = skip_ascii(bytes, at)) < bytes.size()) {
        // A run of characters of more than one byte, as in Cyrillic or Chinese: no ASCII test between them. The two
        // common lengths are looked at here, all else by the book.
        while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) >= 0x80) {
            const auto byte = [&](std::size_t i) {
                return static_cast<unsigned>(static_cast<unsigned char>(bytes[at + i]));
            };
            if (at + 3 <= bytes.size()) {
                const unsigned first = byte(0);
                if (first >= 0xC2 && first <= 0xDF && (byte(1) & 0xC0U) == 0x80U) {
                    at += 2;
                    continue;
                }
                if (first > 0xE0 && first < 0xED && (byte(1) & 0xC0U) == 0x80U && (byte(2) & 0xC0U) == 0x80U) {
                    at += 3;
                    continue;
                }
            }
            const unsigned length = decode_utf8(bytes, at).length;
            if (length == 0)
                return false;
            at += length;
        }
    }
    return true;
}

utf8_survey survey_utf8(std::string_view bytes) noexcept
{
    utf8_survey result;
    std::size_t at = 0;
    while ((at = skip_ascii(bytes, at)) < bytes.size()) {
        const unsigned length = decode_utf8(bytes, at).length;
        if (length != 0) {
            ++result.sequences;
            at += length;
            continue;
        }
        result.valid = false;
        ++result.bad;
        ++at;
    }
    return result;
}

std::string_view cut_utf8(std::string_view text, std::size_t most) noexcept
{
    text = text.substr(0, most);
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0U) == 0x80)
            continue; // within a character
        const std::size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        if (length > back)
            text.remove_suffix(back);
        break;
    }
    return text;
}

std::string repair_utf8(std::string_view bytes)
{
    std::string result;
    result.reserve(bytes.size() + 16);
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t end = skip_ascii(bytes, at);
        result.append(bytes, at, end - at);
        at = end;
        if (at == bytes.size())
            break;
        const unsigned length = decode_utf8(bytes, at).length;
        if (length == 0)
            append_utf8(result, replacement_character);
        else
            result.append(bytes, at, length);
        at += length == 0 ? 1 : length;
    }
    return result;
}

char32_t windows_1252(char32_t control) noexcept
{
    static constexpr char16_t table[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                           0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                           0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                           0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    return control >= 0x80 && control <= 0x9F ? table[control - 0x80] : 0;
}

} // namespace feed::detail
