#include <feed/document.hpp>
#include <feed/html.hpp>

#include "arena.hpp"
#include "text/ascii.hpp"

namespace feed {

namespace {

std::string_view find(const list<attribute>& attributes, std::string_view name) noexcept
{
    for (const attribute& each : attributes)
        if (each.name == name)
            return each.value;
    return {};
}

std::string squash(std::string_view text)
{
    std::string result;
    for (const char c : detail::trim(text)) {
        const bool blank = detail::is_space(c);
        if (!blank || result.back() != ' ')
            result.push_back(blank ? ' ' : c);
    }
    return result;
}

} // namespace

document::document() : storage(std::make_unique<detail::storage>()) {}
document::document(document&&) noexcept = default;
document& document::operator=(document&&) noexcept = default;
document::~document() = default;

std::string text::plain() const { return type == text_type::plain ? squash(value) : html_to_text(value); }

std::string_view element::value_of(std::string_view attribute_name) const noexcept
{
    return find(attributes, attribute_name);
}

std::string_view media_item::value_of(std::string_view attribute_name) const noexcept
{
    return find(attributes, attribute_name);
}

const element* element::child(std::string_view child_name) const noexcept
{
    for (const element& each : children)
        if (each.name == child_name)
            return &each;
    return nullptr;
}

const element* metadata::extension(std::string_view qualified_name) const noexcept
{
    const std::size_t colon = qualified_name.find(':');
    const std::string_view prefix =
        colon == std::string_view::npos ? std::string_view() : qualified_name.substr(0, colon);
    const std::string_view name = colon == std::string_view::npos ? qualified_name : qualified_name.substr(colon + 1);
    for (const element& each : extensions)
        if (each.name == name && each.prefix == prefix)
            return &each;
    return nullptr;
}

const link* metadata::link_to(std::string_view rel) const noexcept
{
    for (const feed::link& each : links)
        if (each.rel == rel)
            return &each;
    return nullptr;
}

std::string_view document::self() const noexcept
{
    const feed::link* const found = link_to("self");
    return found ? found->href : std::string_view();
}

std::string_view document::hub() const noexcept
{
    const feed::link* const found = link_to("hub");
    return found ? found->href : std::string_view();
}

} // namespace feed
