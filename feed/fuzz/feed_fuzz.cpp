// Any bytes give a document, and the document is one line of valid UTF-8 as JSON. The first byte chooses the options.
#include "check.hpp"

#include <feed/feed.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    feed::options how;
    how.sanitise = (data[0] & 1U) == 0;
    how.resolve_markup = (data[0] & 2U) == 0;
    how.markup = (data[0] & 4U) == 0 ? feed::markup_policy::strict : feed::markup_policy::compatible;
    how.content_type = (data[0] & 8U) == 0 ? "" : "text/xml; charset=shift_jis";
    how.base_uri = "http://example.org/a/b";
    const std::string_view bytes = as_text(data + 1, size - 1);
    const feed::document document = feed::parse(bytes, how);
    const std::string json = feed::to_json(document);
    promise(json.find('\n') == std::string::npos, "JSON is one line");
    feed::stream stream(how);
    const std::size_t piece = data[0] % 64 + 1U;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        promise(stream.add(bytes.substr(at, piece)), "a small document is taken whole");
    promise(feed::to_json(std::move(stream).finish()) == json, "pieces give the same as the whole");
    return 0;
}
