#include "builder/builder.hpp"

#include "text/ascii.hpp"
#include "text/numbers.hpp"

#include <limits>

// Elements of extensions are kept as a tree, whether a field has what they say or not.
namespace feed::detail {

void builder::keep_in_tree(frame& top, const std::vector<xml_attribute>& attributes)
{
    top.generic = true;
    for (const xml_attribute& each : attributes)
        list_access::append(memory_, top.attributes, attribute{each.name, each.value});
}

void builder::end_unknown(frame& top)
{
    element made;
    made.prefix = top.meaning.prefix;
    made.name = top.meaning.local;
    made.namespace_uri = top.meaning.uri;
    made.text = value_of(top);
    made.attributes = top.attributes;
    made.children = top.children;
    made.code = static_cast<std::uint16_t>(top.kind);
    if (!made.text.empty() && (top.meaning.where == space::wfw || (made.name == "docs" && made.prefix.empty())))
        made.text = resolve(made.text);
    if (depth_ >= 2 && frames_[depth_ - 2].generic) {
        if (has_room(frames_[depth_ - 2].children.size()))
            list_access::append(memory_, frames_[depth_ - 2].children, made);
    } else if (open_to_text() && !in_image_ && !in_text_input_) {
        list<element>& into = current().extensions;
        if (!has_room(into.size()))
            return;
        list_access::append(memory_, into, made);
        take_typed(made, top.meaning.where);
    }
}

// What is known of an extension beside its text.
void builder::take_typed(const element& from, space where)
{
    const auto kind = static_cast<tag>(from.code);
    if (kind == tag::media_content || kind == tag::media_group)
        return keep_media(from);
    if (kind == tag::typed || kind == tag::live_item)
        switch (where) {
        case space::itunes:
        case space::podcast:
            return keep_podcast(from, where);
        case space::geo:
            return keep_position(from);
        case space::wfw:
            current().comments_feed = from.text;
            return;
        default:
            if (const auto count = read_count(from.text); count && *count <= std::numeric_limits<std::uint32_t>::max())
                current().comment_count = static_cast<std::uint32_t>(*count);
        }
}

} // namespace feed::detail
