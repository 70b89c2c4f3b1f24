#include "xml/whole.hpp"

#include "xml/doctype.hpp"
#include "xml/syntax.hpp"

namespace feed::detail {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

bool is_whole_declaration(std::string_view all) noexcept
{
    constexpr std::size_t longest_start = 9; // <![CDATA[, <!DOCTYPE
    if (all.size() < longest_start)
        return false;
    if (all.substr(0, 4) == "<!--")
        return all.find("-->", 4) != nowhere;
    if (all.substr(0, longest_start) == "<![CDATA[")
        return all.find("]]>", longest_start) != nowhere;
    if (!starts_with_ignoring_case(all, "<!doctype"))
        return all.find('>') != nowhere;
    bool whole = false;
    (void)measure_doctype(all, &whole);
    return whole;
}

// The end of a value; the end of everything if it may go on.
const char* skip_value(const char* at, const char* end) noexcept
{
    if (at == end || (*at != '"' && *at != '\''))
        return skip_bare_value(at, end);
    const char* const close = find_character(*at, at + 1, end);
    return close == end ? end : close + 1;
}

bool is_whole_tag(const char* at, const char* end) noexcept
{
    const char* const name = at;
    at = skip_name(at, end);
    if (end - at < 2)
        return at != end && (*at == '>' || *at == '<');
    if (is_address({name, static_cast<std::size_t>(at - name)}, at, end))
        return true;
    while ((at = skip_spaces(at, end)) != end) {
        if (*at == '>' || *at == '<')
            return true;
        if (*at == '/' || *at == '"' || *at == '\'' || *at == '=') {
            ++at;
            continue;
        }
        at = skip_name(at, end);
        const char* const after = skip_spaces(at, end);
        if (after == end)
            return false;
        if (*after == '=')
            at = skip_value(skip_spaces(after + 1, end), end);
    }
    return false;
}

} // namespace

bool is_whole_markup(std::string_view text) noexcept
{
    if (text.size() < 2)
        return false;
    if (text[1] == '/')
        return text.find_first_of("<>", 2) != nowhere;
    if (text[1] == '?')
        return text.find("?>", 2) != nowhere;
    if (text[1] == '!')
        return is_whole_declaration(text);
    return !starts_tag(text[1]) || is_whole_tag(text.data() + 1, text.data() + text.size());
}

} // namespace feed::detail
