#include "shape/shape_writer.hpp"
#include "text/ascii.hpp"
#include "xml/names.hpp"

#include <feed/date.hpp>

#include <algorithm>
#include <map>

namespace feed::detail {

namespace {

// Everything else is flat: of several of a name the outermost counts, and of those the last.
struct flat {
    std::size_t depth;
    const element* of;
};

// Whether no other key says it already.
bool is_flat(tag kind) noexcept
{
    switch (kind) {
    case tag::unknown:
    case tag::ttl:
    case tag::skiphours:
    case tag::skipdays:
    case tag::sy_period:
    case tag::sy_frequency:
    case tag::newlocation:
    case tag::validity:
    case tag::admin_errors:
    case tag::typed:
    case tag::live_item:
        return true;
    default:
        return false;
    }
}

void flatten(const list<element>& elements, std::size_t depth, std::map<std::string, flat>& into)
{
    for (const element& each : elements) {
        std::string key =
            each.prefix.empty() ? std::string(each.name) : lower(each.prefix).append("_").append(each.name);
        if (is_flat(static_cast<tag>(each.code))) {
            const auto [place, added] = into.try_emplace(std::move(key), flat{depth, &each});
            if (!added && depth <= place->second.depth)
                place->second = {depth, &each};
        }
        flatten(each.children, depth + 1, into);
    }
}

} // namespace

void shape_writer::write_extensions(const list<element>& elements)
{
    std::map<std::string, flat> all;
    flatten(elements, 0, all);
    for (const auto& [name, what] : all) {
        const element& of = *what.of;
        if (static_cast<tag>(of.code) == tag::validity)
            write_validity(of.text);
        else if (used_.contains(name))
            continue;
        else if (!of.text.empty() || of.attributes.empty())
            out_.member(name, of.text.data() != nullptr ? of.text : std::string_view(""));
        else
            write_attributes(name, of.attributes);
    }
}

// start=...;end=...
void shape_writer::write_validity(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(';'), text.size());
        const std::string_view part = text.substr(0, end);
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string name = "validity_" + std::string(trim(part.substr(0, equals)));
        if (name == "validity_start" || name == "validity_end") {
            const std::string_view value = trim(part.substr(std::min(equals + 1, part.size())));
            out_.member(name, value);
            write_time(name + "_parsed", parse_date(value));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void shape_writer::write_attributes(std::string_view name, const list<attribute>& attributes)
{
    used_.insert(std::string(name));
    out_.key(name);
    out_.open('{');
    for (const attribute& each : attributes)
        out_.member(each.name, each.value);
    out_.close('}');
}

} // namespace feed::detail
