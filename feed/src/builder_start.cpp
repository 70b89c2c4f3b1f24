#include "builder.hpp"

#include "html/policy.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "uri.hpp"

#include <algorithm>

// What the start of an element does: set the state that its parts are read in, take its attributes, and say whether its
// text matters.
namespace feed::detail {

namespace {

using attributes_t = std::vector<xml_attribute>;

// The address among the attributes of a link-like element, under any of its names.
std::string_view find_address(const attributes_t& attributes) noexcept
{
    for (const std::string_view name : {"url", "uri", "href"})
        if (const std::string_view value = find_attribute(attributes, name); !value.empty())
            return value;
    return {};
}

std::string_view with_default(std::string_view value, std::string_view otherwise) noexcept
{
    return value.data() != nullptr ? value : otherwise;
}

} // namespace

std::string_view find_attribute(const attributes_t& attributes, std::string_view name) noexcept
{
    for (const xml_attribute& each : attributes)
        if (each.name == name)
            return each.value;
    return {};
}

void builder::start(const name_meaning& meaning, const attributes_t& attributes, std::size_t level)
{
    if (content_ != 0) {
        ++frames_[content_ - 1].inner;
        start_inline(meaning, attributes);
        return;
    }
    level_ = level;
    if (depth_ != 0 && holds_naked_markup(frames_[depth_ - 1], meaning)) {
        content_ = depth_;
        frames_[depth_ - 1].type = "application/xhtml+xml";
        frames_[depth_ - 1].inner = 1;
        start_inline(meaning, attributes);
        return;
    }
    if (depth_ == frames_.size())
        frames_.emplace_back();
    frame& top = frames_[depth_++];
    top.kind = meaning.kind;
    top.meaning = meaning;
    top.collects = top.content = top.generic = top.buffered = top.base64 = top.markup = top.weak = false;
    top.inner = 0;
    top.view = {};
    top.source = {};
    top.attributes = {};
    top.children = {};
    top.shape = {};
    top.base = base_;
    top.language = language_;
    inherit(top, attributes);
    if (foreign_depth_ != 0) { // within a content of some other XML: nothing in it means anything here
        top.kind = tag::unknown;
        top.collects = true;
        keep_in_tree(top, attributes);
        return;
    }
    dispatch_start(top, attributes);
}

// An entry that starts within a text: the text was not closed, nor, if it is one of an entry, was that.
std::size_t builder::ends_at(const name_meaning& meaning) const noexcept
{
    if (content_ == 0 || meaning.kind != tag::item || meaning.where != space::core)
        return std::string_view::npos;
    return in_entry_ ? entry_level_ : text_level_;
}

// Some write markup where only text is allowed, and forget to escape it.
bool builder::holds_naked_markup(const frame& top, const name_meaning& meaning) noexcept
{
    const bool simple = top.kind == tag::category || top.kind == tag::generator || top.kind == tag::name ||
                        top.kind == tag::keywords || (top.kind == tag::author && meaning.kind == tag::unknown);
    return simple && top.collects && meaning.kind == tag::unknown && meaning.prefix.empty() &&
           is_compatible_element(meaning.local);
}

// Takes xml:base and xml:lang; what was in force before is kept in the frame.
void builder::inherit(frame& top, const attributes_t& attributes)
{
    top.inherits = false;
    for (const xml_attribute& each : attributes) {
        if (each.name == "xml:base" || (each.name == "base" && find_attribute(attributes, "xml:base").empty())) {
            if (each.value.empty())
                continue;
            const std::string resolved = resolve_uri(base_, each.value);
            if (is_safe_uri(resolved))
                base_ = memory_.copy(resolved);
            top.inherits = true;
        } else if (each.name == "xml:lang" ||
                   (each.name == "lang" && find_attribute(attributes, "xml:lang").data() == nullptr)) {
            language_ = each.value;
            if (language_.find('_') != std::string_view::npos) {
                std::string dashed(language_);
                std::replace(dashed.begin(), dashed.end(), '_', '-');
                language_ = memory_.copy(dashed);
            }
            top.inherits = true;
            if (!language_.empty() && (top.kind == tag::feed || top.kind == tag::rss || top.kind == tag::rdf))
                result_.language = language_;
        }
    }
}

// An element within a text is markup: it is written down again, as part of the text.
void builder::start_inline(const name_meaning& meaning, const attributes_t& attributes)
{
    frame& top = frames_[content_ - 1];
    const bool xml = top.type.size() >= 3 && top.type.substr(top.type.size() - 3) == "xml";
    if (!xml) {
        if (meaning.local == "div") // some put a div around text that is escaped all the same
            return;
        top.type = "application/xhtml+xml";
    }
    if (!top.markup) { // from here on the text is markup: what was text so far is escaped
        std::string so_far;
        append_escaped(so_far, top.buffered ? std::string_view(top.buffer) : top.view);
        if (!trim(so_far).empty())
            top.shape.more = true;
        top.buffer = std::move(so_far);
        top.buffered = top.markup = true;
    }
    top.buffer.push_back('<');
    top.buffer.append(meaning.local);
    if (meaning.where == space::svg && meaning.local == "svg")
        top.buffer.append(" xmlns=\"http://www.w3.org/2000/svg\"");
    if (meaning.where == space::mathml && meaning.local == "math")
        top.buffer.append(" xmlns=\"http://www.w3.org/1998/Math/MathML\"");
    for (const xml_attribute& each : attributes) {
        if (each.name == "xmlns")
            continue;
        top.buffer.append(" ").append(each.name).append("=\"");
        append_escaped_attribute(top.buffer, each.value);
        top.buffer.push_back('"');
    }
    top.buffer.push_back('>');
    if (top.inner == 1) {
        if (meaning.local == "div" && !top.shape.starts_with_div && !top.shape.more) {
            top.shape.starts_with_div = true;
            top.shape.div_start = top.buffer.size();
        } else {
            top.shape.more = true;
        }
    }
}

void builder::dispatch_start(frame& top, const attributes_t& attributes)
{
    if (start_frame_of_feed(top, attributes) || start_text(top, attributes) || start_value(top, attributes) ||
        start_extension(top, attributes) || start_media(top, attributes))
        return;
    top.collects = true;
    keep_in_tree(top, attributes);
}

void builder::keep_in_tree(frame& top, const attributes_t& attributes)
{
    top.generic = true;
    for (const xml_attribute& each : attributes)
        list_access::append(memory_, top.attributes, attribute{each.name, each.value});
}

// ---- the frames of feeds

// RDF and Atom 1.0 say what they are by their namespace alone.
void builder::declare(std::string_view prefix, std::string_view uri)
{
    if (hint_ != format::none && hint_ != format::atom10)
        return;
    if (equal_ignoring_case(uri, "http://purl.org/rss/1.0/"))
        hint_ = format::rss10;
    else if (prefix.empty() && equal_ignoring_case(uri, "http://my.netscape.com/rdf/simple/0.9/"))
        hint_ = format::rss090;
    else if (equal_ignoring_case(uri, "http://www.w3.org/2005/Atom") ||
             equal_ignoring_case(uri, "https://www.w3.org/2005/Atom"))
        hint_ = format::atom10;
    if (rdf_ && result_.format == format::rss && hint_ != format::atom10)
        result_.format = hint_; // some declare it only on the channel
}

bool builder::start_frame_of_feed(frame& top, const attributes_t& attributes)
{
    switch (top.kind) {
    case tag::rss:
        start_rss(attributes);
        return true;
    case tag::rdf:
        in_feed_ = rdf_ = result_.rdf = true;
        if (result_.format == format::none)
            result_.format = hint_ == format::none || hint_ == format::atom10 ? format::rss : hint_;
        return true;
    case tag::feed:
        start_feed(attributes);
        return true;
    case tag::channel:
        in_feed_ = true;
        take_cdf_attributes(attributes);
        return true;
    case tag::item:
        start_item(attributes);
        return true;
    case tag::source:
        top.collects = true;
        start_source(attributes);
        return true;
    case tag::image:
        in_image_ = true;
        title_depth_ = 0;
        image_ = nullptr;
        picture();
        return true;
    case tag::textinput:
        in_text_input_ = true;
        title_depth_ = 0;
        if (text_input_ == nullptr)
            text_input_ = memory_.create(feed::text_input{});
        current_channel().text_input = text_input_;
        return true;
    default:
        return false;
    }
}

void builder::start_rss(const attributes_t& attributes)
{
    in_feed_ = true;
    if (result_.format != format::none && short_name(result_.format).substr(0, 3) == "rss")
        return;
    const std::string_view version = find_attribute(attributes, "version");
    if (version == "0.91")
        result_.format = format::rss091u;
    else if (version == "0.92")
        result_.format = format::rss092;
    else if (version == "0.93")
        result_.format = format::rss093;
    else if (version == "0.94")
        result_.format = format::rss094;
    else
        result_.format = version.substr(0, 2) == "2." ? format::rss20 : format::rss;
}

void builder::start_feed(const attributes_t& attributes)
{
    in_feed_ = true;
    if (result_.format != format::none)
        return;
    const std::string_view version = find_attribute(attributes, "version");
    if (hint_ == format::atom10)
        result_.format = format::atom10;
    else if (version == "0.1")
        result_.format = format::atom01;
    else if (version == "0.2")
        result_.format = format::atom02;
    else
        result_.format = version == "0.3" ? format::atom03 : format::atom;
}

void builder::start_item(const attributes_t& attributes)
{
    if (result_.format == format::none)
        result_.format = hint_;
    if (result_.entries.size() >= how_.limit.entries) {
        if (!result_.truncated)
            problems_.note_whole(problem_kind::limit, "it has more entries than are read", "the rest was left out");
        result_.truncated = true;
        spare_ = entry{};
        entry_ = &spare_;
    } else {
        entry_ = &result_.entries.emplace_back();
    }
    in_entry_ = true;
    in_author_ = in_contributor_ = in_publisher_ = in_source_ = in_image_ = in_text_input_ = in_chapters_ = false;
    entry_level_ = level_;
    id_is_link_ = has_content_ = false;
    title_depth_ = id_depth_ = 0;
    entry_marks_ = {};
    geometry_ = nullptr;
    image_ = nullptr;
    if (const std::string_view about = find_attribute(attributes, "rdf:about"); !about.empty())
        entry_->id = about;
    take_cdf_attributes(attributes);
}

void builder::start_source(const attributes_t& attributes)
{
    source_ = channel{};
    source_marks_ = {};
    if (const std::string_view url = find_attribute(attributes, "url"); url.data() != nullptr)
        source_.href = resolve(url);
    in_source_ = true;
    title_depth_ = 0;
}

// CDF has what others have in elements in attributes of its channel and items.
void builder::take_cdf_attributes(const attributes_t& attributes)
{
    metadata& of = current();
    if (const std::string_view date = find_attribute(attributes, "lastmod"); date.data() != nullptr) {
        of.updated_text = trim(date);
        of.updated = parse_date(of.updated_text);
    }
    if (const std::string_view href = find_attribute(attributes, "href"); href.data() != nullptr) {
        feed::link link;
        link.rel = "alternate";
        link.type = "text/html";
        link.href = resolve(href);
        add_link(link);
        of.link = link.href;
    }
}

// ---- texts

bool builder::start_text(frame& top, const attributes_t& attributes)
{
    switch (top.kind) {
    case tag::media_title:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::title:
        start_content(top, tag::title, attributes, "text/plain");
        top.collects = open_to_text();
        return true;
    case tag::itunes_subtitle:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::subtitle:
        start_content(top, tag::subtitle, attributes, "text/plain");
        return true;
    case tag::rights:
        start_content(top, tag::rights, attributes, "text/plain");
        return true;
    case tag::info:
        start_content(top, tag::info, attributes, "text/plain");
        return true;
    case tag::media_description:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::description:
        start_description(top, attributes, "text/html");
        return true;
    case tag::abstract:
        start_content(top, tag::description, attributes, "text/plain");
        top.collects = open_to_text();
        return true;
    case tag::itunes_summary:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::summary:
        if (current().summary && !has_content_)
            start_content(top, tag::content, attributes, "text/plain");
        else
            start_content(top, tag::summary, attributes, "text/plain");
        return true;
    case tag::content:
        start_content(top, tag::content, attributes, "text/plain");
        top.source = find_attribute(attributes, "src");
        return true;
    case tag::content_encoded:
        start_content(top, tag::content, attributes, "text/html");
        return true;
    case tag::body:
    case tag::xhtml_body:
        if (!open_to_text())
            return true; // a page around the feed
        start_content(top, tag::content, attributes, "application/xhtml+xml");
        return true;
    default:
        return false;
    }
}

// A description beside a summary is the content: so feeds that have both mean it.
void builder::start_description(frame& top, const attributes_t& attributes, std::string_view type)
{
    if (&current() == &result_ && !in_image_ && !in_text_input_)
        descriptions_ = std::min(descriptions_ + 1, 2);
    if (in_entry_ && !in_source_ && current().summary && !has_content_) {
        start_content(top, tag::content, attributes, "text/plain");
        return;
    }
    start_content(top, tag::description, attributes, type);
    top.collects = open_to_text();
}

void builder::start_content(frame& top, tag role, const attributes_t& attributes, std::string_view type)
{
    if (role == tag::content && top.kind != tag::body && top.kind != tag::xhtml_body)
        has_content_ = true;
    top.collects = top.content = true;
    top.role = role;
    const std::string_view given = find_attribute(attributes, "type");
    if (given.data() == nullptr)
        top.type.assign(type);
    else
        top.type = expand_media_type(given);
    const auto ends_with = [&](std::string_view tail) {
        return top.type.size() >= tail.size() && top.type.substr(top.type.size() - tail.size()) == tail;
    };
    top.markup = top.buffered = top.type == "application/xhtml+xml"; // what is text in it is escaped from the start
    if (top.markup)
        top.buffer.clear();
    top.base64 = equal_ignoring_case(find_attribute(attributes, "mode"), "base64") ||
                 (top.type.substr(0, 5) != "text/" && !ends_with("+xml") && !ends_with("/xml"));
    // Other XML: its own text is the value, its elements go into the tree of extensions.
    if (!top.markup && !top.base64 && (ends_with("+xml") || ends_with("/xml"))) {
        keep_in_tree(top, attributes);
        foreign_depth_ = depth_;
        return;
    }
    content_ = depth_;
    text_level_ = level_;
}

// ---- single values

bool builder::start_value(frame& top, const attributes_t& attributes)
{
    switch (top.kind) {
    case tag::author:
        in_author_ = top.collects = true;
        list_access::append(memory_, current().authors, person{});
        if (top.meaning.prefix == "itunes")
            keep_in_tree(top, attributes);
        return true;
    case tag::contributor:
        in_contributor_ = true;
        list_access::append(memory_, current().contributors, person{});
        return true;
    case tag::dc_contributor:
        in_contributor_ = top.collects = true;
        list_access::append(memory_, current().contributors, person{});
        return true;
    case tag::itunes_owner:
        in_publisher_ = true;
        keep_in_tree(top, attributes);
        return true;
    case tag::link:
        start_link(top, attributes);
        return true;
    case tag::id:
        id_is_link_ = equal_ignoring_case(with_default(find_attribute(attributes, "ispermalink"), "true"), "true");
        top.collects = true;
        return true;
    case tag::enclosure:
        start_enclosure(attributes);
        return true;
    case tag::generator: {
        generator& made = current_channel().generator;
        const std::string_view uri = find_address(attributes);
        made = {};
        made.uri = uri.empty() ? uri : resolve(uri);
        made.version = find_attribute(attributes, "version");
        top.collects = true;
        return true;
    }
    case tag::category:
    case tag::keywords:
        start_category(top, attributes, {});
        return true;
    case tag::cloud: {
        list<attribute>& cloud = current_channel().cloud;
        cloud = {};
        for (const xml_attribute& each : attributes)
            list_access::append(memory_, cloud, attribute{each.name, each.value});
        return true;
    }
    case tag::name:
    case tag::uri:
    case tag::email:
    case tag::width:
    case tag::height:
    case tag::language:
    case tag::webmaster:
    case tag::published:
    case tag::updated:
    case tag::created:
    case tag::expired:
    case tag::tags:
    case tag::comments:
    case tag::icon:
    case tag::logo:
        top.collects = true;
        return true;
    default:
        return false;
    }
}

void builder::start_link(frame& top, const attributes_t& attributes)
{
    feed::link link;
    for (const xml_attribute& each : attributes) {
        if (each.name == "rel")
            link.rel = memory_.copy(lower(each.value));
        else if (each.name == "type")
            link.type = memory_.copy(lower(each.value));
        else if (each.name == "title")
            link.title = each.value;
        else if (each.name == "hreflang")
            link.language = each.value;
        else if (each.name == "length")
            link.length = each.value;
        else if (each.name != "href" && each.name != "url" && each.name != "uri" && each.name.substr(0, 5) != "xmlns")
            list_access::append(memory_, link.others, attribute{each.name, each.value});
    }
    if (link.rel.data() == nullptr)
        link.rel = "alternate";
    if (link.type.data() == nullptr)
        link.type = link.rel == "self" ? "application/atom+xml" : "text/html";
    if (const std::string_view address = find_address(attributes); !address.empty())
        link.href = resolve(address);
    bool has_address = false;
    for (const std::string_view name : {"href", "url", "uri"})
        has_address = has_address || find_attribute(attributes, name).data() != nullptr;
    top.collects = !has_address && open_to_text();
    if (in_image_ || in_text_input_)
        return;
    metadata& of = current();
    add_link(link);
    if (!link.href.empty() && link.rel == "alternate" && is_markup_type(expand_media_type(link.type)))
        of.link = link.href;
}

void builder::start_enclosure(const attributes_t& attributes)
{
    feed::link link;
    link.rel = "enclosure";
    if (const std::string_view address = find_address(attributes); !address.empty())
        link.href = resolve(address);
    for (const xml_attribute& each : attributes) {
        if (each.name == "type")
            link.type = memory_.copy(lower(each.value));
        else if (each.name == "length")
            link.length = each.value;
        else if (each.name == "title")
            link.title = each.value;
        else if (each.name != "href" && each.name != "url" && each.name != "uri" && each.name != "rel")
            list_access::append(memory_, link.others, attribute{each.name, each.value});
    }
    add_link(link);
}

void builder::start_category(frame& top, const attributes_t& attributes, std::string_view scheme)
{
    const std::string_view given = find_attribute(attributes, "scheme");
    add_category(find_attribute(attributes, "term"),
                 given.data() != nullptr ? given : with_default(find_attribute(attributes, "domain"), scheme),
                 find_attribute(attributes, "label"));
    top.collects = true;
}

// ---- extensions

bool builder::start_extension(frame& top, const attributes_t& attributes)
{
    switch (top.kind) {
    case tag::admin_generator: {
        channel& of = current_channel();
        of.generator.uri = find_attribute(attributes, "rdf:resource");
        if (of.generator_text.data() == nullptr)
            of.generator_text = of.generator.uri;
        return true;
    }
    case tag::cc_license: {
        feed::link link;
        link.rel = "license";
        link.href = find_attribute(attributes, "rdf:resource");
        add_link(link);
        return true;
    }
    case tag::creativecommons_license:
        top.collects = true;
        return true;
    case tag::itunes_category:
        add_category(find_attribute(attributes, "text"), "http://www.itunes.com/", {});
        top.collects = true;
        keep_in_tree(top, attributes);
        return true;
    case tag::itunes_image: {
        std::string_view href = find_attribute(attributes, "href");
        href = href.empty() ? find_attribute(attributes, "url") : href;
        if (!href.empty()) {
            image_ = nullptr;
            picture().href = resolve(href);
        }
        keep_in_tree(top, attributes);
        return true;
    }
    case tag::psc_chapters:
        in_chapters_ = current().chapters_version.data() == nullptr;
        if (in_chapters_)
            current().chapters_version = with_default(find_attribute(attributes, "version"), "");
        keep_in_tree(top, attributes);
        return true;
    case tag::psc_chapter:
        if (in_chapters_ && has_room(current().chapters.size())) {
            chapter made;
            made.start = find_attribute(attributes, "start");
            made.offset = parse_chapter_start(made.start);
            made.title = find_attribute(attributes, "title");
            made.href = find_attribute(attributes, "href");
            made.image = find_attribute(attributes, "image");
            list_access::append(memory_, current().chapters, made);
        }
        keep_in_tree(top, attributes);
        return true;
    case tag::geo_point:
    case tag::geo_line:
    case tag::geo_polygon:
    case tag::geo_box:
    case tag::geo_where:
    case tag::gml_point:
    case tag::gml_linestring:
    case tag::gml_polygon:
    case tag::gml_exterior:
    case tag::gml_linearring:
    case tag::gml_pos:
    case tag::gml_poslist:
        start_geometry(top, attributes);
        return true;
    default:
        return false;
    }
}

void builder::start_geometry(frame& top, const attributes_t& attributes)
{
    metadata& of = current();
    const bool shape = top.kind == tag::gml_point || top.kind == tag::gml_linestring || top.kind == tag::gml_polygon;
    if (!shape || of.where == nullptr)
        if (shape || top.kind == tag::geo_point || top.kind == tag::geo_line || top.kind == tag::geo_polygon ||
            top.kind == tag::geo_box || top.kind == tag::geo_where)
            of.where = geometry_ = memory_.create(geometry{});
    top.collects = true;
    if (shape && geometry_ != nullptr) {
        geometry_->markup_language = true;
        geometry_->reference_system = find_attribute(attributes, "srsname");
        const std::string_view dimension = trim(find_attribute(attributes, "srsdimension"));
        geometry_->dimension = dimension == "3" ? 3 : 2;
    }
    if (top.kind == tag::gml_point)
        geometry_shape_ = "Point";
    else if (top.kind == tag::gml_linestring)
        geometry_shape_ = "LineString";
    else if (top.kind == tag::gml_linearring)
        geometry_shape_ = "Polygon";
}

bool builder::start_media(frame& top, const attributes_t& attributes)
{
    list<media_item> media::*into = nullptr;
    switch (top.kind) {
    case tag::media_category:
        start_category(top, attributes, "http://search.yahoo.com/mrss/category_schema");
        keep_in_tree(top, attributes);
        return true;
    case tag::media_content:
        into = &media::contents;
        break;
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
        return false;
    }
    keep_in_tree(top, attributes);
    top.collects = true;
    list<media_item>& items = media_of(current()).*into;
    if (has_room(items.size()))
        list_access::append(memory_, items, media_item{top.attributes, {}});
    return true;
}

} // namespace feed::detail
