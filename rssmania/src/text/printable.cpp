#include "text/printable.hpp"

#include "text/utf8.hpp"

#include <array>

namespace rssmania {
namespace {

constexpr int longest_run_of_marks = 4;

bool is_blank(char32_t c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// Marks that can't be seen but change what is seen around them: direction overrides and isolates, zero-width
// characters other than the joiners that scripts and emoji need, interlinear annotations, tags, byte-order marks.
bool is_invisible(char32_t c)
{
    return c == 0xad || c == 0x61c || c == 0x180e || c == 0x200b || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f) || (c & 0xfffe) == 0xfffe ||
           (c >= 0xfdd0 && c <= 0xfdef);
}

bool is_combining(char32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x1ab0 && c <= 0x1aff) ||
           (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

} // namespace

std::string printable(std::string_view text)
{
    std::string clean;
    clean.reserve(text.size());
    int marks = 0;
    bool blank_pending = false;
    while (!text.empty()) {
        const char32_t c = take_character(text);
        if (is_blank(c)) {
            blank_pending = !clean.empty();
            continue;
        }
        if (is_control(c) || is_invisible(c))
            continue;
        marks = is_combining(c) ? marks + 1 : 0;
        if (marks > longest_run_of_marks)
            continue;
        if (blank_pending)
            clean += ' ';
        blank_pending = false;
        append_character(clean, c);
    }
    return clean;
}

std::string printable_url(std::string_view url)
{
    static constexpr std::array hex{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    std::string clean;
    for (const char c : printable(url)) {
        if (c == ' ' || c == '"' || c == '<' || c == '>' || c == '`') {
            const auto byte = static_cast<unsigned char>(c);
            clean += {'%', hex[byte >> 4U], hex[byte & 0xfU]};
        } else {
            clean += c;
        }
    }
    return clean;
}

} // namespace rssmania
