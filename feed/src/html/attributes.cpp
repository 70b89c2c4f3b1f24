#include "html/attributes.hpp"

#include "html/entities.hpp"
#include "html/policy.hpp"
#include "text/ascii.hpp"
#include "uri.hpp"

#include <algorithm>

namespace feed::detail {

std::vector<clean_attribute> attribute_filter::filter(const html_token& token, vocabulary kind)
{
    std::vector<clean_attribute> result;
    bool links = false;
    for (const html_attribute& each : token.attributes) {
        const std::string name = lower(each.name);
        links = links || name.substr(0, 6) == "xlink:";
        std::string_view shown = name;
        if (!allows(kind, shown))
            continue;
        std::string value = each.has_value ? std::string(each.value) : name;
        std::erase(value, '\0'); // it would not come out: what is judged is what does
        if (name == "rel" || name == "type")
            value = lower(value);
        if (how_.sanitise && name == "style") {
            value = clean_style(unescaped(value), in_svg_);
            if (value.empty())
                continue;
        } else if (!take_address(token.name, name, value)) {
            continue;
        }
        set(result, shown, escape(value));
    }
    if (kind != vocabulary::none || !how_.sanitise)
        add_namespaces(token, kind, links, result);
    std::sort(result.begin(), result.end());
    return result;
}

std::string attribute_filter::unescaped(std::string_view value)
{
    std::string result;
    append_unescaped(result, value);
    return result;
}

void attribute_filter::set(std::vector<clean_attribute>& in, std::string_view name, std::string value)
{
    for (clean_attribute& each : in)
        if (each.name == name)
            return; // the first one counts, as in browsers
    in.push_back({std::string(name), std::move(value)});
}

bool attribute_filter::allows(vocabulary kind, std::string_view& name) const
{
    switch (kind) {
    case vocabulary::html:
        return strict() ? is_strict_attribute(name) : is_compatible_attribute(name);
    case vocabulary::math:
        return is_math_attribute(name);
    case vocabulary::svg: {
        const std::string_view spelling = find_svg_attribute(name);
        name = spelling;
        return !spelling.empty();
    }
    default: { // nothing is sanitised: names that are names
        return !how_.sanitise && is_alpha(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
            return is_alnum(c) || c == '-' || c == ':' || c == '.' || c == '_';
        });
    }
    }
}

// Resolves and checks what may be an address. False if the attribute has to go.
bool attribute_filter::take_address(const std::string& element, const std::string& name, std::string& value)
{
    if (is_plainly_absolute(value) && (name == "href" || name == "src"))
        return true; // http or https, and nothing in it that could be otherwise
    const bool address = is_address(element, name);
    if (address && !how_.base.empty() && !trim(value).empty()) { // an empty one may be one that was not safe
        std::string resolved = resolve_uri(how_.base, trim(value));
        if (is_safe_uri(unescaped(resolved)))
            value = std::move(resolved);
    } else if (address) {
        value = std::string(trim(value));
    }
    if (!how_.sanitise)
        return true;
    if (value.find(':') == std::string::npos && value.find('&') == std::string::npos)
        return true; // no scheme, however it is written
    const std::string seen = unescaped(value);
    if (name == "href" || name == "xlink:href" || name == "action") {
        if (!is_safe_uri(seen) || is_hidden_scheme(seen))
            value.clear();
        return true;
    }
    if (is_script_uri(seen) || ((in_svg_ || in_math_) && seen.find("javascript:") != std::string::npos)) {
        static constexpr std::string_view prose[] = {"abbr", "alt", "label", "summary", "title", "value"};
        if (is_picture_data(element, name, seen) ||
            std::find(std::begin(prose), std::end(prose), name) != std::end(prose))
            return true;
        if (in_svg_ || in_math_)
            return false;
        value.clear(); // an address in some attribute that only old browsers know
    }
    return true;
}

// A scheme that the policy does not know, as feedparser's list has them.
bool attribute_filter::is_hidden_scheme(std::string_view seen) const
{
    if (strict())
        return false;
    static constexpr std::string_view newer[] = {"acct",    "bitcoin", "dat", "geo", "ipfs",   "matrix",
                                                 "podcast", "sms",     "tel", "urn", "webcal", "xmpp"};
    const std::string_view scheme = split_uri(trim(seen)).scheme;
    return !scheme.empty() && std::any_of(std::begin(newer), std::end(newer),
                                          [&](auto each) { return equal_ignoring_case(each, scheme); });
}

bool attribute_filter::is_picture_data(std::string_view element, std::string_view name, std::string_view seen)
{
    if (element != "img" || name != "src")
        return false;
    for (const std::string_view kind :
         {"data:image/png", "data:image/jpeg", "data:image/jpg", "data:image/gif", "data:image/webp"})
        if (starts_with_ignoring_case(trim(seen), kind) && trim(seen).size() > kind.size() &&
            (trim(seen)[kind.size()] == ';' || trim(seen)[kind.size()] == ','))
            return true;
    return false;
}

// HTML knows SVG and MathML by their names; XML, and whoever takes a text for it, by their namespaces.
void attribute_filter::add_namespaces(const html_token& token, vocabulary kind, bool links,
                                      std::vector<clean_attribute>& result) const
{
    if (!how_.sanitise || strict())
        return;
    if (kind == vocabulary::svg && token.name == "svg")
        set(result, "xmlns", "http://www.w3.org/2000/svg");
    if (kind == vocabulary::math && token.name == "math")
        set(result, "xmlns", "http://www.w3.org/1998/Math/MathML");
    if (links && (kind == vocabulary::svg || kind == vocabulary::math))
        set(result, "xmlns:xlink", "http://www.w3.org/1999/xlink");
}

// A value between double quotes. References stay; an `&` that starts none is escaped.
std::string attribute_filter::escape(std::string_view value)
{
    std::string result;
    result.reserve(value.size() + 16);
    const auto is_special = [](char c) { return c == '<' || c == '>' || c == '"' || c == '&' || c == '\0'; };
    for (std::size_t at = 0; at < value.size(); ++at) {
        std::size_t end = at;
        while (end < value.size() && !is_special(value[end]))
            ++end;
        result.append(value, at, end - at);
        at = end;
        if (at == value.size())
            break;
        switch (value[at]) {
        case '<':
            result.append("&lt;");
            break;
        case '>':
            result.append("&gt;");
            break;
        case '"':
            result.append("&quot;");
            break;
        case '&':
            at += escape_ampersand(result, value.substr(at));
            break;
        default:
            break; // a NUL is nothing
        }
    }
    return result;
}

// How many bytes beside the ampersand itself were taken.
std::size_t attribute_filter::escape_ampersand(std::string& to, std::string_view value)
{
    if (value.substr(0, 5) == "&#39;" || value.substr(0, 5) == "&#34;") {
        to.append(value[3] == '9' ? "'" : "&quot;");
        return 4;
    }
    to.append(is_reference(value) ? "&" : "&amp;");
    return 0;
}

bool attribute_filter::is_reference(std::string_view text) noexcept
{
    const std::string_view rest = text.substr(1);
    if (!rest.empty() && rest.front() == '#') {
        const std::size_t length = read_numeric_reference(rest.substr(1)).length;
        return length != 0 && 1 + length < rest.size() && rest[1 + length] == ';';
    }
    std::size_t length = 0;
    while (length < rest.size() && (is_alnum(rest[length]) || rest[length] == '_'))
        ++length;
    return length != 0 && length < rest.size() && rest[length] == ';';
}

} // namespace feed::detail
