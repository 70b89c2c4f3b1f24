#include "parse/read_feed.hpp"

#include "demo/sample_feeds.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

fetched answer_with(std::string body, std::string type = "application/rss+xml")
{
    return {.feed = 7,
            .content_type = std::move(type),
            .content_encoding = {},
            .body = std::move(body),
            .body_hash = "hash",
            .facts = {.status = 200, .url = "http://example.org/feed", .fresh = {"\"tag\"", "yesterday"}}};
}

std::string rss(const std::string& items)
{
    return "<rss version=\"2.0\"><channel><title>T</title><link>http://example.org/</link>" + items +
           "</channel></rss>";
}

TEST(an_answer, becomes_a_feed_with_its_articles)
{
    const visited visit = read_feed(
        answer_with(rss("<item><title>One &amp; only</title><link>/1</link><guid isPermaLink='false'>g1</guid>"
                        "<pubDate>Thu, 01 Jan 1970 00:00:10 GMT</pubDate>"
                        "<description>&lt;p onclick='x'&gt;Hi&lt;/p&gt;</description></item>")));
    EXPECT_EQ(visit.feed, 7);
    EXPECT_EQ(visit.result, visit_result::read);
    EXPECT_FALSE(visit.wrong) << visit.wrong.detail;
    EXPECT_EQ(visit.facts.fresh.etag, "\"tag\"");
    EXPECT_EQ(visit.body_hash, "hash");
    EXPECT_EQ(visit.content.title, "T");
    ASSERT_EQ(visit.content.articles.size(), 1U);
    const article& first = visit.content.articles[0];
    EXPECT_EQ(first.id, "g1");
    EXPECT_EQ(first.link, "http://example.org/1");
    EXPECT_EQ(first.title, "One & only");
    EXPECT_EQ(first.content, "<p>Hi</p>");
    EXPECT_EQ(first.published, unix_time(std::chrono::seconds(10)));
}

TEST(an_answer, may_be_any_of_the_samples)
{
    for (const sample_feed& feed : sample_feeds()) {
        const visited visit =
            read_feed(answer_with(sample_document(feed, 5, "http://example.org"), media_type_of(feed.format)));
        EXPECT_EQ(visit.result, visit_result::read) << feed.title;
        EXPECT_EQ(visit.content.title, feed.title);
        ASSERT_EQ(visit.content.articles.size(), 5U) << feed.title;
        EXPECT_TRUE(visit.content.articles[0].link.ends_with("/5")) << visit.content.articles[0].link;
        EXPECT_EQ(visit.wrong.kind == problem_kind::damaged, feed.format == sample_format::malformed_rss) << feed.title;
    }
}

TEST(an_answer, that_is_a_page_is_a_failed_visit)
{
    const visited visit = read_feed(answer_with("<!DOCTYPE html><html><body>Hi</body></html>", "text/html"));
    EXPECT_EQ(visit.result, visit_result::failed);
    EXPECT_EQ(visit.wrong.kind, problem_kind::not_a_feed);
    EXPECT_NE(visit.wrong.detail, "");
}

TEST(an_answer, that_is_empty_is_a_failed_visit)
{
    EXPECT_EQ(read_feed(answer_with("")).wrong.kind, problem_kind::not_a_feed);
}

TEST(an_answer, that_cannot_be_decompressed_is_a_failed_visit)
{
    fetched answer = answer_with("no brotli");
    answer.content_encoding = "br";
    EXPECT_EQ(read_feed(std::move(answer)).wrong.kind, problem_kind::bad_encoding);
}

TEST(an_answer, with_long_texts_is_cut_at_characters)
{
    const feed_limits small{.line = 4, .content = 5};
    const visited visit =
        read_feed(answer_with(rss("<item><title>abcé</title><description>12345678</description></item>")), small);
    ASSERT_EQ(visit.content.articles.size(), 1U);
    EXPECT_EQ(visit.content.articles[0].title, "abc");
    EXPECT_EQ(visit.content.articles[0].content, "12345");
}

TEST(an_answer, with_much_content_keeps_all_articles_and_some_of_the_content)
{
    const feed_limits small{.contents = 6};
    const visited visit = read_feed(answer_with(rss("<item><guid>1</guid><description>1234</description></item>"
                                                    "<item><guid>2</guid><description>1234</description></item>"
                                                    "<item><guid>3</guid><description>1234</description></item>")),
                                    small);
    ASSERT_EQ(visit.content.articles.size(), 3U);
    EXPECT_EQ(visit.content.articles[1].content, "12");
    EXPECT_EQ(visit.content.articles[2].content, "");
}

TEST(an_answer, with_long_ids_keeps_them_apart)
{
    const std::string same(2000, 'x');
    const visited visit =
        read_feed(answer_with(rss("<item><guid>" + same + "1</guid></item><item><guid>" + same + "2</guid></item>")));
    ASSERT_EQ(visit.content.articles.size(), 2U);
    EXPECT_EQ(visit.content.articles[0].id.size(), 1024U);
    EXPECT_NE(visit.content.articles[0].id, visit.content.articles[1].id);
}

TEST(an_answer, with_endless_links_is_cut)
{
    const visited visit =
        read_feed(answer_with(rss("<item><link>http://e/1</link></item><item><link>http://e/2</link></item>"
                                  "<item><link>http://e/3</link></item>")),
                  {.lines = 15});
    EXPECT_EQ(visit.content.articles.size(), 2U);
}

TEST(an_answer, with_too_many_articles_is_cut)
{
    const visited visit = read_feed(
        answer_with(rss("<item><guid>http://e/1</guid></item><item><guid>http://e/2</guid></item>")), {.articles = 1});
    ASSERT_EQ(visit.content.articles.size(), 1U);
    EXPECT_EQ(visit.content.articles[0].id, "http://e/1");
}

TEST(an_answer, says_how_often_its_feed_wants_to_be_asked)
{
    const visited visit =
        read_feed(answer_with("<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>"
                              "<title>t</title><ttl>90</ttl><sy:updatePeriod>daily</sy:updatePeriod>"
                              "<sy:updateFrequency>12</sy:updateFrequency><skipHours><hour>3</hour></skipHours>"
                              "<skipDays><day>Sunday</day></skipDays></channel></rss>"));
    EXPECT_EQ(visit.content.wishes, (publisher_wishes{.period = 2h, .skip_hours = 8, .skip_days = 1}));
}

TEST(an_answer, that_is_no_feed_gives_no_new_validators_and_no_new_address)
{
    fetched page = answer_with("<html><body>Parked</body></html>");
    page.facts.moved_to = "http://parking.example/";
    page.facts.wishes.fresh_for = 1h;
    const visited visit = read_feed(std::move(page));
    EXPECT_EQ(visit.result, visit_result::failed);
    EXPECT_EQ(visit.facts.moved_to, "");
    EXPECT_EQ(visit.facts.fresh, validators());
    EXPECT_EQ(visit.facts.wishes.fresh_for, 1h);
}

} // namespace
} // namespace rssmania
