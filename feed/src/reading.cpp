#include "reading.hpp"

#include "text/ascii.hpp"

namespace feed::detail {

namespace {

constexpr std::size_t start_size = 4096;

bool looks_like_cdf(std::string_view start)
{
    start = start.substr(0, start_size);
    const std::size_t at = find_ignoring_case(start, "<channel");
    return at != std::string_view::npos && find_ignoring_case(start.substr(0, at), "<rss") == std::string_view::npos;
}

} // namespace

bool is_json(std::string_view start, const options& how)
{
    start = trim_front(start.substr(0, start_size));
    if (start.empty() || (start.front() != '{' && start.front() != '['))
        return false;
    return start.front() == '{' || split_media_type(how.content_type).type.find("json") != std::string::npos;
}

void note_decoding(const decoding& decoded, problem_log& problems)
{
    constexpr auto arrival = problem_log::subject::arrival;
    switch (decoded.problem) {
    case decoding::trouble::none:
        break;
    case decoding::trouble::overridden:
        problems.note_whole(problem_kind::encoding_overridden,
                            "document declared as " + decoded.declared + ", but parsed as " + decoded.name,
                            "read as what it is", arrival);
        break;
    case decoding::trouble::unknown:
        problems.note_whole(problem_kind::encoding_unknown, "the encoding of the document is unknown",
                            "read as " + decoded.name, arrival);
        break;
    case decoding::trouble::repaired:
        problems.note_whole(problem_kind::not_well_formed,
                            std::to_string(decoded.bad) + " bytes are nothing in the encoding " + decoded.name,
                            "replaced by U+FFFD", arrival);
        break;
    }
}

void check_media_type(const options& how, bool json, problem_log& problems)
{
    const std::string type = split_media_type(how.content_type).type;
    if (!how.over_http && type.empty())
        return;
    const bool json_type = type == "application/json" || type == "application/feed+json" || type == "text/json";
    if (json ? json_type || type == "text/plain" : is_xml_media_type(type))
        return;
    problems.note_whole(problem_kind::media_type,
                        type.empty() ? std::string("no Content-type specified")
                                     : type + " is not the media type of a feed",
                        "read all the same", problem_log::subject::arrival);
}

void settle_format(document& result, const scope& names, bool netscape, std::string_view start)
{
    for (const scope::declaration& each : names.history())
        if (!each.uri.empty())
            result.namespaces.push_back({each.known != nullptr ? each.known->prefix : each.prefix, each.uri});
    if (netscape && short_name(result.format).substr(0, 3) == "rss")
        result.format = format::rss091n;
    if (result.format == format::none) {
        if (looks_like_cdf(start))
            result.format = format::cdf;
        else if (!result.entries.empty())
            result.format = format::rss;
    }
}

std::string_view find_reason(std::string_view text)
{
    const std::string_view start = trim_front(text.substr(0, start_size));
    if (start.empty())
        return "an empty document";
    if (find_ignoring_case(start, "<html") != std::string_view::npos ||
        starts_with_ignoring_case(start, "<!doctype html"))
        return "an HTML page, not a feed";
    if (find_ignoring_case(start, "<opml") != std::string_view::npos)
        return "a list of feeds (OPML), not a feed";
    if (find_ignoring_case(start, "<urlset") != std::string_view::npos ||
        find_ignoring_case(start, "<sitemapindex") != std::string_view::npos)
        return "a site map, not a feed";
    if (start.front() == '<')
        return "XML that is no feed";
    return "something that is neither XML nor JSON";
}

} // namespace feed::detail
