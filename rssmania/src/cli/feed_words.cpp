#include "cli/feed_words.hpp"

#include "net/url.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <algorithm>
#include <stdexcept>

namespace rssmania::cli {
namespace {

bool means(const std::string& word, const feed_state& feed)
{
    return word == feed.url || word == feed.former_url || complete_address(word) == feed.url ||
           word == std::to_string(feed.id);
}

bool names(const std::string& word, const feed_state& feed) { return word == feed.own_title || word == feed.title; }

} // namespace

std::string name_of(const feed_state& feed)
{
    return !feed.own_title.empty() ? feed.own_title : !feed.title.empty() ? feed.title : without_secrets(feed.url);
}

std::vector<feed_state> feeds_meant(const std::vector<feed_state>& known, const std::vector<std::string>& words)
{
    std::vector<feed_state> found;
    for (const std::string& word : words) {
        std::vector<feed_state> these;
        const auto by = [&](auto matches) {
            if (these.empty())
                std::copy_if(known.begin(), known.end(), std::back_inserter(these),
                             [&](const feed_state& feed) { return matches(word, feed); });
        };
        by(means);
        by(names);
        if (these.empty())
            throw std::runtime_error(
                tr_fill("no feed is called {}; \"rssmania list\" shows them all", printable(word)));
        if (these.size() > 1)
            throw std::runtime_error(tr_fill("several feeds are called {}; use their addresses", printable(word)));
        found.push_back(these.front());
    }
    return found;
}

} // namespace rssmania::cli
