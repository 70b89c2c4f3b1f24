#include "html/entities.hpp"

#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <iterator>

namespace feed::detail {

namespace {

#include "html/entity_table.inc"

constexpr std::size_t longest_name = 32;

} // namespace

const named_character* find_named_character(std::string_view name) noexcept
{
    if (name.empty() || name.size() > longest_name)
        return nullptr;
    static const named_character& nbsp =
        *std::lower_bound(std::begin(entity_table), std::end(entity_table), std::string_view("nbsp"),
                          [](const named_character& a, std::string_view b) { return a.name < b; });
    if (name == "nbsp") // nine in ten of all
        return &nbsp;
    const auto found = std::lower_bound(std::begin(entity_table), std::end(entity_table), name,
                                        [](const named_character& a, std::string_view b) { return a.name < b; });
    return found != std::end(entity_table) && found->name == name ? &*found : nullptr;
}

const named_character* find_bare_character(std::string_view text) noexcept
{
    std::size_t length = 0;
    while (length < text.size() && length < 6 && is_alnum(text[length])) // no bare name is longer
        ++length;
    for (; length >= 2; --length)
        if (const named_character* found = find_named_character(text.substr(0, length)); found && found->bare)
            return found;
    return nullptr;
}

numeric_reference read_numeric_reference(std::string_view text) noexcept
{
    const bool hex = !text.empty() && to_lower(text.front()) == 'x';
    numeric_reference result;
    std::size_t at = hex ? 1 : 0;
    const std::size_t start = at;
    for (; at < text.size(); ++at) {
        const int digit = hex ? hex_value(text[at]) : is_digit(text[at]) ? text[at] - '0' : -1;
        if (digit < 0)
            break;
        if (result.value <= 0x10FFFF) // saturates: what is beyond Unicode stays there
            result.value = result.value * (hex ? 16 : 10) + static_cast<char32_t>(digit);
    }
    result.length = at == start ? 0 : at;
    return result;
}

void append_unescaped(std::string& to, std::string_view html)
{
    std::size_t at = 0;
    while (at < html.size()) {
        const std::size_t mark = std::min(html.find('&', at), html.size());
        to.append(html, at, mark - at);
        at = mark;
        if (at == html.size())
            return;
        std::string_view rest = html.substr(at + 1);
        if (!rest.empty() && rest.front() == '#') {
            const numeric_reference number = read_numeric_reference(rest.substr(1));
            if (number.length != 0) {
                const char32_t mapped = windows_1252(number.value);
                append_utf8(to, mapped != 0 ? mapped : number.value == 0 ? replacement_character : number.value);
                at += 2 + number.length;
                at += at < html.size() && html[at] == ';' ? 1U : 0U;
                continue;
            }
        }
        std::size_t length = 0;
        while (length < rest.size() && length <= longest_name && is_alnum(rest[length]))
            ++length;
        const named_character* found = nullptr;
        if (length < rest.size() && rest[length] == ';')
            found = find_named_character(rest.substr(0, length));
        std::size_t used = length + 2;
        if (found == nullptr) {
            found = find_bare_character(rest);
            used = found ? found->name.size() + 1 : 0;
        }
        if (found == nullptr) {
            to.push_back('&');
            ++at;
            continue;
        }
        append_utf8(to, found->first);
        if (found->second != 0)
            append_utf8(to, found->second);
        at += used;
    }
}

} // namespace feed::detail
