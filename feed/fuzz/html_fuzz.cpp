// Markup, cleaned, has nothing that runs, and cleaning it again changes nothing.
#include "check.hpp"

#include <feed/feed.hpp>

namespace {

// The compatible policy keeps comments, and what is in them runs nothing.
std::string without_comments(std::string html)
{
    for (std::size_t start = html.find("<!--"); start != std::string::npos; start = html.find("<!--", start))
        html.erase(start, html.find("-->", start) + 3 - start);
    return html;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view html = as_text(data, size);
    for (const feed::markup_policy policy : {feed::markup_policy::strict, feed::markup_policy::compatible}) {
        const feed::sanitise_options how = {
            .policy = policy, .base_uri = size % 2 == 0 ? "" : "http://example.org/a/b", .xhtml = size % 4 > 1};
        const std::string clean = feed::sanitise_html(html, how);
        for (const std::string_view sign : {"<script", "<iframe", "<object", "<embed", "<style", "<base", "<meta"})
            promise(without_comments(clean).find(sign) == std::string::npos, "nothing that runs comes out");
        promise(feed::sanitise_html(clean, how) == clean, "cleaning is done once for all");
        promise(clean.empty() || clean.back() != '<', "what follows in a page becomes no part of it");
    }
    for (const char c : feed::render_html(html))
        promise(static_cast<unsigned char>(c) >= 0x20 || c == '\n', "no control comes out");
    const std::string text = feed::html_to_text(html);
    promise(text.size() <= size + 8, "text is no longer than its markup");
    (void)feed::discover(html, "http://example.org/");
    return 0;
}
