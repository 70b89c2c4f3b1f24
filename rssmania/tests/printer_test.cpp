#include "announce/printer.hpp"

#include "announce/words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

news article_event(event_id id, event_id group, const std::string& link)
{
    return {.id = id,
            .group = group,
            .kind = news_kind::article,
            .feed = 1,
            .feed_url = "http://xkcd.com/rss.xml",
            .feed_title = "xkcd.com",
            .what = {.id = "id", .link = link, .title = "A title"},
            .wrong = {}};
}

TEST(news_as_text, has_a_heading_and_a_line_for_each_article)
{
    printer lines({.format = news_format::text});
    EXPECT_EQ(lines.print(article_event(1, 1, "https://xkcd.com/1/")).out,
              "Latest articles of xkcd.com:\n- https://xkcd.com/1/\n");
    EXPECT_EQ(lines.print(article_event(2, 1, "https://xkcd.com/2/")).out, "- https://xkcd.com/2/\n");
    EXPECT_EQ(lines.print(article_event(3, 3, "https://xkcd.com/3/")).out,
              "Latest articles of xkcd.com:\n- https://xkcd.com/3/\n");
}

TEST(news_as_text, shows_the_title_of_an_article_without_link)
{
    EXPECT_TRUE(printer({.format = news_format::text}).print(article_event(1, 1, "")).out.ends_with("\n- A title\n"));
}

TEST(news_as_text, names_a_feed_without_title_by_its_address)
{
    news event = article_event(1, 1, "http://a/");
    event.feed_title = "";
    event.feed_url = "https://bob:hush@example.org/feed";
    EXPECT_TRUE(printer({.format = news_format::text})
                    .print(event)
                    .out.starts_with("Latest articles of https://example.org/feed:\n"));
}

TEST(news_as_text, holds_nothing_that_acts_on_a_terminal)
{
    news event = article_event(1, 1, "http://a/\x1b[2J\r\n- http://forged/");
    event.feed_title = "\x1b]0;owned\x07title\n";
    EXPECT_EQ(printer({.format = news_format::text}).print(event).out,
              "Latest articles of ]0;ownedtitle:\n- http://a/[2J%20-%20http://forged/\n");
}

TEST(news_as_json, is_one_object_a_line)
{
    news event = article_event(5, 5, "https://xkcd.com/1/");
    event.what.published = unix_time(1'700'000'000s);
    const std::string line = printer({.format = news_format::json}).print(event).out;
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    const auto object = nlohmann::json::parse(line);
    EXPECT_EQ(object["event"], 5);
    EXPECT_EQ(object["feed"]["title"], "xkcd.com");
    EXPECT_EQ(object["feed"]["url"], "http://xkcd.com/rss.xml");
    EXPECT_EQ(object["link"], "https://xkcd.com/1/");
    EXPECT_EQ(object["published"], "2023-11-14T22:13:20Z");
    EXPECT_TRUE(object["updated"].is_null());
}

TEST(news_as_json, holds_no_control_characters_even_if_a_feed_does)
{
    const std::string line =
        printer({.format = news_format::json}).print(article_event(1, 1, "\x1b[2J\x7f\xc2\x9b\xff")).out;
    EXPECT_TRUE(std::all_of(line.begin(), line.end() - 1, [](unsigned char c) { return c >= 0x20 && c <= 0x7f; }));
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(a_problem, is_one_line_on_standard_error)
{
    for (const news_format format : {news_format::text, news_format::json}) {
        news event = article_event(1, 1, "");
        event.kind = news_kind::problem;
        event.wrong = {problem_kind::http_status, "404"};
        const printed lines = printer({.format = format}).print(event);
        EXPECT_EQ(lines.out, "");
        EXPECT_EQ(lines.err, "rssmania: http://xkcd.com/rss.xml: not found (404)\n");
    }
}

TEST(a_problem, that_is_over_is_told_too)
{
    news event = article_event(1, 1, "");
    event.kind = news_kind::recovered;
    EXPECT_EQ(printer({.format = news_format::text}).print(event).err,
              "rssmania: http://xkcd.com/rss.xml: works again\n");
}

TEST(words_for_a_problem, are_there_for_every_kind)
{
    for (int kind = 0; kind <= static_cast<int>(problem_kind::stage_died); ++kind)
        EXPECT_EQ(words_for({static_cast<problem_kind>(kind), "5"}).find("trouble number"), std::string::npos) << kind;
}

TEST(words_for_a_problem, hold_nothing_that_acts_on_a_terminal)
{
    EXPECT_EQ(words_for({problem_kind::not_a_feed, "an\x1b[1m HTML page"}), "no feed there: an[1m HTML page");
}

} // namespace
} // namespace rssmania
