#include "text/utf8.hpp"

namespace rssmania {
namespace {

constexpr char32_t replacement = 0xfffd;

struct lead {
    int following;    // bytes that follow; negative if this byte begins nothing
    char32_t bits;    // what the first byte contributes
    unsigned char lo; // bounds of the second byte, which exclude overlong forms, surrogates and what is past U+10FFFF
    unsigned char hi;
};

lead look_at(unsigned char b)
{
    if (b < 0x80)
        return {0, b, 0, 0};
    if (b >= 0xc2 && b <= 0xdf)
        return {1, b & 0x1fU, 0x80, 0xbf};
    if (b >= 0xe0 && b <= 0xef)
        return {2, b & 0x0fU, static_cast<unsigned char>(b == 0xe0 ? 0xa0 : 0x80),
                static_cast<unsigned char>(b == 0xed ? 0x9f : 0xbf)};
    if (b >= 0xf0 && b <= 0xf4)
        return {3, b & 0x07U, static_cast<unsigned char>(b == 0xf0 ? 0x90 : 0x80),
                static_cast<unsigned char>(b == 0xf4 ? 0x8f : 0xbf)};
    return {-1, 0, 0, 0};
}

} // namespace

char32_t take_character(std::string_view& text)
{
    auto [following, character, lo, hi] = look_at(static_cast<unsigned char>(text.front()));
    text.remove_prefix(1);
    if (following < 0)
        return replacement;
    for (; following > 0; --following) {
        if (text.empty())
            return replacement;
        const auto b = static_cast<unsigned char>(text.front());
        if (b < lo || b > hi)
            return replacement;
        character = (character << 6U) | (b & 0x3fU);
        lo = 0x80;
        hi = 0xbf;
        text.remove_prefix(1);
    }
    return character;
}

void append_character(std::string& text, char32_t c)
{
    const auto byte = [&](char32_t b) { text += static_cast<char>(static_cast<unsigned char>(b)); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xc0U | (c >> 6U));
        byte(0x80U | (c & 0x3fU));
    } else if (c < 0x10000) {
        byte(0xe0U | (c >> 12U));
        byte(0x80U | ((c >> 6U) & 0x3fU));
        byte(0x80U | (c & 0x3fU));
    } else {
        byte(0xf0U | (c >> 18U));
        byte(0x80U | ((c >> 12U) & 0x3fU));
        byte(0x80U | ((c >> 6U) & 0x3fU));
        byte(0x80U | (c & 0x3fU));
    }
}

std::string_view cut_utf8(std::string_view text, std::size_t size)
{
    if (text.size() <= size)
        return text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U)
        --size;
    return text.substr(0, size);
}

std::string valid_utf8(std::string_view text)
{
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty())
        append_character(valid, take_character(text));
    return valid;
}

} // namespace rssmania
