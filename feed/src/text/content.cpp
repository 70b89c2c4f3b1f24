#include "text/content.hpp"

#include "html/entities.hpp"
#include "html/policy.hpp"
#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <array>

namespace feed::detail {

namespace {

constexpr bool is_blank(char32_t c) noexcept
{
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

constexpr bool is_word(char c) noexcept { return is_alnum(c) || c == '_'; }

std::size_t word_length(std::string_view text) noexcept
{
    std::size_t length = 0;
    while (length < text.size() && is_word(text[length]))
        ++length;
    return length;
}

} // namespace

std::string_view trim_unicode(std::string_view text) noexcept
{
    while (!text.empty()) {
        const decoded_character first = decode_utf8(text, 0);
        if (first.length == 0 || !is_blank(first.value))
            break;
        text.remove_prefix(first.length);
    }
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && text.size() - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U)
            --start;
        const decoded_character last = decode_utf8(text, start);
        if (last.length != text.size() - start || !is_blank(last.value))
            break;
        text.remove_suffix(last.length);
    }
    return text;
}

bool decode_base64(std::string_view text, std::string& to)
{
    to.clear();
    unsigned bits = 0;
    unsigned held = 0;
    std::size_t digits = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        unsigned value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<unsigned>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<unsigned>(c - 'a') + 26;
        else if (is_digit(c))
            value = static_cast<unsigned>(c - '0') + 52;
        else if (c == '+' || c == '/')
            value = c == '+' ? 62 : 63;
        else if (c == '=') {
            ++padding;
            continue;
        } else
            continue; // as everywhere where base64 is read: what is no digit is passed over
        ++digits;
        held = (held << 6) | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            to.push_back(static_cast<char>((held >> bits) & 0xFFU));
        }
    }
    return (digits + padding) % 4 == 0 && is_valid_utf8(to);
}

bool looks_like_html(std::string_view text)
{
    bool marked = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        at = find_either(text, '<', '&', at);
        if (at == text.size())
            break;
        std::string_view rest = text.substr(at + 1);
        if (text[at] == '<') {
            const bool closes = !rest.empty() && rest.front() == '/';
            rest.remove_prefix(closes ? 1 : 0);
            const std::size_t length = word_length(rest);
            if (length == 0)
                continue;
            if (!is_compatible_element(lower(rest.substr(0, length))))
                return false;
            marked = marked || (closes && length < rest.size() && rest[length] == '>');
        } else {
            const bool number = !rest.empty() && rest.front() == '#';
            rest.remove_prefix(number ? 1 : 0);
            const std::size_t length = word_length(rest);
            if (length == 0 || length >= rest.size() || rest[length] != ';')
                continue;
            const named_character* known = number ? nullptr : find_named_character(rest.substr(0, length));
            if (!number && (known == nullptr || !known->classic))
                return false;
            marked = true;
        }
    }
    return marked;
}

bool only_looks_like_html(std::string_view text) noexcept
{
    const std::size_t bracket = text.find('<');
    if (bracket == std::string_view::npos || bracket + 1 == text.size())
        return false;
    std::string_view name = text.substr(bracket + 1);
    name.remove_prefix(name.front() == '!' || name.front() == '/' ? 1 : 0);
    return !name.empty() && std::all_of(name.begin(), name.end(), is_alpha) &&
           text.substr(0, bracket).find('&') == std::string_view::npos;
}

namespace {

// UTF-8 read as latin-1 and written as UTF-8 again: every character is below U+0100, and as bytes they are UTF-8.
bool undo_double_encoding(std::string_view text, std::string& to)
{
    // Nearly always the first character beyond ASCII tells.
    for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at + 1))
        if (static_cast<unsigned char>(text[at]) >= 0xC4)
            return false;
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x80) {
            bytes.push_back(text[at]);
            continue;
        }
        ++at;
        if (at == text.size() || c < 0xC2)
            return false;
        bytes.push_back(static_cast<char>(((c & 0x03U) << 6) | (static_cast<unsigned char>(text[at]) & 0x3FU)));
    }
    if (!is_valid_utf8(bytes))
        return false;
    to = std::move(bytes);
    return true;
}

bool replace_controls(std::string_view text, std::string& to)
{
    bool found = false;
    std::string mended;
    std::size_t done = 0;
    for (std::size_t at = text.find('\xC2'); at < text.size(); at = text.find('\xC2', at + 1)) {
        const char32_t meant = at + 1 < text.size() ? windows_1252(static_cast<unsigned char>(text[at + 1])) : 0;
        if (meant == 0)
            continue;
        mended.append(text, done, at - done);
        append_utf8(mended, meant);
        done = at + 2;
        found = true;
    }
    if (!found)
        return false;
    mended.append(text.substr(done));
    to = std::move(mended);
    return true;
}

} // namespace

bool mend_characters(std::string_view text, std::string& to)
{
    if (!may_need_mending(text))
        return false;
    if (!undo_double_encoding(text, to))
        return replace_controls(text, to);
    std::string again;
    if (replace_controls(to, again))
        to = std::move(again);
    return true;
}

bool may_need_mending(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    for (std::size_t at = text.find('\xC2'); at < text.size(); at = text.find('\xC2', at + 2))
        if (windows_1252(byte(at + 1)) != 0 ||
            (at >= 2 && byte(at - 2) == 0xC3)) // a control, or "Ã" and a continuation
            return true;
    return false;
}

std::string expand_media_type(std::string_view type)
{
    std::string result = lower(trim(type));
    if (result == "text" || result == "plain")
        return "text/plain";
    if (result == "html")
        return "text/html";
    if (result == "xhtml")
        return "application/xhtml+xml";
    return result;
}

bool is_markup_type(std::string_view media_type) noexcept
{
    return media_type == "text/html" || media_type == "application/xhtml+xml";
}

text_type classify(std::string_view media_type) noexcept
{
    if (media_type == "text/plain")
        return text_type::plain;
    if (media_type == "text/html")
        return text_type::html;
    return media_type == "application/xhtml+xml" ? text_type::xhtml : text_type::other;
}

namespace {

// What `c` is written as in markup; empty where it stands for itself.
constexpr std::string_view reference_for(char c, bool in_value) noexcept
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return in_value ? "&quot;" : std::string_view();
    default:
        return {};
    }
}

void append_escaped(std::string& to, std::string_view text, bool in_value)
{
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] > '>') // nearly all letters
            continue;
        const std::string_view reference = reference_for(text[at], in_value);
        if (reference.empty())
            continue;
        to.append(text, done, at - done).append(reference);
        done = at + 1;
    }
    to.append(text, done);
}

} // namespace

void append_escaped(std::string& to, std::string_view text) { append_escaped(to, text, false); }
void append_escaped_attribute(std::string& to, std::string_view text) { append_escaped(to, text, true); }

} // namespace feed::detail
