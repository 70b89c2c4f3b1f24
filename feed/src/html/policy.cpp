#include "html/policy.hpp"

#include "text/ascii.hpp"
#include "text/name_set.hpp"

#include <algorithm>
#include <iterator>

namespace feed::detail {

namespace {

#include "html/policy_tables.inc"

constexpr std::string_view void_elements[] = {"area",  "base",  "basefont", "br",    "col",     "command", "embed",
                                              "frame", "hr",    "img",      "input", "isindex", "keygen",  "link",
                                              "meta",  "param", "source",   "track", "wbr"};

constexpr name_set compatible_elements_set(compatible_elements);
constexpr name_set strict_elements_set(strict_elements);
constexpr name_set compatible_attributes_set(compatible_attributes);
constexpr name_set strict_attributes_set(strict_attributes);
constexpr name_set math_elements_set(math_elements);
constexpr name_set math_attributes_set(math_attributes);
constexpr name_set css_properties_set(css_properties);
constexpr name_set css_keywords_set(css_keywords);
constexpr name_set svg_properties_set(svg_properties);
constexpr name_set void_elements_set(void_elements);

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

bool is_compatible_element(std::string_view name) noexcept { return compatible_elements_set.contains(name); }
bool is_strict_element(std::string_view name) noexcept { return strict_elements_set.contains(name); }
bool is_compatible_attribute(std::string_view name) noexcept { return compatible_attributes_set.contains(name); }
bool is_strict_attribute(std::string_view name) noexcept { return strict_attributes_set.contains(name); }
bool is_math_element(std::string_view name) noexcept { return math_elements_set.contains(name); }
bool is_math_attribute(std::string_view name) noexcept { return math_attributes_set.contains(name); }
std::string_view find_svg_element(std::string_view name) noexcept { return find_spelling(svg_elements, name); }
std::string_view find_svg_attribute(std::string_view name) noexcept { return find_spelling(svg_attributes, name); }
bool is_css_property(std::string_view name) noexcept { return css_properties_set.contains(name); }
bool is_css_keyword(std::string_view value) noexcept { return css_keywords_set.contains(value); }
bool is_svg_property(std::string_view name) noexcept { return svg_properties_set.contains(name); }
bool is_void_element(std::string_view name) noexcept { return void_elements_set.contains(name); }

bool is_dropped_whole(std::string_view name, markup_policy policy) noexcept
{
    if (name.size() >= 5 && (name == "script" || name == "applet" || name == "style"))
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
    static constexpr name_set known_set(known);
    return known_set.contains(name);
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
    // Few attributes are addresses anywhere: the others need no look at the pairs.
    static constexpr std::string_view names[] = {"action", "background", "cite",   "classid", "codebase", "data",
                                                 "href",   "longdesc",   "poster", "profile", "src",      "usemap"};
    static constexpr name_set addresses(names);
    if (!addresses.contains(attribute))
        return false;
    return std::any_of(std::begin(known), std::end(known),
                       [&](const pair& each) { return each.element == element && each.attribute == attribute; });
}

} // namespace feed::detail
