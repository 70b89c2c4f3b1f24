#include <feed/parse.hpp>
#include <feed/stream.hpp>

#include "arena.hpp"
#include "builder/builder.hpp"
#include "json_feed.hpp"
#include "problems.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "text/encoding.hpp"
#include "text/normalise.hpp"
#include "xml/reader.hpp"

namespace feed {

namespace detail {

namespace {

class parser {
public:
    parser(std::string&& bytes, const options& how) :
        how_(how), memory_(result_.storage->memory), problems_(memory_, how.limit.problems), bytes_(std::move(bytes))
    {}

    document run()
    {
        if (bytes_.size() > how_.limit.document) {
            bytes_.resize(how_.limit.document);
            result_.truncated = true;
            problems_.note_whole(problem_kind::limit, "it is too long", "the end was not read");
        }
        decode();
        read();
        std::string& text = result_.storage->bytes;
        result_.bozo = problems_.bozo();
        result_.problem_count = problems_.count();
        result_.problems = problems_.finish(text);
        return std::move(result_);
    }

private:
    void decode()
    {
        decoding decoded = decode_document(bytes_, {how_.content_type, how_.over_http});
        result_.encoding = memory_.copy(decoded.name);
        if (decoded.unchanged) {
            result_.storage->bytes = std::move(bytes_);
            if (decoded.skip != 0)
                result_.storage->bytes.erase(0, decoded.skip);
        } else {
            result_.storage->bytes = std::move(decoded.text);
            bytes_ = {};
        }
        switch (decoded.problem) {
        case decoding::trouble::none:
            break;
        case decoding::trouble::overridden:
            problems_.note_whole(problem_kind::encoding_overridden,
                                 "document declared as " + decoded.declared + ", but parsed as " + decoded.name,
                                 "read as what it is");
            break;
        case decoding::trouble::unknown:
            problems_.note_whole(problem_kind::encoding_unknown, "the encoding of the document is unknown",
                                 "read as " + decoded.name);
            break;
        case decoding::trouble::repaired:
            problems_.note_whole(problem_kind::not_well_formed,
                                 std::to_string(decoded.bad) + " bytes are nothing in the encoding " + decoded.name,
                                 "replaced by U+FFFD");
            break;
        }
    }

    void read()
    {
        const std::string_view text = result_.storage->bytes;
        const std::string_view start = trim_front(text.substr(0, 4096));
        const std::string type = split_media_type(how_.content_type).type;
        const bool json = !start.empty() &&
                          (start.front() == '{' || (start.front() == '[' && type.find("json") != std::string::npos));
        check_media_type(type, json);
        normalise(result_.storage->bytes, problems_, !json);
        if (json)
            read_json_feed(result_.storage->bytes, result_, memory_, problems_, how_);
        else
            read_xml();
        if (result_.format == format::none && result_.reason.empty())
            result_.reason = find_reason(result_.storage->bytes);
    }

    void check_media_type(const std::string& type, bool json)
    {
        if (!how_.over_http && type.empty())
            return;
        const bool json_type = type == "application/json" || type == "application/feed+json" || type == "text/json";
        if (json ? json_type || type == "text/plain" : is_xml_media_type(type))
            return;
        problems_.note_whole(problem_kind::media_type,
                             type.empty() ? std::string("no Content-type specified")
                                          : type + " is not the media type of a feed",
                             "read all the same");
    }

    void read_xml()
    {
        // Address space, not memory, for as many entries as there may well be: growing would copy and fault them in
        // twice.
        constexpr std::size_t short_entry = 512;
        result_.entries.reserve(
            std::min<std::size_t>(result_.storage->bytes.size() / short_entry + 4, how_.limit.entries));
        builder made(result_, memory_, problems_, how_);
        made.distrust_characters(may_need_mending(result_.storage->bytes));
        xml_reader<builder> reader(result_.storage->bytes, made, memory_, problems_, how_.limit);
        reader.run();
        made.finish();
        take_namespaces(reader.names());
        if (reader.is_netscape() && short_name(result_.format).substr(0, 3) == "rss")
            result_.format = format::rss091n;
        if (result_.format == format::none && (!result_.entries.empty() || looks_like_cdf(result_.storage->bytes)))
            result_.format =
                result_.entries.empty() || looks_like_cdf(result_.storage->bytes) ? format::cdf : format::rss;
    }

    [[nodiscard]] static bool looks_like_cdf(std::string_view text)
    {
        const std::size_t at = find_ignoring_case(text.substr(0, 4096), "<channel");
        return at != std::string_view::npos && find_ignoring_case(text.substr(0, at), "<rss") == std::string_view::npos;
    }

    void take_namespaces(const scope& names)
    {
        for (const scope::declaration& each : names.history()) {
            if (each.uri.empty())
                continue;
            const std::string_view prefix = each.known != nullptr ? each.known->prefix : each.prefix;
            result_.namespaces.push_back({prefix, each.uri});
        }
    }

    // What is no feed, in words.
    [[nodiscard]] static std::string_view find_reason(std::string_view text)
    {
        const std::string_view start = trim_front(text.substr(0, 4096));
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

    const options& how_;
    document result_;
    arena& memory_;
    problem_log problems_;
    std::string bytes_;
};

} // namespace

} // namespace detail

document detail::parse_given(std::string&& bytes, const options& how) { return parser(std::move(bytes), how).run(); }

document parse(std::string_view bytes, const options& how)
{
    return detail::parse_given(std::string(bytes.substr(0, how.limit.document + 1)), how);
}

bool stream::add(std::string_view piece)
{
    const std::size_t room = how_.limit.document + 1 - bytes_.size(); // one more tells that it is too long
    bytes_.append(piece.substr(0, room));
    return bytes_.size() <= how_.limit.document;
}

document stream::finish() && { return parse(std::move(bytes_), how_); }

} // namespace feed
