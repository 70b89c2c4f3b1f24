#include <feed/discover.hpp>

#include "html/entities.hpp"
#include "html/policy.hpp"
#include "html/tokenizer.hpp"
#include "text/ascii.hpp"
#include "uri.hpp"

#include <feed/uri.hpp>

#include <algorithm>

namespace feed {

namespace detail {

namespace {

std::string value_of(const html_token& token, std::string_view name)
{
    std::string value;
    for (const html_attribute& each : token.attributes)
        if (equal_ignoring_case(each.name, name)) {
            append_unescaped(value, trim(each.value));
            break;
        }
    return value;
}

bool has_word(std::string_view text, std::string_view word) noexcept
{
    while (!(text = trim_front(text)).empty()) {
        std::size_t end = 0;
        while (end < text.size() && !is_space(text[end]))
            ++end;
        if (equal_ignoring_case(text.substr(0, end), word))
            return true;
        text.remove_prefix(end);
    }
    return false;
}

bool is_feed_type(std::string_view type) noexcept
{
    static constexpr std::string_view known[] = {
        "application/rss+xml", "application/atom+xml",   "application/feed+json",
        "application/rdf+xml", "application/x.atom+xml", "application/x-atom+xml",
        "text/rss+xml",        "text/atom+xml",          "application/json"};
    return std::find(std::begin(known), std::end(known), type) != std::end(known);
}

// Addresses of JSON and plain XML are many things; only those of feeds look like it.
bool is_feed_link(const std::string& rel, const std::string& type, const std::string& href)
{
    if (!has_word(rel, "alternate") && !has_word(rel, "feed"))
        return false;
    if (has_word(rel, "stylesheet") || href.empty())
        return false;
    if (type == "application/json")
        return href.find("wp-json") == std::string::npos && href.find("oembed") == std::string::npos;
    return is_feed_type(type) || (has_word(rel, "feed") && type.empty());
}

} // namespace

} // namespace detail

std::vector<discovered> discover(std::string_view html, std::string_view url)
{
    using namespace detail;
    std::vector<discovered> result;
    std::string base(url);
    bool base_seen = false;
    html_tokenizer tokens(html);
    html_token token;
    constexpr std::size_t most = 100;
    while (result.size() < most && tokens.next(token)) {
        if (token.kind != html_token::type::start)
            continue;
        if (is_raw_text_element(token.name) && token.name != "noscript") {
            tokens.read_raw_until_end_of(token.name);
        } else if (token.name == "base" && !base_seen) {
            if (const std::string href = value_of(token, "href"); !href.empty()) {
                base = resolve_uri(url, href);
                base_seen = true;
            }
        } else if (token.name == "link") {
            const std::string type = lower(value_of(token, "type"));
            const std::string media = type.substr(0, type.find(';'));
            const std::string href = value_of(token, "href");
            const std::string trimmed(trim(media));
            if (!is_feed_link(value_of(token, "rel"), trimmed, href))
                continue;
            std::string address = resolve_uri(base, href);
            const bool known =
                std::any_of(result.begin(), result.end(), [&](const discovered& each) { return each.href == address; });
            if (!known && is_safe_uri(address))
                result.push_back({std::move(address), trimmed, value_of(token, "title")});
        }
    }
    return result;
}

std::vector<std::string> common_feed_addresses(std::string_view url)
{
    static constexpr std::string_view paths[] = {
        "feed",      "feed/",      "rss",        "rss.xml",     "atom.xml",
        "feed.xml",  "index.xml",  "feed.json",  "rss/",        "feeds/posts/default",
        "index.rdf", "?feed=rss2", "blog/feed/", "blog/rss.xml"};
    std::vector<std::string> result;
    const detail::uri_parts parts = detail::split_uri(url);
    const bool directory = parts.path.size() > 1;
    for (const std::string_view path : paths) {
        result.push_back(resolve_uri(url, std::string("/").append(path)));
        if (directory && parts.path.back() == '/')
            result.push_back(resolve_uri(url, path));
    }
    return result;
}

} // namespace feed
