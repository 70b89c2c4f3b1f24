#include "builder.hpp"

#include "geometry.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "uri.hpp"

#include <charconv>

// What the end of an element does: bring its text to the field that it belongs to.
namespace feed::detail {

namespace {

std::optional<int> read_integer(std::string_view text) noexcept
{
    text = trim(text);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

bool is_web_address(std::string_view uri) noexcept
{
    return starts_with_ignoring_case(uri, "http://") || starts_with_ignoring_case(uri, "https://");
}

} // namespace

void builder::text(std::string_view piece, bool stable)
{
    if (depth_ == 0)
        return;
    frame& top = content_ != 0 ? frames_[content_ - 1] : frames_[depth_ - 1];
    if (!top.collects)
        return;
    if (top.markup) {
        append_escaped(top.buffer, piece);
        if (top.inner == 0 && !trim(piece).empty())
            top.shape.more = true;
        return;
    }
    if (!top.buffered && top.view.empty() && stable) {
        top.view = piece;
        return;
    }
    if (!top.buffered) {
        top.buffer.assign(top.view);
        top.buffered = true;
    }
    top.buffer.append(piece);
}

void builder::end(std::string_view name)
{
    if (content_ != 0 && frames_[content_ - 1].inner != 0) {
        end_inline(name);
        return;
    }
    if (depth_ == 0)
        return;
    frame& top = frames_[depth_ - 1];
    content_ = 0;
    top.inner = 0;
    dispatch_end(top);
    if (top.generic)
        end_unknown(top);
    base_ = top.base;
    language_ = top.language;
    --depth_;
}

void builder::end_inline(std::string_view name)
{
    frame& top = frames_[content_ - 1];
    --top.inner;
    const bool xml = top.type.size() >= 3 && top.type.substr(top.type.size() - 3) == "xml";
    if (!xml || !top.markup)
        return;
    if (top.inner == 0 && top.shape.starts_with_div && !top.shape.divs_end) {
        top.shape.divs_end = true;
        top.shape.div_end = top.buffer.size();
    }
    top.buffer.append("</").append(name).push_back('>');
}

void builder::dispatch_end(frame& top)
{
    if (top.content) {
        end_text(top);
        return;
    }
    switch (top.kind) {
    case tag::rss:
    case tag::rdf:
    case tag::feed:
    case tag::channel:
    case tag::item:
    case tag::source:
    case tag::image:
    case tag::textinput:
    case tag::psc_chapters:
        return end_frame_of_feed(top);
    case tag::author:
    case tag::contributor:
    case tag::dc_contributor:
    case tag::itunes_owner:
    case tag::name:
    case tag::uri:
    case tag::email:
    case tag::webmaster:
        return end_person(top);
    case tag::published:
    case tag::updated:
    case tag::created:
    case tag::expired:
        return end_date(top);
    case tag::link:
        return top.collects ? end_link(top) : void();
    case tag::id:
        return end_id(top);
    case tag::category:
    case tag::keywords:
    case tag::itunes_category:
    case tag::media_category:
        return end_category(top);
    case tag::tags:
    case tag::media_keywords:
        return end_keywords(top, {});
    case tag::itunes_keywords:
        return end_keywords(top, "http://www.itunes.com/");
    case tag::media_content:
    case tag::media_thumbnail:
    case tag::media_credit:
    case tag::media_player:
    case tag::media_rating:
    case tag::media_restriction:
    case tag::media_license:
        return end_media(top);
    case tag::geo_point:
    case tag::geo_line:
    case tag::geo_polygon:
    case tag::geo_box:
    case tag::gml_pos:
    case tag::gml_poslist:
        return end_geometry(top);
    case tag::ttl:
    case tag::skiphours:
    case tag::skipdays:
    case tag::sy_period:
    case tag::sy_frequency:
        return end_schedule(top);
    default:
        return end_value(top);
    }
}

void builder::end_frame_of_feed(frame& top)
{
    switch (top.kind) {
    case tag::rdf:
    case tag::rss:
    case tag::feed:
    case tag::channel:
        in_feed_ = false;
        break;
    case tag::item:
        in_entry_ = has_content_ = false;
        in_author_ = in_contributor_ = in_publisher_ = false;
        break;
    case tag::source:
        end_source(top);
        break;
    case tag::image:
        in_image_ = false;
        break;
    case tag::textinput:
        in_text_input_ = false;
        break;
    default:
        in_chapters_ = false;
        break;
    }
}

void builder::end_source(frame& top)
{
    in_source_ = false;
    const std::string_view value = value_of(top);
    if (!value.empty()) {
        source_.title.value = value;
        source_.title.origin = origin_of("text/plain", {});
    }
    if (in_entry_)
        entry_->source = memory_.create(source_);
}

// ---- texts

void builder::end_text(frame& top)
{
    if (!top.collects)
        return;
    const feed::text value = construct_of(top);
    switch (top.role) {
    case tag::title:
        return store_title(top, value);
    case tag::subtitle:
        if (top.weak && !in_entry_ && !in_source_ && !value.value.empty())
            itunes_subtitle_ = value;
        return store_text(subtitle_field, top, value);
    case tag::rights:
        return store_text(rights_field, top, value);
    case tag::info:
        return store_text(info_field, top, value);
    case tag::summary:
        return store_text(summary_field, top, value);
    case tag::description:
        return store_text(in_entry_ && !in_source_ ? summary_field : subtitle_field, top, value);
    default:
        return add_content(value);
    }
}

// ---- people

void builder::end_person(frame& top)
{
    metadata& of = current();
    switch (top.kind) {
    case tag::author: {
        const std::string_view value = value_of(top);
        in_author_ = false;
        of.author = value;
        if (of.podcast != nullptr)
            marks_of(of).owner = {};
        sync_author(of);
        shown_ = of.authors.empty() ? person{} : of.authors.back();
        return;
    }
    case tag::contributor:
        in_contributor_ = false;
        return;
    case tag::dc_contributor:
        save_author(&person::name, value_of(top), false);
        in_contributor_ = false;
        return;
    case tag::itunes_owner:
        in_publisher_ = false;
        return sync_publisher(of);
    case tag::webmaster:
        of.publisher = value_of(top);
        return sync_publisher(of);
    case tag::name:
        if (in_text_input_ && text_input_ != nullptr && !in_author_)
            text_input_->name = value_of(top);
        else
            save_author(&person::name, value_of(top), in_publisher_);
        return;
    case tag::email:
        return save_author(&person::email, value_of(top), in_publisher_);
    default: {
        const std::string_view value = resolve(value_of(top));
        if (in_image_ && !in_author_)
            picture().href = value;
        else
            save_author(&person::uri, value, false);
        return;
    }
    }
}

// ---- single values

void builder::end_value(frame& top)
{
    metadata& of = current();
    switch (top.kind) {
    case tag::language:
        of.language = value_of(top);
        break;
    case tag::comments:
        of.comments = resolve(value_of(top));
        break;
    case tag::icon:
        current_channel().icon = resolve(value_of(top));
        break;
    case tag::logo:
        current_channel().logo = resolve(value_of(top));
        break;
    case tag::width:
        if (in_image_)
            picture().width = read_integer(value_of(top));
        break;
    case tag::height:
        if (in_image_)
            picture().height = read_integer(value_of(top));
        break;
    case tag::generator:
        current_channel().generator_text = current_channel().generator.name = value_of(top);
        break;
    case tag::creativecommons_license: {
        feed::link link;
        link.rel = "license";
        link.href = value_of(top);
        add_link(link);
        break;
    }
    case tag::itunes_block:
        marks_of(of).block = equal_ignoring_case(value_of(top), "yes") && value_of(top) != "YES";
        break;
    case tag::itunes_explicit: {
        podcast_marks& marks = marks_of(of);
        const std::string value = lower(value_of(top));
        marks.explicit_given = true;
        marks.is_explicit.reset();
        if (value == "yes" || value == "true" || value == "explicit")
            marks.is_explicit = true;
        else if (value == "no" || value == "false" || value == "clean")
            marks.is_explicit = false;
        break;
    }
    default:
        break;
    }
}

void builder::end_date(frame& top)
{
    metadata& of = current();
    const std::string_view written = value_of(top);
    const auto read = parse_date(written);
    switch (top.kind) {
    case tag::published:
        of.published_text = written;
        of.published = read;
        break;
    case tag::updated:
        of.updated_text = written;
        of.updated = read;
        break;
    case tag::created:
        of.created_text = written;
        of.created = read;
        break;
    default:
        of.expired_text = written;
        of.expired = read;
        break;
    }
    if (!read && !written.empty())
        problems_.note(problem_kind::note, static_cast<std::size_t>(written.data() - result_.storage->bytes.data()),
                       "\"*\" is no date that could be read", "kept as text only", written);
}

void builder::end_link(frame& top)
{
    std::string_view value = value_of(top);
    if (value.find("&amp;") != std::string_view::npos) {
        std::string mended;
        for (std::size_t at = 0; at < value.size(); ++at) {
            mended.push_back(value[at]);
            if (value.substr(at, 5) == "&amp;")
                at += 4;
        }
        value = memory_.copy(mended);
    }
    value = value.empty() ? value : resolve(value);
    if (in_image_) {
        picture().link = value;
        return;
    }
    if (in_text_input_) {
        text_input_->link = value;
        return;
    }
    metadata& of = current();
    if (of.links.empty() || of.links.back().rel == "alternate")
        of.link = value;
    if (!of.links.empty() && (!value.empty() || !in_entry_))
        list_access::back(of.links).href = value;
}

void builder::end_id(frame& top)
{
    std::string_view value = value_of(top);
    if (id_is_link_ && !value.empty())
        value = resolve(value);
    metadata& of = current();
    // One that stands deeper, in something unknown, is not the entry's.
    if (in_entry_ && !in_source_ && id_depth_ != 0 && depth_ > id_depth_)
        return;
    if (in_entry_ && !in_source_)
        id_depth_ = depth_;
    of.id = value;
    const bool linked = of.link.data() != nullptr;
    if (in_entry_ && !in_source_ && !entry_->id_is_link)
        entry_->id_is_link = id_is_link_ && !linked;
    // What is no address of a page (`tag:`, `urn:`) stays an id, though RSS takes any guid for a link by default.
    if (id_is_link_ && !linked && is_web_address(value))
        of.link = value;
}

void builder::end_category(frame& top)
{
    const std::string_view value = value_of(top);
    if (value.empty())
        return;
    metadata& of = current();
    if (!of.categories.empty() && list_access::back(of.categories).term.empty())
        list_access::back(of.categories).term = value;
    else
        add_category(value, {}, {});
}

void builder::end_keywords(frame& top, std::string_view scheme)
{
    std::string_view value = value_of(top);
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        if (const std::string_view term = trim(value.substr(0, comma)); !term.empty())
            add_category(term, scheme, {});
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
}

void builder::end_media(frame& top)
{
    list<media_item> media::*into = &media::contents;
    switch (top.kind) {
    case tag::media_thumbnail:
        into = &media::thumbnails;
        break;
    case tag::media_credit:
        into = &media::credits;
        break;
    case tag::media_player:
        into = &media::players;
        break;
    case tag::media_rating:
        into = &media::ratings;
        break;
    case tag::media_restriction:
        into = &media::restrictions;
        break;
    case tag::media_license:
        into = &media::licenses;
        break;
    default:
        break;
    }
    const std::string_view value = value_of(top);
    list<media_item>& items = media_of(current()).*into;
    if (value.empty() || items.empty())
        return;
    // The last one that has no text yet: media:content may hold others, but none of its own kind.
    list_access::back(items).text = value;
}

// ---- how often to read

void builder::end_schedule(frame& top)
{
    const std::string_view value = value_of(top);
    int number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    feed::schedule& schedule = result_.schedule;
    if (in_entry_)
        return;
    if (top.kind == tag::ttl && number > 0)
        schedule.time_to_live = std::chrono::minutes(number);
    if (top.kind == tag::sy_frequency && number > 0)
        frequency_ = number;
    if (top.kind == tag::sy_period)
        period_ = value;
    if (top.kind == tag::skiphours)
        for (const element& each : top.children) {
            int hour = -1;
            std::from_chars(each.text.data(), each.text.data() + each.text.size(), hour);
            if (hour >= 0 && hour <= 24) // some count from 1 to 24
                schedule.skip_hours |= 1U << (hour % 24);
        }
    static constexpr std::string_view days[] = {"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};
    if (top.kind == tag::skipdays)
        for (const element& each : top.children)
            for (unsigned day = 0; day < 7; ++day)
                if (equal_ignoring_case(each.text, days[day]))
                    schedule.skip_days |= 1U << day;
}

// ---- places

void builder::end_geometry(frame& top)
{
    if (geometry_ == nullptr) {
        if (top.kind != tag::gml_pos && top.kind != tag::gml_poslist)
            return;
        current().where = geometry_ = memory_.create(geometry{});
    }
    std::string_view shape = geometry_shape_;
    switch (top.kind) {
    case tag::geo_point:
        shape = "Point";
        break;
    case tag::geo_line:
        shape = "LineString";
        break;
    case tag::geo_polygon:
        shape = "Polygon";
        break;
    case tag::geo_box:
        shape = "Box";
        break;
    case tag::gml_pos:
        shape = "Point";
        break;
    default:
        break;
    }
    read_coordinates(memory_, value_of(top), shape, *geometry_);
}

// ---- what has no field

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
    if (top.meaning.prefix.empty() && (made.name == "docs") && !made.text.empty())
        made.text = resolve(made.text);
    if (top.meaning.prefix == "wfw" && !made.text.empty())
        made.text = resolve(made.text);
    if (depth_ >= 2 && frames_[depth_ - 2].generic) {
        if (has_room(frames_[depth_ - 2].children.size()))
            list_access::append(memory_, frames_[depth_ - 2].children, made);
    } else if (open_to_text() && !in_image_ && !in_text_input_) {
        list<element>& into = current().extensions;
        if (has_room(into.size()))
            list_access::append(memory_, into, made);
    }
}

} // namespace feed::detail
