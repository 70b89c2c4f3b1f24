#include "builder/builder.hpp"

#include "text/ascii.hpp"
#include "text/numbers.hpp"

// Media RSS: each kind of element in a list of its own, and the files with what their group says of them.
namespace feed::detail {

namespace {

// Where the elements of a kind are listed; null for those that have no list.
list<media_item> media::*list_of(tag kind) noexcept
{
    switch (kind) {
    case tag::media_content:
        return &media::contents;
    case tag::media_thumbnail:
        return &media::thumbnails;
    case tag::media_credit:
        return &media::credits;
    case tag::media_player:
        return &media::players;
    case tag::media_rating:
        return &media::ratings;
    case tag::media_restriction:
        return &media::restrictions;
    case tag::media_license:
        return &media::licenses;
    default:
        return nullptr;
    }
}

// What stands within a file or a group and is said of all in it.
void take_parts(arena& memory, const element& from, media_object& to)
{
    list<media_item> thumbnails;
    list<media_item> credits;
    for (const element& each : from.children) {
        if (each.name == "title")
            to.title = each.text;
        else if (each.name == "description")
            to.description = each.text;
        else if (each.name == "keywords")
            to.keywords = each.text;
        else if (each.name == "thumbnail")
            list_access::append(memory, thumbnails, media_item{each.attributes, each.text});
        else if (each.name == "credit")
            list_access::append(memory, credits, media_item{each.attributes, each.text});
    }
    if (!thumbnails.empty())
        to.thumbnails = thumbnails;
    if (!credits.empty())
        to.credits = credits;
}

} // namespace

bool builder::start_media(frame& top, const std::vector<xml_attribute>& attributes)
{
    if (top.kind == tag::media_category) {
        start_category(top, attributes, "http://search.yahoo.com/mrss/category_schema");
        keep_in_tree(top, attributes);
        return true;
    }
    list<media_item> media::*const into = list_of(top.kind);
    if (into == nullptr)
        return false;
    keep_in_tree(top, attributes);
    top.collects = true;
    list<media_item>& items = media_of(current()).*into;
    if (has_room(items.size()))
        list_access::append(memory_, items, media_item{top.attributes, {}});
    return true;
}

void builder::end_media(frame& top)
{
    const std::string_view value = value_of(top);
    list<media_item>& items = media_of(current()).*list_of(top.kind);
    if (value.empty() || items.empty())
        return;
    // The last one that has no text yet: media:content may hold others, but none of its own kind.
    list_access::back(items).text = value;
}

// A whole `media:content` or `media:group` has ended.
void builder::keep_media(const element& from)
{
    feed::media& all = media_of(current());
    media_object shared;
    if (static_cast<tag>(from.code) == tag::media_content)
        return add_media_object(all, from, shared);
    shared.group = ++all.groups;
    take_parts(memory_, from, shared);
    for (const element& each : from.children)
        if (static_cast<tag>(each.code) == tag::media_content)
            add_media_object(all, each, shared);
}

void builder::add_media_object(feed::media& to, const element& from, const media_object& shared)
{
    if (!has_room(to.objects.size()))
        return;
    media_object made = shared;
    for (const attribute& each : from.attributes) {
        if (each.name == "url")
            made.url = resolve(each.value);
        else if (each.name == "type")
            made.type = each.value;
        else if (each.name == "medium")
            made.medium = each.value;
        else if (each.name == "expression")
            made.expression = each.value;
        else if (each.name == "lang")
            made.language = each.value;
        else if (each.name == "filesize")
            made.size = read_count(each.value);
        else if (each.name == "width")
            made.width = read_count(each.value);
        else if (each.name == "height")
            made.height = read_count(each.value);
        else if (each.name == "bitrate")
            made.bit_rate = read_count(each.value);
        else if (each.name == "duration")
            made.duration = read_duration(each.value);
        else if (each.name == "isdefault")
            made.is_default = each.value == "true" || each.value == "1";
    }
    take_parts(memory_, from, made);
    made.source = from;
    list_access::append(memory_, to.objects, made);
}

feed::media& builder::media_of(metadata& of)
{
    if (of.media == nullptr)
        of.media = memory_.create(feed::media{});
    return const_cast<feed::media&>(*of.media); // NOLINT: the arena's; constant only for those who read the document
}

} // namespace feed::detail
