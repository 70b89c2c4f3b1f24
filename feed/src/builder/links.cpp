#include "builder/builder.hpp"

#include "text/ascii.hpp"

// Links, enclosures, ids and categories.
namespace feed::detail {

namespace {

bool is_web_address(std::string_view uri) noexcept
{
    return starts_with_ignoring_case(uri, "http://") || starts_with_ignoring_case(uri, "https://");
}

} // namespace

bool builder::start_reference(frame& top, const std::vector<xml_attribute>& attributes)
{
    switch (top.kind) {
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
    case tag::category:
    case tag::keywords:
        start_category(top, attributes, {});
        return true;
    default:
        return false;
    }
}

void builder::start_link(frame& top, const std::vector<xml_attribute>& attributes)
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

void builder::start_enclosure(const std::vector<xml_attribute>& attributes)
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
    const std::string_view written = value_of(top);
    std::string_view value = written;
    if (id_is_link_ && !value.empty())
        value = resolve(value);
    metadata& of = current();
    // One that stands deeper, in something unknown, is not the entry's.
    if (in_entry_ && !in_source_ && id_depth_ != 0 && depth_ > id_depth_)
        return;
    if (in_entry_ && !in_source_)
        id_depth_ = depth_;
    of.id = value;
    of.id_as_written = written;
    const bool linked = of.link.data() != nullptr;
    if (in_entry_ && !in_source_ && !entry_->id_is_link)
        entry_->id_is_link = id_is_link_ && !linked;
    // What is no address of a page (`tag:`, `urn:`) stays an id, though RSS takes any guid for a link by default.
    if (id_is_link_ && !linked && is_web_address(value))
        of.link = value;
}

void builder::start_category(frame& top, const std::vector<xml_attribute>& attributes, std::string_view scheme)
{
    const std::string_view given = find_attribute(attributes, "scheme");
    add_category(find_attribute(attributes, "term"),
                 given.data() != nullptr ? given : with_default(find_attribute(attributes, "domain"), scheme),
                 find_attribute(attributes, "label"));
    top.collects = true;
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

void builder::add_category(std::string_view term, std::string_view scheme, std::string_view label)
{
    if (term.empty() && scheme.empty() && label.empty())
        return;
    list<category>& into = current().categories;
    constexpr std::size_t compared = 64; // repeated ones are near each other, if there are any
    const std::size_t from = into.size() > compared ? into.size() - compared : 0;
    for (std::size_t i = from; i < into.size(); ++i)
        if (into[i].term == term && into[i].scheme == scheme && into[i].label == label)
            return;
    if (has_room(into.size()))
        list_access::append(memory_, into, category{term, scheme, label});
}

void builder::add_link(const feed::link& value)
{
    list<feed::link>& into = current().links;
    if (has_room(into.size()))
        list_access::append(memory_, into, value);
}

} // namespace feed::detail
