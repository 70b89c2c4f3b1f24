#include "builder/builder.hpp"

#include "text/ascii.hpp"
#include <charconv>
#include <feed/date.hpp>

// Elements that say one thing: dates, addresses, numbers, flags.
namespace feed::detail {

namespace {

std::optional<int> read_integer(std::string_view text) noexcept
{
    text = trim(text);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

} // namespace

bool builder::start_value(frame& top, const std::vector<xml_attribute>& attributes)
{
    switch (top.kind) {
    case tag::generator:
        start_generator(top, attributes);
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
    case tag::creativecommons_license:
        add_license(value_of(top));
        break;
    case tag::itunes_block:
        marks_of(of).block = equal_ignoring_case(value_of(top), "yes") && value_of(top) != "YES";
        break;
    case tag::itunes_explicit: {
        podcast& marks = marks_of(of);
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
        problems_.note(problem_kind::note, problems_.place(), "\"*\" is no date that could be read",
                       "kept as text only", written);
}

void builder::start_generator(frame& top, const std::vector<xml_attribute>& attributes)
{
    generator& made = current_channel().generator;
    const std::string_view uri = find_address(attributes);
    made = {};
    made.uri = uri.empty() ? uri : resolve(uri);
    made.version = find_attribute(attributes, "version");
    top.collects = true;
}

void builder::add_license(std::string_view href)
{
    feed::link link;
    link.rel = "license";
    link.href = href;
    add_link(link);
}

bool builder::start_extension(frame& top, const std::vector<xml_attribute>& attributes)
{
    switch (top.kind) {
    case tag::admin_generator: {
        channel& of = current_channel();
        of.generator.uri = find_attribute(attributes, "rdf:resource");
        if (of.generator_text.data() == nullptr)
            of.generator_text = of.generator.uri;
        return true;
    }
    case tag::cc_license:
        add_license(find_attribute(attributes, "rdf:resource"));
        return true;
    case tag::live_item: // what is in it is said of itself, not of the feed
        keep_in_tree(top, attributes);
        foreign_depth_ = depth_;
        return true;
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
    default:
        return false;
    }
}

feed::image& builder::picture()
{
    metadata& of = current();
    if (image_ == nullptr || of.picture != image_) {
        image_ = memory_.create(of.picture ? *of.picture : feed::image{});
        of.picture = image_;
    }
    return *image_;
}

} // namespace feed::detail
