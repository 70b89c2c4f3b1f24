#include "builder/builder.hpp"

#include "text/ascii.hpp"
#include "text/numbers.hpp"

#include <feed/date.hpp>

#include <algorithm>

// What itunes:*, podcast:* and psc:* say; of the first two, made of the elements of the tree when they have ended.
namespace feed::detail {

namespace {

std::string_view or_else(std::string_view value, std::string_view otherwise) noexcept
{
    return value.empty() ? otherwise : value;
}

// Names of elements come in lower case.
struct reader_of {
    arena& memory;
    const element& from;
    feed::podcast& to;

    template <class T>
    void add(list<T>& into, const T& value) const
    {
        list_access::append(memory, into, value);
    }
    [[nodiscard]] std::string_view operator[](std::string_view name) const noexcept { return from.value_of(name); }
};

void take_value(const reader_of& of)
{
    value_block made{of["type"], of["method"], of["suggested"], {}};
    for (const element& each : of.from.children)
        if (each.name == "valuerecipient")
            list_access::append(of.memory, made.recipients,
                                value_recipient{each.value_of("name"), each.value_of("type"), each.value_of("address"),
                                                each.value_of("customkey"), each.value_of("customvalue"),
                                                read_count(each.value_of("split")),
                                                read_flag(each.value_of("fee")).value_or(false)});
    of.add(of.to.values, made);
}

void take_alternate_enclosure(const reader_of& of)
{
    alternate_enclosure made;
    made.type = of["type"];
    made.title = of["title"];
    made.language = of["lang"];
    made.rel = of["rel"];
    made.codecs = of["codecs"];
    made.length = read_count(of["length"]);
    made.bit_rate = read_number(of["bitrate"]);
    made.height = read_count(of["height"]);
    made.is_default = read_flag(of["default"]).value_or(false);
    for (const element& each : of.from.children) {
        if (each.name == "source")
            list_access::append(of.memory, made.sources,
                                enclosure_source{each.value_of("uri"), each.value_of("contenttype")});
        if (each.name == "integrity") {
            made.integrity_type = each.value_of("type");
            made.integrity = each.value_of("value");
        }
    }
    of.add(of.to.alternate_enclosures, made);
}

void take_remote_item(const reader_of& of, const element& from)
{
    of.add(of.to.remote_items, remote_item{from.value_of("feedguid"), from.value_of("feedurl"),
                                           from.value_of("itemguid"), from.value_of("medium"), from.value_of("title")});
}

void take_live_item(const reader_of& of)
{
    live_item made;
    made.status = of["status"];
    made.start = parse_date(of["start"]);
    made.end = parse_date(of["end"]);
    for (const element& each : of.from.children) {
        if (each.name == "title" && each.prefix.empty())
            made.title = each.text;
        else if (each.name == "link" && each.prefix.empty())
            made.link = each.text;
        else if (each.name == "guid" && each.prefix.empty())
            made.guid = each.text;
        else if (each.name == "enclosure") {
            made.enclosure_url = each.value_of("url");
            made.enclosure_type = each.value_of("type");
        }
    }
    made.source = of.from;
    of.add(of.to.live_items, made);
}

// `srcset`: addresses with widths, divided by commas.
void take_image_set(const reader_of& of)
{
    std::string_view rest = of["srcset"];
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        const std::string_view one = trim(rest.substr(0, end));
        const std::size_t blank = std::min(one.find_first_of(" \n\t"), one.size());
        std::string_view width = trim(one.substr(blank));
        if (!width.empty() && width.back() == 'w')
            width.remove_suffix(1);
        if (!one.empty())
            of.add(of.to.images, podcast_image{one.substr(0, blank), read_count(width), {}, {}});
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

void take_trailer(const reader_of& of)
{
    of.add(of.to.trailers, trailer{of.from.text, of["url"], of["type"], read_count(of["length"]),
                                   read_count(of["season"]), parse_date(of["pubdate"]), of["pubdate"]});
}

struct handler {
    std::string_view name;
    void (*take)(const reader_of&);
};

// Sorted. What may stand several times is added to a list; of the rest the last one counts.
constexpr handler podcast_handlers[] = {
    {"alternateenclosure", take_alternate_enclosure},
    {"block",
     [](const reader_of& of) {
         of.add(of.to.blocks, podcast_block{of["id"], read_flag(of.from.text).value_or(false)});
     }},
    {"chapters",
     [](const reader_of& of) {
         of.to.chapters_url = of["url"];
         of.to.chapters_type = of["type"];
     }},
    {"episode",
     [](const reader_of& of) {
         of.to.episode = read_number(of.from.text);
         of.to.episode_name = of["display"];
     }},
    {"funding",
     [](const reader_of& of) {
         of.add(of.to.fundings, funding{of["url"], of.from.text});
     }},
    {"guid", [](const reader_of& of) { of.to.guid = of.from.text; }},
    {"image",
     [](const reader_of& of) {
         of.add(of.to.images, podcast_image{of["href"], read_count(of["width"]), of["purpose"], of["alt"]});
     }},
    {"images", take_image_set},
    {"license",
     [](const reader_of& of) {
         of.to.license = of.from.text;
         of.to.license_url = of["url"];
     }},
    {"liveitem", take_live_item},
    {"location",
     [](const reader_of& of) {
         of.add(of.to.locations, podcast_location{of.from.text, of["rel"], of["geo"], of["osm"], of["country"]});
     }},
    {"locked",
     [](const reader_of& of) {
         of.to.locked = read_flag(of.from.text);
         of.to.locked_owner = of["owner"];
     }},
    {"medium", [](const reader_of& of) { of.to.medium = of.from.text; }},
    {"person",
     [](const reader_of& of) {
         of.add(of.to.persons, podcast_person{of.from.text, or_else(of["role"], "host"), or_else(of["group"], "cast"),
                                              of["href"], of["img"]});
     }},
    {"podping", [](const reader_of& of) { of.to.uses_podping = read_flag(of["usespodping"]); }},
    {"podroll",
     [](const reader_of& of) {
         for (const element& each : of.from.children)
             take_remote_item(of, each);
     }},
    {"publisher",
     [](const reader_of& of) {
         for (const element& each : of.from.children)
             take_remote_item(of, each);
     }},
    {"remoteitem", [](const reader_of& of) { take_remote_item(of, of.from); }},
    {"season",
     [](const reader_of& of) {
         of.to.season = read_count(of.from.text);
         of.to.season_name = of["name"];
     }},
    {"socialinteract",
     [](const reader_of& of) {
         of.add(of.to.social_interactions, social_interaction{of["protocol"], of["uri"], of["accountid"],
                                                              of["accounturl"], read_count(of["priority"])});
     }},
    {"soundbite",
     [](const reader_of& of) {
         of.add(of.to.soundbites,
                soundbite{read_exact_duration(of["starttime"]), read_exact_duration(of["duration"]), of.from.text});
     }},
    {"trailer", take_trailer},
    {"transcript",
     [](const reader_of& of) {
         of.add(of.to.transcripts, transcript{of["url"], of["type"], of["language"], of["rel"]});
     }},
    {"txt",
     [](const reader_of& of) {
         of.add(of.to.texts, podcast_text{of["purpose"], of.from.text});
     }},
    {"updatefrequency",
     [](const reader_of& of) {
         of.to.update_frequency = of.from.text;
         of.to.update_rule = of["rrule"];
         of.to.complete = read_flag(of["complete"]);
     }},
    {"value", take_value},
};

// Sorted.
constexpr handler itunes_handlers[] = {
    {"complete", [](const reader_of& of) { of.to.complete = read_flag(of.from.text); }},
    {"duration", [](const reader_of& of) { of.to.duration = read_duration(of.from.text); }},
    {"episode", [](const reader_of& of) { of.to.episode = read_number(of.from.text); }},
    {"episodetype", [](const reader_of& of) { of.to.episode_kind = of.from.text; }},
    {"new-feed-url", [](const reader_of& of) { of.to.new_feed_url = of.from.text; }},
    {"order", [](const reader_of& of) { of.to.order = read_count(of.from.text); }},
    {"season", [](const reader_of& of) { of.to.season = read_count(of.from.text); }},
    {"type", [](const reader_of& of) { of.to.kind = of.from.text; }},
};

template <std::size_t N>
const handler* find_handler(const handler (&sorted)[N], std::string_view name) noexcept
{
    const auto* const found = std::lower_bound(std::begin(sorted), std::end(sorted), name,
                                               [](const handler& a, std::string_view b) { return a.name < b; });
    return found != std::end(sorted) && found->name == name ? found : nullptr;
}

} // namespace

bool builder::start_chapter(frame& top, const std::vector<xml_attribute>& attributes)
{
    if (top.kind == tag::psc_chapters) {
        in_chapters_ = current().chapters_version.data() == nullptr;
        if (in_chapters_)
            current().chapters_version = or_else(find_attribute(attributes, "version"), "");
    } else if (top.kind == tag::psc_chapter) {
        if (in_chapters_ && has_room(current().chapters.size())) {
            chapter made;
            made.start = find_attribute(attributes, "start");
            made.offset = read_chapter_start(made.start);
            made.title = find_attribute(attributes, "title");
            made.href = find_attribute(attributes, "href");
            made.image = find_attribute(attributes, "image");
            list_access::append(memory_, current().chapters, made);
        }
    } else {
        return false;
    }
    keep_in_tree(top, attributes);
    return true;
}

feed::podcast& builder::marks_of(metadata& of)
{
    if (of.podcast == nullptr)
        of.podcast = memory_.create(feed::podcast{});
    return const_cast<feed::podcast&>(*of.podcast); // NOLINT: the arena's; constant only for those who read it
}

// An element of one of the namespaces has ended that has a typed field.
void builder::keep_podcast(const element& from, space where)
{
    const handler* const found =
        where == space::itunes ? find_handler(itunes_handlers, from.name) : find_handler(podcast_handlers, from.name);
    if (found != nullptr)
        found->take(reader_of{memory_, from, marks_of(current())});
}

} // namespace feed::detail
