// One format each (FORMAT names it): what the fuzzer makes stands where an entry of it says something, so that it needs
// not find the way there. It gives a document of that format, and in pieces the same.
#include "check.hpp"

#include <feed/feed.hpp>

namespace {

struct frame {
    std::string_view before;
    std::string_view after;
};

[[maybe_unused]] constexpr frame rss = {
    "<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
    "xmlns:media='http://search.yahoo.com/mrss/' xmlns:podcast='https://podcastindex.org/namespace/1.0' "
    "xmlns:georss='http://www.georss.org/georss' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>t</title><item>",
    "</item></channel></rss>"};
[[maybe_unused]] constexpr frame rdf = {
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>"
    "<channel rdf:about='http://e.org/'><title>t</title></channel><item rdf:about='http://e.org/1'>",
    "</item></rdf:RDF>"};
[[maybe_unused]] constexpr frame atom = {
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://e.org/'><title>t</title><entry>", "</entry></feed>"};
[[maybe_unused]] constexpr frame cdf = {"<CHANNEL HREF='http://e.org/'><TITLE>t</TITLE><ITEM HREF='/1'>",
                                        "</ITEM></CHANNEL>"};
[[maybe_unused]] constexpr frame json = {R"({"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1",)", "}]}"};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string bytes = std::string(FORMAT.before).append(as_text(data + 1, size - 1)).append(FORMAT.after);
    const feed::options how = {.base_uri = "http://example.org/a/b"};
    const feed::document document = feed::parse(std::string_view(bytes), how);
    promise(document.format != feed::format::none, "the format is told by its frame");
    const std::string whole = feed::to_json(document);
    feed::stream stream(how);
    const std::size_t piece = data[0] + 1U;
    std::size_t entries = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        stream.add(std::string_view(bytes).substr(at, piece));
        entries += stream.fresh_entries().size();
    }
    const feed::document streamed = std::move(stream).finish();
    promise(entries <= streamed.entries.size(), "no entry is given that is not there");
    promise(feed::to_json(streamed) == whole, "pieces give the same as the whole");
    return 0;
}
