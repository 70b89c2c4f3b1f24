#include "builder/builder.hpp"

#include "text/ascii.hpp"
#include <feed/date.hpp>

// The frames of feeds: what says which format it is, and where the feed, an entry, a source begin and end.
namespace feed::detail {

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

// What stands before the feed, a page of an error or the words of a program, says nothing about it: what was read is
// forgotten, and what is open will not be read.
void builder::forget_what_stood_before()
{
    if (result_.format != format::none || !result_.entries.empty())
        return;
    const std::string_view language = result_.language;
    static_cast<channel&>(result_) = channel{};
    result_.language = language;
    feed_marks_ = {};
    title_depth_ = 0;
    image_ = nullptr;
    text_input_ = nullptr;
    in_source_ = in_image_ = in_text_input_ = in_author_ = in_contributor_ = in_publisher_ = in_chapters_ = false;
    for (std::size_t i = 0; i + 1 < depth_; ++i) {
        frames_[i].kind = tag::unknown;
        frames_[i].collects = frames_[i].content = frames_[i].generic = false;
    }
}

bool builder::start_frame_of_feed(frame& top, const std::vector<xml_attribute>& attributes)
{
    if (top.kind == tag::rss || top.kind == tag::rdf || top.kind == tag::feed)
        forget_what_stood_before();
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

void builder::start_rss(const std::vector<xml_attribute>& attributes)
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

void builder::start_feed(const std::vector<xml_attribute>& attributes)
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

void builder::start_item(const std::vector<xml_attribute>& attributes)
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
        entry_->id = entry_->id_as_written = about;
    take_cdf_attributes(attributes);
}

// CDF has what others have in elements in attributes of its channel and items.
void builder::take_cdf_attributes(const std::vector<xml_attribute>& attributes)
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

void builder::start_source(const std::vector<xml_attribute>& attributes)
{
    source_ = channel{};
    source_marks_ = {};
    if (const std::string_view url = find_attribute(attributes, "url"); url.data() != nullptr)
        source_.href = resolve(url);
    in_source_ = true;
    title_depth_ = 0;
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

} // namespace feed::detail
