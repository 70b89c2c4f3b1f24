#include <feed/parse.hpp>

#include "arena.hpp"
#include "builder/builder.hpp"
#include "json_feed.hpp"
#include "problems.hpp"
#include "reading.hpp"
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
            problems_.note_whole(problem_kind::limit, "it is too long", "the end was not read",
                                 problem_log::subject::arrival);
        }
        decode();
        read();
        std::string& text = result_.storage->bytes;
        result_.bozo = problems_.bozo();
        result_.problem_count = problems_.count();
        result_.problems = problems_.finish({text});
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
        note_decoding(decoded, problems_);
    }

    void read()
    {
        const bool json = is_json(result_.storage->bytes, how_);
        check_media_type(how_, json, problems_);
        normalise(result_.storage->bytes, problems_, !json);
        if (json)
            read_json_feed(result_.storage->bytes, result_, memory_, problems_, how_);
        else
            read_xml();
        if (result_.format == format::none && result_.reason.empty())
            result_.reason = find_reason(result_.storage->bytes);
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
        settle_format(result_, reader.names(), reader.is_netscape(), result_.storage->bytes);
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

} // namespace feed
