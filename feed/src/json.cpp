#include <feed/json.hpp>

#include "shape/shape_writer.hpp"
#include "text/ascii.hpp"

#include <feed/date.hpp>

#include <algorithm>
#include <map>

namespace feed::detail {

namespace {

// There, the first namespace that belongs to a format names it, be it only declared in a feed of another.
std::string_view version_of(const document& of)
{
    if (of.format == format::rss10 || of.format == format::rss090 || of.format == format::rss)
        for (const attribute& each : of.namespaces) {
            const std::string uri = lower(each.value);
            if (uri == "http://www.w3.org/2005/atom" && of.rdf)
                return "atom10";
            if (uri == "http://purl.org/rss/1.0/" || uri == "http://my.netscape.com/rdf/simple/0.9/")
                break;
        }
    return short_name(of.format);
}

std::string_view exception_name(problem_kind kind) noexcept
{
    switch (kind) {
    case problem_kind::encoding_overridden:
        return "CharacterEncodingOverride";
    case problem_kind::encoding_unknown:
        return "CharacterEncodingUnknown";
    case problem_kind::media_type:
        return "NonXMLContentType";
    case problem_kind::undeclared_prefix:
        return "UndeclaredNamespace";
    case problem_kind::limit:
        return "LimitExceeded";
    default:
        return "SAXParseException";
    }
}

std::string message_of(const problem& of)
{
    std::string message;
    if (of.line != 0)
        message = "line " + std::to_string(of.line) + ", column " + std::to_string(of.column) + ": ";
    return message.append(of.what).append("; ").append(of.done);
}

} // namespace

void shape_writer::write(const document& of, const response& about)
{
    broken_ = std::any_of(of.problems.begin(), of.problems.end(), [](const problem& each) {
        return each.kind == problem_kind::not_well_formed || each.kind == problem_kind::undeclared_prefix;
    });
    out_.open('{');
    write_state(of);
    out_.key("namespaces");
    out_.open('{');
    std::map<std::string_view, std::string_view> spaces;
    for (const attribute& each : of.namespaces)
        spaces[each.name] = each.value;
    for (const auto& [prefix, uri] : spaces)
        out_.member(prefix, uri);
    out_.close('}');
    out_.key("feed");
    out_.open('{');
    write_channel(of);
    out_.close('}');
    out_.key("entries");
    out_.open('[');
    for (const entry& each : of.entries)
        write_entry(each);
    out_.close(']');
    write_response(about);
    out_.close('}');
}

void shape_writer::write_state(const document& of)
{
    out_.key("bozo");
    out_.boolean(of.bozo);
    for (const problem& each : of.problems) {
        if (each.kind == problem_kind::note)
            continue;
        out_.key("bozo_exception");
        out_.open('{');
        out_.member("type", exception_name(each.kind));
        out_.member("message", message_of(each));
        out_.close('}');
        break;
    }
    out_.member("encoding", of.encoding);
    out_.member("version", version_of(of));
}

void shape_writer::write_response(const response& about)
{
    out_.key("headers");
    out_.open('{');
    std::map<std::string_view, std::string_view> headers(about.headers.begin(), about.headers.end());
    for (const auto& [name, value] : headers)
        out_.member(name, value);
    out_.close('}');
    if (about.url.empty())
        return;
    out_.member("href", about.url);
    out_.key("status");
    out_.value(std::int64_t{200});
    if (const auto tag = headers.find("etag"); tag != headers.end() && !trim(tag->second).empty())
        out_.member("etag", tag->second);
    if (const auto modified = headers.find("last-modified");
        modified != headers.end() && !trim(modified->second).empty()) {
        out_.member("modified", modified->second);
        write_time("modified_parsed", parse_date(modified->second));
    }
}

} // namespace feed::detail

namespace feed {

std::string to_json(const document& document, const response& about)
{
    std::string result;
    detail::shape_writer(result).write(document, about);
    return result;
}

} // namespace feed
