#include "html/policy.hpp"
#include "html/sanitiser.hpp"
#include "text/ascii.hpp"

#include <algorithm>

// Style is let through only in the few forms that everybody uses: a grammar of its own, much smaller than CSS, and what
// does not follow it goes altogether. No address, no function but rgb(), no escape, no comment.
namespace feed::detail {

namespace {

constexpr bool is_word(char c) noexcept { return is_alnum(c) || c == '_'; }

// `url(...)` is cut out; the rest has to stand without it.
std::string without_addresses(std::string_view style)
{
    std::string result;
    std::size_t at = 0;
    while (at < style.size()) {
        const std::size_t mark = style.find("url", at);
        if (mark == std::string_view::npos)
            break;
        std::size_t open = mark + 3;
        while (open < style.size() && is_space(style[open]))
            ++open;
        const std::size_t close =
            open < style.size() && style[open] == '(' ? style.find(')', open) : std::string_view::npos;
        const std::string_view inner =
            close == std::string_view::npos ? std::string_view() : trim(style.substr(open + 1, close - open - 1));
        if (inner.empty() || std::any_of(inner.begin(), inner.end(), is_space)) {
            result.append(style.substr(at, mark + 3 - at));
            at = mark + 3;
            continue;
        }
        result.append(style.substr(at, mark - at)).push_back(' ');
        at = close + 1;
        while (at < style.size() && is_space(style[at]))
            ++at;
    }
    if (at < style.size())
        result.append(style.substr(at));
    return result;
}

// Whether all of it is made of words, numbers, quoted words and lists of numbers in brackets.
bool is_harmless(std::string_view style) noexcept
{
    constexpr std::string_view plain = ":,;#%.!";
    for (std::size_t at = 0; at < style.size(); ++at) {
        const char c = style[at];
        if (is_alnum(c) || is_space(c) || plain.find(c) != std::string_view::npos)
            continue;
        if (c == '-' || c == '_') {
            const bool joins = at > 0 && at + 1 < style.size() && is_word(style[at - 1]) && is_word(style[at + 1]);
            if (c == '-' ? !joins : true)
                return false;
            continue;
        }
        if (c == '\'' || c == '"') {
            const std::size_t end = style.find(c, at + 1);
            if (end == std::string_view::npos || end == at + 1 ||
                !std::all_of(style.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                             style.begin() + static_cast<std::ptrdiff_t>(end),
                             [](char inner) { return is_word(inner) || is_space(inner); }))
                return false;
            at = end;
            continue;
        }
        if (c == '(') {
            const std::size_t end = style.find(')', at + 1);
            if (end == std::string_view::npos || end == at + 1 ||
                !std::all_of(style.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                             style.begin() + static_cast<std::ptrdiff_t>(end),
                             [](char inner) { return is_digit(inner) || inner == ',' || is_space(inner); }))
                return false;
            at = end;
            continue;
        }
        return false;
    }
    return true;
}

// #abc, rgb(1,2,3), 1.5em, 10px...
bool is_measure(std::string_view value) noexcept
{
    if (value.empty())
        return false;
    if (value.front() == '#')
        return value.size() > 1 && std::all_of(value.begin() + 1, value.end(),
                                               [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    if (value.substr(0, 4) == "rgb(")
        return std::all_of(value.begin() + 4, value.end(),
                           [](char c) { return is_digit(c) || c == ',' || c == '%' || c == ')'; });
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t start = at;
        while (at < value.size() && is_digit(value[at]) && at - start < 2)
            ++at;
    };
    digits();
    if (at < value.size() && value[at] == '.')
        ++at;
    digits();
    static constexpr std::string_view units[] = {"", "cm", "em", "ex", "in", "mm", "pc", "pt", "px", "%", ",", ")"};
    return std::find(std::begin(units), std::end(units), value.substr(at)) != std::end(units);
}

bool are_keywords(std::string_view value) noexcept
{
    while (!(value = trim_front(value)).empty()) {
        std::size_t end = 0;
        while (end < value.size() && !is_space(value[end]))
            ++end;
        const std::string_view word = value.substr(0, end);
        if (!is_css_keyword(word) && !is_measure(word))
            return false;
        value.remove_prefix(end);
    }
    return true;
}

bool is_box_property(std::string_view property) noexcept
{
    const std::string_view first = property.substr(0, property.find('-'));
    return first == "background" || first == "border" || first == "margin" || first == "padding";
}

} // namespace

std::string clean_style(std::string_view written, bool in_svg)
{
    const std::string style = without_addresses(written);
    if (!is_harmless(style))
        return {};
    std::string result;
    std::string_view rest = style;
    while (!trim(rest).empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view declaration = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t colon = declaration.find(':');
        const std::string_view name = trim(declaration.substr(0, std::min(colon, declaration.size())));
        const bool well_formed = colon != std::string_view::npos && !name.empty() &&
                                 std::all_of(name.begin(), name.end(), [](char c) { return is_word(c) || c == '-'; });
        if (!well_formed)
            return {};
        std::string_view value = trim_front(declaration.substr(colon + 1));
        value = value.substr(0, value.find(':'));
        if (value.empty())
            continue;
        const std::string property = lower(name);
        if (is_css_property(property) || (is_box_property(property) && are_keywords(value)) ||
            (in_svg && is_svg_property(property)))
            result.append(result.empty() ? "" : " ").append(name).append(": ").append(value).append(";");
    }
    return result;
}

} // namespace feed::detail
