#include "html/policy.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <iterator>

namespace feed::detail {

namespace {

#include "html/policy_tables.inc"

constexpr std::string_view void_elements[] = {"area",  "base",  "basefont", "br",    "col",     "command", "embed",
                                              "frame", "hr",    "img",      "input", "isindex", "keygen",  "link",
                                              "meta",  "param", "source",   "track", "wbr"};

template <std::size_t N>
bool contains(const std::string_view (&sorted)[N], std::string_view name) noexcept
{
    return std::binary_search(std::begin(sorted), std::end(sorted), name);
}

// The entry of a table sorted as if in lower case.
template <std::size_t N>
std::string_view find_spelling(const std::string_view (&sorted)[N], std::string_view name) noexcept
{
    const auto less = [](std::string_view a, std::string_view b) {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                            [](char x, char y) { return to_lower(x) < to_lower(y); });
    };
    const auto found = std::lower_bound(std::begin(sorted), std::end(sorted), name, less);
    return found != std::end(sorted) && !less(name, *found) ? *found : std::string_view();
}

} // namespace

bool is_compatible_element(std::string_view name) noexcept { return contains(compatible_elements, name); }
bool is_strict_element(std::string_view name) noexcept { return contains(strict_elements, name); }
bool is_compatible_attribute(std::string_view name) noexcept { return contains(compatible_attributes, name); }
bool is_strict_attribute(std::string_view name) noexcept { return contains(strict_attributes, name); }
bool is_math_element(std::string_view name) noexcept { return contains(math_elements, name); }
bool is_math_attribute(std::string_view name) noexcept { return contains(math_attributes, name); }
std::string_view find_svg_element(std::string_view name) noexcept { return find_spelling(svg_elements, name); }
std::string_view find_svg_attribute(std::string_view name) noexcept { return find_spelling(svg_attributes, name); }
bool is_css_property(std::string_view name) noexcept { return contains(css_properties, name); }
bool is_css_keyword(std::string_view value) noexcept { return contains(css_keywords, value); }
bool is_svg_property(std::string_view name) noexcept { return contains(svg_properties, name); }
bool is_void_element(std::string_view name) noexcept { return contains(void_elements, name); }

bool is_dropped_whole(std::string_view name, markup_policy policy) noexcept
{
    if (name == "script" || name == "applet" || name == "style")
        return true;
    if (policy == markup_policy::compatible)
        return false;
    static constexpr std::string_view more[] = {"math", "noembed",  "noframes", "noscript", "object", "select",
                                                "svg",  "template", "textarea", "title",    "xmp"};
    return contains(more, name);
}

bool is_raw_text_element(std::string_view name) noexcept
{
    static constexpr std::string_view known[] = {"iframe", "noembed", "noframes", "noscript", "plaintext",
                                                 "script", "style",   "textarea", "title",    "xmp"};
    return contains(known, name);
}

bool is_address(std::string_view element, std::string_view attribute) noexcept
{
    struct pair {
        std::string_view element;
        std::string_view attribute;
    };
    static constexpr pair known[] = {
        {"a", "href"},          {"applet", "codebase"}, {"area", "href"},       {"audio", "src"},
        {"blockquote", "cite"}, {"body", "background"}, {"del", "cite"},        {"form", "action"},
        {"frame", "longdesc"},  {"frame", "src"},       {"iframe", "longdesc"}, {"iframe", "src"},
        {"head", "profile"},    {"img", "longdesc"},    {"img", "src"},         {"img", "usemap"},
        {"input", "src"},       {"input", "usemap"},    {"ins", "cite"},        {"link", "href"},
        {"object", "classid"},  {"object", "codebase"}, {"object", "data"},     {"object", "usemap"},
        {"q", "cite"},          {"script", "src"},      {"source", "src"},      {"video", "poster"},
        {"video", "src"}};
    return std::any_of(std::begin(known), std::end(known),
                       [&](const pair& each) { return each.element == element && each.attribute == attribute; });
}

} // namespace feed::detail
