#include "xml/references.hpp"

#include "html/entities.hpp"
#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <algorithm>

namespace feed::detail {

// `raw` with its references replaced, added to `to`.
void reference_expander::expand(std::string_view raw, std::string& to)
{
    while (!raw.empty()) {
        const std::size_t mark = std::min(raw.find('&'), raw.size());
        to.append(raw.data(), mark);
        raw.remove_prefix(mark);
        if (!raw.empty())
            raw.remove_prefix(expand_one(raw, to));
    }
}

// Replaces the reference that `raw` starts with; the number of bytes it takes.
std::size_t reference_expander::expand_one(std::string_view raw, std::string& to)
{
    // The five that XML declares, by their letters: a table and a loop would take most of the time of a feed whose
    // markup is escaped.
    const auto is = [&](std::string_view reference) { return raw.substr(0, reference.size()) == reference; };
    switch (raw.size() > 3 ? raw[1] : '\0') {
    case 'l':
        if (is("&lt;"))
            return to.push_back('<'), 4;
        break;
    case 'g':
        if (is("&gt;"))
            return to.push_back('>'), 4;
        break;
    case 'a':
        if (is("&amp;"))
            return to.push_back('&'), 5;
        if (is("&apos;"))
            return to.push_back('\''), 6;
        break;
    case 'q':
        if (is("&quot;"))
            return to.push_back('"'), 6;
        break;
    default:
        break;
    }
    if (raw.size() < 2 || (!is_alpha(raw[1]) && raw[1] != '#' && raw[1] != '_' && !is_high(raw[1]))) {
        notes_.note(raw.data(), "an \"&\" stands alone", "taken as text");
        to.push_back('&');
        return 1;
    }
    if (raw[1] == '#')
        return expand_number(raw, to);
    return expand_name(raw, to);
}

std::size_t reference_expander::expand_number(std::string_view raw, std::string& to)
{
    const numeric_reference number = read_numeric_reference(raw.substr(2));
    const std::size_t end = 2 + number.length;
    if (number.length == 0 || end >= raw.size() || raw[end] != ';') {
        notes_.note(raw.data(), "\"*\" is no character reference", "taken as text",
                    raw.substr(0, std::min(raw.size(), end + 1)));
        to.push_back('&');
        return 1;
    }
    const char32_t value = number.value;
    if (value >= 0x80 && value <= 0xFF)
        latin_ = true;
    if (value >= 0xD800 && value <= 0xDFFF)
        return expand_surrogate(raw, value, end + 1, to);
    if (value > 0x10FFFF || value == 0xFFFE || value == 0xFFFF) {
        notes_.note(raw.data(), "\"*\" is no character", "replaced by U+FFFD", raw.substr(0, end + 1));
        append_utf8(to, replacement_character);
    } else if (value < 0x20 && value != '\t' && value != '\n' && value != '\r') {
        notes_.note(raw.data(), "\"*\" is a control character", "left out", raw.substr(0, end + 1));
    } else {
        append_utf8(to, value);
    }
    return end + 1;
}

// Two halves of one character, each written as if it were one: what some encoders make of an emoji.
std::size_t reference_expander::expand_surrogate(std::string_view raw, char32_t high, std::size_t length,
                                                 std::string& to)
{
    notes_.note(raw.data(), "\"*\" is half a character", "read together with its other half", raw.substr(0, length));
    const std::string_view next = raw.substr(length);
    if (high < 0xDC00 && next.substr(0, 2) == "&#") {
        const numeric_reference low = read_numeric_reference(next.substr(2));
        const std::size_t end = 2 + low.length;
        if (low.value >= 0xDC00 && low.value <= 0xDFFF && end < next.size() && next[end] == ';') {
            append_utf8(to, 0x10000 + ((high - 0xD800) << 10) + (low.value - 0xDC00));
            return length + end + 1;
        }
    }
    append_utf8(to, replacement_character);
    return length;
}

std::size_t reference_expander::expand_name(std::string_view raw, std::string& to)
{
    std::size_t length = 1;
    while (length < raw.size() && length < 64 &&
           (is_alnum(raw[length]) || is_high(raw[length]) || raw[length] == '_' || raw[length] == '-' ||
            raw[length] == '.'))
        ++length;
    const std::string_view name = raw.substr(1, length - 1);
    const bool ended = length < raw.size() && raw[length] == ';';
    if (ended && !name.empty()) {
        if (const auto declared = entities_.expansion(name)) {
            expand_declared(*declared, to);
            return length + 1;
        }
        if (const named_character* character = find_named_character(name)) {
            // In these two HTML 5 has changed what XML's tables of HTML entities say.
            static constexpr named_character angles[] = {{"lang", 0x2329, 0, true, false},
                                                         {"rang", 0x232A, 0, true, false}};
            if (name == "lang" || name == "rang")
                character = &angles[name == "lang" ? 0 : 1];
            notes_.note(raw.data(), "the entity \"&*;\" is not declared", "read as HTML's", name);
            append_utf8(to, character->first);
            if (character->second != 0)
                append_utf8(to, character->second);
            return length + 1;
        }
        notes_.note(raw.data(), "the entity \"&*;\" is not declared", "taken as text", name);
    } else {
        notes_.note(raw.data(), "an \"&\" stands alone", "taken as text");
    }
    to.push_back('&');
    return 1;
}

// The value of an entity that the document declares: text, or one character reference.
void reference_expander::expand_declared(std::string_view value, std::string& to)
{
    if (value.substr(0, 2) == "&#")
        expand_number(value, to);
    else
        to.append(value);
}

} // namespace feed::detail
