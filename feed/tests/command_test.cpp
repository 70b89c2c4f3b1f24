// What a person is told of a feed: what is wrong with it, what it lacks, how to mend it.
#include "helpers.hpp"

#include <feed_command/parse.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace {

bool has_line(const std::string& text, std::string_view line)
{
    return ("\n" + text).find(std::string("\n").append(line).append("\n")) != std::string::npos;
}

std::string explained(std::string_view document) { return feed_command::explain(std::string(document), {}); }

constexpr std::string_view sound_atom =
    "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>urn:x</id><updated>2026-01-01T00:00:00Z</updated>"
    "<author><name>A</name></author><entry><title/><id>urn:y</id><updated>2026-01-01T00:00:00Z</updated></entry></"
    "feed>";

std::string without(std::string_view text, std::string_view part)
{
    std::string result(text);
    const std::size_t at = result.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return result.erase(at, part.size());
}

} // namespace

TEST(explained, a_sound_feed_has_nothing_wrong)
{
    EXPECT_EQ(explained(sound_atom), "This is Atom 1.0 with 1 entry.\nNothing is wrong with it.\n");
    EXPECT_EQ(explained("<rss version='2.0'><channel><title>T</title><link>http://e.org/</link><description>D"
                        "</description><item><description>x</description></item></channel></rss>"),
              "This is RSS 2.0 with 1 entry.\nNothing is wrong with it.\n");
    EXPECT_EQ(explained(R"({"version":"https://jsonfeed.org/version/1.1","title":"T","items":[)"
                        R"({"id":"1","content_text":"x"}]})"),
              "This is JSON Feed 1.1 with 1 entry.\nNothing is wrong with it.\n");
}

TEST(explained, rss_lacks_what_its_channel_must_have)
{
    const std::string told = explained("<rss version='2.0'><channel></channel></rss>");
    for (const char* lacks : {"title", "link", "description"})
        EXPECT_TRUE(has_line(told, std::string("the feed has no ") + lacks)) << told;
    EXPECT_TRUE(has_line(told, "* give the channel a <link>: the address of the page that the feed belongs to"));
}

TEST(explained, an_item_of_rss_needs_a_title_or_a_description)
{
    const std::string told =
        explained(feed_test::rss("<item><link>http://e.org/1</link></item><item><title>x</title></item>"
                                 "<item><description>x</description></item>"));
    EXPECT_TRUE(has_line(told, "entry 1 has no title and no description")) << told;
    EXPECT_TRUE(has_line(told, "* give each item a <title> or a <description>, better both")) << told;
}

TEST(explained, items_of_old_rss_need_title_and_link)
{
    const std::string told = explained(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
        "<channel><title>T</title><link>http://e.org/</link><description>D</description></channel><item/></rdf:RDF>");
    EXPECT_TRUE(has_line(told, "entry 1 has no title")) << told;
    EXPECT_TRUE(has_line(told, "entry 1 has no link")) << told;
}

TEST(explained, atom_lacks_what_its_feed_must_have)
{
    EXPECT_TRUE(has_line(explained(without(sound_atom, "<title>T</title>")), "the feed has no title"));
    EXPECT_TRUE(has_line(explained(without(sound_atom, "<id>urn:x</id>")), "the feed has no id"));
    EXPECT_TRUE(has_line(explained(without(sound_atom, "<updated>2026-01-01T00:00:00Z</updated>")),
                         "the feed has no date of its last change"));
    EXPECT_TRUE(has_line(explained(without(sound_atom, "<author><name>A</name></author>")), "entry 1 has no author"));
}

TEST(explained, entries_of_atom_lack_what_they_must_have)
{
    EXPECT_TRUE(has_line(explained(without(sound_atom, "<title/>")), "entry 1 has no title"));
    EXPECT_TRUE(has_line(explained(without(sound_atom, "<id>urn:y</id>")), "entry 1 has no id"));
    EXPECT_TRUE(has_line(explained(without(sound_atom, "<id>urn:y</id><updated>2026-01-01T00:00:00Z</updated>")),
                         "entry 1 has no date of its last change"));
}

TEST(explained, a_json_feed_lacks_what_it_must_have)
{
    const std::string told = explained(R"({"version":"https://jsonfeed.org/version/1.1"})");
    EXPECT_TRUE(has_line(told, "the feed has no title")) << told;
    EXPECT_NE(told.find("it has no list \"items\""), std::string::npos) << told;
    const std::string other = explained(R"({"title":"T","items":[{}]})");
    EXPECT_NE(other.find("it does not say which version of JSON Feed it is"), std::string::npos) << other;
    EXPECT_TRUE(has_line(other, "entry 1 has no id")) << other;
    EXPECT_TRUE(has_line(other, "entry 1 has no content")) << other;
}

TEST(explained, many_entries_are_named_by_the_first)
{
    std::string items;
    for (int i = 0; i < 9; ++i)
        items += "<item/>";
    EXPECT_TRUE(has_line(explained(feed_test::rss(items)),
                         "entries 1, 2, 3, 4, 5 and 4 more have no title and no description"));
}

TEST(explained, tags_of_the_document_are_quoted_as_they_are)
{
    const std::string told =
        explained("<rss version='2.0'><channel><title>A</title><pubDate>&lt;b>soon&lt;/b></pubDate>"
                  "</channel></rss>");
    EXPECT_NE(told.find("\"<b>soon</b>\" is no date"), std::string::npos) << told;
}

TEST(explained, a_document_cannot_move_the_cursor)
{
    const std::string told = explained("<rss version='2.0'><channel><title>A</title><pubDate>a&#x9B;2J\x1B[2J</pubDate>"
                                       "</channel></rss>");
    EXPECT_EQ(told.find('\x1B'), std::string::npos);
    EXPECT_EQ(told.find("\xC2\x9B"), std::string::npos);
}

TEST(a_batch, answers_a_line_for_each_also_for_what_cannot_be_read)
{
    std::istringstream in("one\turl: http://e.org/feed\nnone\n");
    std::ostringstream out;
    feed_command::answer_batch(in, out, [](const std::string& path) {
        return path == "one" ? std::optional<std::string>(feed_test::rss_item("<link>/a</link>")) : std::nullopt;
    });
    std::istringstream lines(out.str());
    std::string first;
    std::string second;
    std::string third;
    EXPECT_TRUE(std::getline(lines, first) && std::getline(lines, second));
    EXPECT_FALSE(std::getline(lines, third));
    EXPECT_NE(first.find("\"http://e.org/a\""), std::string::npos) << first;
    EXPECT_NE(second.find("\"entries\":[]"), std::string::npos) << second;
}

TEST(explaining, entries_that_share_an_id_are_told)
{
    const std::string told = explained(
        "<rss version='2.0'><channel><title>A</title><link>http://e.org/</link><description>d</description>"
        "<item><title>a</title><guid>1</guid></item><item><title>b</title><guid>1</guid></item></channel></rss>");
    EXPECT_NE(told.find("entry 2 has the id of an earlier entry\n"), std::string::npos) << told;
}

TEST(explaining, the_remedy_is_one_for_the_format)
{
    EXPECT_NE(explained(R"({"version":"https://jsonfeed.org/version/1.1","title":"x","items":[],})").find("the JSON"),
              std::string::npos);
    EXPECT_NE(explained("hello").find("rssmania discover"), std::string::npos);
    EXPECT_NE(explained("<rss version='2.0'><channel><item><pubDate>31 Foo</pubDate></item></channel></rss>")
                  .find("write dates as"),
              std::string::npos);
}
