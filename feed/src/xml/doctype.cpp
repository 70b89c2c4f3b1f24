#include "xml/doctype.hpp"

#include "html/entities.hpp"
#include "text/ascii.hpp"

#include <algorithm>

namespace feed::detail {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

// The end of the quoted text or comment that starts at `at`, one beyond; npos if it has none.
std::size_t skip_quoted(std::string_view text, std::size_t at) noexcept
{
    const std::size_t end = text.find(text[at], at + 1);
    return end == nowhere ? nowhere : end + 1;
}

} // namespace

std::size_t measure_doctype(std::string_view text, bool* whole) noexcept
{
    if (whole != nullptr)
        *whole = false;
    bool in_subset = false;
    std::size_t at = 9;
    while (at < text.size()) {
        const char c = text[at];
        std::size_t next = at + 1;
        if (c == '"' || c == '\'') {
            next = skip_quoted(text, at);
        } else if (in_subset && text.substr(at, 4) == "<!--") {
            next = text.find("-->", at + 4);
            next = next == nowhere ? next : next + 3;
        } else if (c == '[') {
            in_subset = true;
        } else if (c == ']') {
            in_subset = false;
        } else if (c == '>' && !in_subset) {
            if (whole != nullptr)
                *whole = true;
            return at + 1;
        }
        if (next == nowhere)
            break;
        at = next;
    }
    // Its end is lost: then it ends at the first `>`, and what follows is tried as the feed.
    const std::size_t first = text.find('>');
    return first == nowhere ? text.size() : first + 1;
}

bool entity_declarations::read(std::string_view doctype)
{
    netscape_ = find_ignoring_case(doctype, "netscape") != nowhere;
    std::string_view inner = doctype.substr(9);
    if (inner.empty() || inner.back() != '>' || !is_space(inner.front()))
        return false;
    inner.remove_suffix(1);
    const std::size_t open = inner.find('[');
    const std::string_view head = trim(inner.substr(0, std::min(open, inner.size())));
    if (head.empty())
        return false;
    if (open == nowhere)
        return true;
    const std::size_t close = inner.rfind(']');
    return close != nowhere && close > open && read_subset(inner.substr(open + 1, close - open - 1));
}

bool entity_declarations::read_subset(std::string_view subset)
{
    std::size_t at = 0;
    while ((at = subset.find('<', at)) != nowhere) {
        const std::string_view rest = subset.substr(at);
        if (rest.substr(0, 4) == "<!--") {
            const std::size_t end = rest.find("-->", 4);
            if (end == nowhere)
                return false;
            at += end + 3;
            continue;
        }
        std::size_t end = 1;
        while (end < rest.size() && rest[end] != '>') {
            end = rest[end] == '"' || rest[end] == '\'' ? skip_quoted(rest, end) : end + 1;
            if (end == nowhere)
                return false;
        }
        if (end >= rest.size())
            return false;
        if (rest.substr(0, 8) == "<!ENTITY")
            take_entity(rest.substr(8, end - 8));
        at += end + 1;
    }
    return true;
}

void entity_declarations::take_entity(std::string_view declaration)
{
    declaration = trim(declaration);
    const std::size_t blank = std::min(declaration.find_first_of(" \t\n"), declaration.size());
    const std::string_view name = declaration.substr(0, blank);
    const std::string_view quoted = trim(declaration.substr(blank));
    constexpr std::size_t most = 1000;
    if (name.empty() || name == "%" || quoted.size() < 2 || (quoted.front() != '"' && quoted.front() != '\'') ||
        quoted.back() != quoted.front() || values_.size() >= most)
        return;
    const std::string_view value = quoted.substr(1, quoted.size() - 2);
    if (value.find('&') != nowhere) {
        const bool numeric = value.substr(0, 2) == "&#";
        if (!numeric || read_numeric_reference(value.substr(2)).length + 3 != value.size())
            return;
    }
    if (value.find('%') != nowhere && value.find(';') != nowhere)
        return;
    values_.emplace(std::string(name), value); // the first declaration of a name counts
}

std::optional<std::string_view> entity_declarations::expansion(std::string_view name)
{
    if (values_.empty())
        return std::nullopt;
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.size() > budget_)
        return std::nullopt;
    budget_ -= found->second.size();
    return found->second;
}

} // namespace feed::detail
