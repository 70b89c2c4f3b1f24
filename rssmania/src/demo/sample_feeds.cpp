#include "demo/sample_feeds.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

namespace rssmania {
namespace {

constexpr int window = 10; // articles in a document

struct sample_article {
    int number;
    std::string title;
    std::string link;
    std::string text;
    std::time_t date;
};

std::string link_of(const sample_feed& feed, int number, const std::string& site)
{
    const std::string name = feed.path.substr(1, feed.path.find('.') - 1);
    return fmt::format("{}/articles/{}/{}", site, name, number);
}

// An hour apart, from the start of 2024 on: the same on every run.
std::time_t date_of(int number) { return 1'704'067'200 + std::time_t{3600} * number; }

std::vector<sample_article> newest_articles(const sample_feed& feed, int published, const std::string& site)
{
    std::vector<sample_article> articles;
    for (int number = published; number > std::max(0, published - window); --number) {
        articles.push_back({number, sample_title(number), link_of(feed, number, site),
                            fmt::format("Our reporter in the meadow saw it happen, for the {}. time.", number),
                            date_of(number)});
    }
    return articles;
}

std::string rfc822(std::time_t date) { return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(date)); }
std::string rfc3339(std::time_t date) { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(date)); }

// `flaw` is put behind each title: what well-behaved feeds leave out.
std::string rss(const sample_feed& feed, const std::vector<sample_article>& articles, const std::string& site,
                std::string_view flaw)
{
    std::string items;
    for (const sample_article& each : articles) {
        items += fmt::format("<item><title>{}{}</title><link>{}</link><guid>{}</guid><pubDate>{}</pubDate>"
                             "<description>{}</description></item>\n",
                             each.title, flaw, each.link, each.link, rfc822(each.date), each.text);
    }
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>{}</title>"
                       "<link>{}/</link><description>News that nobody needs</description>\n{}",
                       feed.title, site, items);
}

std::string atom(const sample_feed& feed, const std::vector<sample_article>& articles, const std::string& site)
{
    std::string entries;
    for (const sample_article& each : articles) {
        entries += fmt::format("<entry><title>{}</title><link href=\"{}\"/><id>tag:example.org,2024:{}</id>"
                               "<updated>{}</updated><summary>{}</summary></entry>\n",
                               each.title, each.link, each.number, rfc3339(each.date), each.text);
    }
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">"
                       "<title>{}</title><id>{}{}</id><link href=\"{}/\"/><updated>{}</updated>\n{}</feed>\n",
                       feed.title, site, feed.path, site, rfc3339(date_of(articles.empty() ? 0 : articles[0].number)),
                       entries);
}

std::string json(const sample_feed& feed, const std::vector<sample_article>& articles, const std::string& site)
{
    nlohmann::ordered_json document{{"version", "https://jsonfeed.org/version/1.1"},
                                    {"title", feed.title},
                                    {"home_page_url", site + "/"},
                                    {"items", nlohmann::ordered_json::array()}};
    for (const sample_article& each : articles) {
        document["items"].push_back({{"id", std::to_string(each.number)},
                                     {"url", each.link},
                                     {"title", each.title},
                                     {"content_text", each.text},
                                     {"date_published", rfc3339(each.date)}});
    }
    return document.dump(1);
}

} // namespace

const std::vector<sample_feed>& sample_feeds()
{
    static const std::vector<sample_feed> feeds{
        {.path = "/hive.rss", .title = "The Hive Gazette", .format = sample_format::rss},
        {.path = "/nectar.atom", .title = "Nectar Weekly", .format = sample_format::atom},
        {.path = "/waggle.json", .title = "Waggle Dance Today", .format = sample_format::json},
        {.path = "/comb.rss", .title = "The Broken Comb", .format = sample_format::malformed_rss},
        {.path = "/honey.rss", .title = "Slow Honey", .format = sample_format::rss, .slow = true},
    };
    return feeds;
}

std::string sample_document(const sample_feed& feed, int published, const std::string& site)
{
    const std::vector<sample_article> articles = newest_articles(feed, published, site);
    switch (feed.format) {
    case sample_format::rss:
        return rss(feed, articles, site, "") + "</channel></rss>\n";
    case sample_format::atom:
        return atom(feed, articles, site);
    case sample_format::json:
        return json(feed, articles, site);
    case sample_format::malformed_rss:
        // A bare ampersand, an element that is never closed, and the end of the document missing.
        return rss(feed, articles, site, " & <b>more");
    }
    return {};
}

std::string media_type_of(sample_format format)
{
    switch (format) {
    case sample_format::atom:
        return "application/atom+xml; charset=utf-8";
    case sample_format::json:
        return "application/feed+json";
    case sample_format::rss:
    case sample_format::malformed_rss:
        break;
    }
    return "application/rss+xml; charset=utf-8";
}

std::string sample_title(int number)
{
    static constexpr std::array<std::string_view, 7> who{"A drone", "The queen",       "A lost bumblebee", "Guard 17",
                                                         "A larva", "The whole swarm", "A retired forager"};
    static constexpr std::array<std::string_view, 5> does{"discovers", "loses", "praises", "counts", "dances about"};
    static constexpr std::array<std::string_view, 8> what{"a field of clover", "the way home",   "sunflowers",
                                                          "last year's honey", "the neighbours", "an open window",
                                                          "a jar of jam",      "the weather"};
    const auto n = static_cast<std::size_t>(number);
    return fmt::format("{} {} {} (no. {})", who.at(n % who.size()), does.at(n % does.size()), what.at(n % what.size()),
                       number);
}

} // namespace rssmania
