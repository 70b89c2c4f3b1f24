#include "helpers.hpp"

#include <gtest/gtest.h>

#include <type_traits>

using namespace feed_test;
using namespace std::string_view_literals;

static_assert(!std::is_copy_constructible_v<feed::document>);
static_assert(std::is_nothrow_move_constructible_v<feed::document>);

TEST(formats, rss_two_is_told_by_its_version) { EXPECT_EQ(feed::parse(rss("")).format, feed::format::rss20); }

TEST(formats, rss_091_with_netscapes_document_type_is_netscapes)
{
    const auto document =
        feed::parse("<!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\" \"http://x/y.dtd\">"
                    "<rss version=\"0.91\"><channel><title>N</title></channel></rss>");
    EXPECT_EQ(document.format, feed::format::rss091n);
    EXPECT_EQ(document.title.value, "N");
}

TEST(formats, rdf_is_told_by_its_namespace)
{
    const auto document =
        feed::parse("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
                    "xmlns='http://purl.org/rss/1.0/'><channel rdf:about='x'><title>R</title></channel>"
                    "<item rdf:about='http://e.org/1'><title>One</title></item></rdf:RDF>");
    EXPECT_EQ(document.format, feed::format::rss10);
    ASSERT_EQ(document.entries.size(), 1U);
    EXPECT_EQ(document.entries[0].id, "http://e.org/1");
}

TEST(formats, atom_is_told_by_its_namespace) { EXPECT_EQ(feed::parse(atom("")).format, feed::format::atom10); }

TEST(formats, atom_03_is_told_by_its_version)
{
    EXPECT_EQ(feed::parse("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>A</title></feed>").format,
              feed::format::atom03);
}

TEST(formats, cdf_has_links_and_dates_in_attributes)
{
    const auto document =
        feed::parse("<CHANNEL HREF='http://e.org/'><TITLE>C</TITLE>"
                    "<ITEM HREF='http://e.org/1' LASTMOD='2004-04-06T23:05:43-05:00'><TITLE>One</TITLE></ITEM>"
                    "</CHANNEL>");
    EXPECT_EQ(document.format, feed::format::cdf);
    ASSERT_EQ(document.entries.size(), 1U);
    EXPECT_EQ(document.entries[0].link, "http://e.org/1");
    EXPECT_TRUE(document.entries[0].updated.has_value());
}

TEST(formats, a_page_is_no_feed_and_is_told_so)
{
    const auto document = feed::parse("<!DOCTYPE html><html><head><title>Page</title></head><body><p>Hi</body></html>");
    EXPECT_EQ(document.format, feed::format::none);
    EXPECT_EQ(document.reason, "an HTML page, not a feed");
    EXPECT_TRUE(document.entries.empty());
}

TEST(formats, nothing_is_an_empty_document) { EXPECT_EQ(feed::parse("").reason, "an empty document"); }

TEST(formats, a_feed_inside_a_page_is_found)
{
    const auto document = feed::parse("<html xmlns='http://www.w3.org/1999/xhtml'><body>" +
                                      atom_entry("<title>One</title>") + "</body></html>");
    EXPECT_EQ(document.format, feed::format::atom10);
    EXPECT_EQ(first_title(document), "One");
}

TEST(fields, an_entry_has_its_own_title_link_date_and_summary)
{
    const auto document =
        feed::parse(rss_item("<title>One</title><link>http://e.org/1</link><description>Text</description>"
                             "<pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>"));
    ASSERT_EQ(document.entries.size(), 1U);
    const feed::entry& entry = document.entries[0];
    EXPECT_EQ(entry.title.value, "One");
    EXPECT_EQ(entry.link, "http://e.org/1");
    EXPECT_EQ(entry.summary.value, "Text");
    ASSERT_TRUE(entry.published.has_value());
    EXPECT_EQ(entry.published->time_since_epoch().count(), 1072986501);
    EXPECT_EQ(entry.published_text, "Thu, 01 Jan 2004 19:48:21 GMT");
}

TEST(fields, a_date_that_is_none_is_kept_as_text_only)
{
    const auto document = feed::parse(rss_item("<pubDate>soon</pubDate>"));
    EXPECT_FALSE(document.entries.at(0).published.has_value());
    EXPECT_EQ(document.entries.at(0).published_text, "soon");
}

TEST(fields, a_permanent_guid_serves_as_link)
{
    const auto document = feed::parse(rss_item("<guid>http://e.org/1</guid>"));
    EXPECT_EQ(document.entries.at(0).link, "http://e.org/1");
}

TEST(fields, a_guid_that_is_no_address_is_no_link)
{
    const auto document = feed::parse(rss_item("<guid isPermaLink='false'>abc</guid>"));
    EXPECT_EQ(document.entries.at(0).id, "abc");
    EXPECT_TRUE(document.entries.at(0).link.empty());
}

TEST(fields, a_link_that_runs_something_is_none)
{
    const auto document = feed::parse(rss_item("<link>java&#10;script:alert(1)</link>"));
    EXPECT_TRUE(document.entries.at(0).link.empty());
}

TEST(fields, relative_links_are_relative_to_xml_base)
{
    const auto document =
        feed::parse("<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://e.org/a/'><entry xml:base='b/'>"
                    "<link href='c'/></entry></feed>");
    EXPECT_EQ(document.entries.at(0).link, "http://e.org/a/b/c");
}

TEST(fields, enclosures_are_links_of_that_kind)
{
    const auto document = feed::parse(rss_item("<enclosure url='http://e.org/a.mp3' type='audio/mpeg' length='5'/>"));
    const feed::link* const enclosure = document.entries.at(0).link_to("enclosure");
    ASSERT_NE(enclosure, nullptr);
    EXPECT_EQ(enclosure->href, "http://e.org/a.mp3");
    EXPECT_EQ(enclosure->length, "5");
}

TEST(fields, an_author_in_one_text_is_taken_apart)
{
    const auto document = feed::parse(rss_item("<author>me@example.com (Example editor)</author>"));
    EXPECT_EQ(document.entries.at(0).author_detail.name, "Example editor");
    EXPECT_EQ(document.entries.at(0).author_detail.email, "me@example.com");
}

TEST(fields, what_itunes_says_takes_no_place)
{
    const auto document =
        feed::parse(rss("<description>The long text</description><itunes:subtitle>Short</itunes:subtitle>",
                        "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"));
    EXPECT_EQ(document.subtitle.value, "The long text");
}

TEST(fields, what_media_says_takes_no_place)
{
    const auto document =
        feed::parse(rss_item("<title>T</title><description>D</description><media:group><media:title>V</media:title>"
                             "<media:description>W</media:description></media:group>",
                             "xmlns:media='http://search.yahoo.com/mrss/'"));
    EXPECT_EQ(document.entries.at(0).title.value, "T");
    EXPECT_EQ(document.entries.at(0).summary.value, "D");
}

TEST(fields, content_and_summary_keep_their_own)
{
    const auto document =
        feed::parse(rss_item("<description>Short</description><content:encoded>&lt;p>Long&lt;/p></content:encoded>",
                             "xmlns:content='http://purl.org/rss/1.0/modules/content/'"));
    EXPECT_EQ(document.entries.at(0).summary.value, "Short");
    ASSERT_EQ(document.entries.at(0).content.size(), 1U);
    EXPECT_EQ(document.entries.at(0).content[0].value, "<p>Long</p>");
    EXPECT_EQ(document.entries.at(0).content[0].type, feed::text_type::html);
}

TEST(fields, unknown_elements_are_kept_as_a_tree_each_of_them)
{
    const auto document =
        feed::parse(rss_item("<x:a k='v'>1<x:b>2</x:b></x:a><x:a>3</x:a>", "xmlns:x='http://x.example/'"));
    const feed::entry& entry = document.entries.at(0);
    ASSERT_EQ(entry.extensions.size(), 2U);
    EXPECT_EQ(entry.extensions[0].value_of("k"), "v");
    ASSERT_NE(entry.extensions[0].child("b"), nullptr);
    EXPECT_EQ(entry.extensions[0].child("b")->text, "2");
    EXPECT_EQ(entry.extensions[1].text, "3");
    EXPECT_EQ(entry.extension("x:a"), &entry.extensions[0]);
}

TEST(fields, media_in_groups_is_listed_and_kept_in_its_group)
{
    const auto document =
        feed::parse(rss_item("<media:group><media:content url='a'/><media:content url='b'/></media:group>",
                             "xmlns:media='http://search.yahoo.com/mrss/'"));
    ASSERT_NE(document.entries.at(0).media, nullptr);
    EXPECT_EQ(document.entries.at(0).media->contents.size(), 2U);
    ASSERT_NE(document.entries.at(0).extension("media:group"), nullptr);
    EXPECT_EQ(document.entries.at(0).extension("media:group")->children.size(), 2U);
}

TEST(fields, podcast_elements_are_read_with_all_they_hold)
{
    const auto document =
        feed::parse(rss_item("<podcast:person role='host'>Ann</podcast:person><podcast:person>Bob</podcast:person>",
                             "xmlns:podcast='https://podcastindex.org/namespace/1.0'"));
    ASSERT_EQ(document.entries.at(0).extensions.size(), 2U);
    EXPECT_EQ(document.entries.at(0).extensions[0].value_of("role"), "host");
    EXPECT_EQ(document.entries.at(0).extensions[1].text, "Bob");
}

TEST(fields, how_often_to_read_is_told)
{
    const auto document =
        feed::parse(rss("<ttl>60</ttl><skipHours><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
                        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
                        "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"));
    EXPECT_EQ(document.schedule.time_to_live, std::chrono::minutes(60));
    EXPECT_EQ(document.schedule.skip_hours, 1U << 3);
    EXPECT_EQ(document.schedule.skip_days, 1U);
    EXPECT_EQ(document.schedule.update_period, std::chrono::hours(12));
}

TEST(fields, the_feed_says_where_it_is_and_where_it_announces)
{
    const auto document =
        feed::parse(atom("<link rel='self' href='http://e.org/f'/><link rel='hub' href='http://hub.example/'/>"));
    EXPECT_EQ(document.self(), "http://e.org/f");
    EXPECT_EQ(document.hub(), "http://hub.example/");
}

TEST(fields, the_div_that_atom_asks_for_is_no_part_of_the_text)
{
    const auto document =
        feed::parse(atom_entry("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>c</b></div>"
                               "</content>"));
    EXPECT_EQ(document.entries.at(0).content[0].value, "a <b>c</b>");
}

TEST(fields, content_of_other_xml_is_its_text_and_a_tree)
{
    const auto document =
        feed::parse(atom_entry("<content type='image/svg+xml'>a<svg xmlns='http://www.w3.org/2000/svg'><title>T</title>"
                               "</svg></content>"));
    const feed::entry& entry = document.entries.at(0);
    EXPECT_EQ(entry.content[0].value, "a");
    EXPECT_TRUE(entry.title.value.empty());
    ASSERT_NE(entry.extension("content"), nullptr);
    EXPECT_NE(entry.extension("content")->child("svg"), nullptr);
}

TEST(fields, html_that_is_only_a_word_behind_a_bracket_is_plain_text)
{
    const auto document = feed::parse(atom("<entry><summary type='html'>1 &lt;x</summary></entry>"));
    EXPECT_EQ(document.entries.at(0).summary.value, "1 <x");
    EXPECT_EQ(document.entries.at(0).summary.type, feed::text_type::plain);
}

TEST(fields, plain_text_of_a_title_has_no_markup)
{
    const auto document = feed::parse(atom_entry("<title type='html'>A &lt;b&gt;bold&lt;/b&gt; &amp;amp; B</title>"));
    EXPECT_EQ(document.entries.at(0).title.plain(), "A bold & B");
}

TEST(fields, an_entry_tells_the_feed_that_it_came_from)
{
    const auto document = feed::parse(rss_item("<source url='http://o.example/feed'>Other</source>"));
    ASSERT_NE(document.entries.at(0).source, nullptr);
    EXPECT_EQ(document.entries.at(0).source->title.value, "Other");
    EXPECT_EQ(document.entries.at(0).source->href, "http://o.example/feed");
}

TEST(document, a_moved_one_still_owns_its_texts)
{
    feed::document first = feed::parse(rss_item("<title>A title that is longer than any small string</title>"));
    const feed::document second = std::move(first);
    EXPECT_EQ(first_title(second), "A title that is longer than any small string");
}

TEST(document, keeps_nothing_of_the_bytes_it_was_read_from)
{
    std::string bytes = rss_item("<title>One</title>");
    const feed::document document = feed::parse(std::string_view(bytes));
    std::fill(bytes.begin(), bytes.end(), 'x');
    EXPECT_EQ(first_title(document), "One");
}

TEST(json_feed, is_read_into_the_same_fields)
{
    const auto document =
        feed::parse(R"({"version":"https://jsonfeed.org/version/1.1","title":"F","home_page_url":"http://e.org/",
        "items":[{"id":"1","url":"/1","title":"One","content_html":"<p>a<script>x</script></p>","date_published":"2020-01-02T03:04:05Z",
        "authors":[{"name":"Ann"}],"tags":["a"],"attachments":[{"url":"http://e.org/a.mp3","mime_type":"audio/mpeg"}]}]})",
                    {.base_uri = "http://e.org/feed.json"});
    EXPECT_EQ(document.format, feed::format::json11);
    EXPECT_FALSE(document.bozo);
    ASSERT_EQ(document.entries.size(), 1U);
    EXPECT_EQ(document.entries[0].link, "http://e.org/1");
    EXPECT_EQ(document.entries[0].content[0].value, "<p>a</p>");
    EXPECT_EQ(document.entries[0].author, "Ann");
    EXPECT_TRUE(document.entries[0].published.has_value());
    EXPECT_NE(document.entries[0].link_to("enclosure"), nullptr);
}

TEST(json_feed, what_was_read_before_it_broke_off_is_kept)
{
    const auto document = feed::parse(
        R"({"version":"https://jsonfeed.org/version/1","title":"F","items":[{"id":"1","title":"One"},{"id)");
    EXPECT_TRUE(document.bozo);
    ASSERT_GE(document.entries.size(), 1U);
    EXPECT_EQ(document.entries[0].title.value, "One");
}

TEST(json_feed, other_json_is_no_feed) { EXPECT_EQ(feed::parse("{\"a\":1}").reason, "JSON that is no JSON Feed"); }

TEST(stream, pieces_cut_anywhere_give_the_same)
{
    const std::string bytes =
        rss_item("<title>Žluťoučký &amp; kůň</title><description><![CDATA[<b>x</b>]]></description>");
    feed::stream stream;
    for (const char c : bytes)
        ASSERT_TRUE(stream.add({&c, 1}));
    EXPECT_EQ(feed::to_json(std::move(stream).finish()), feed::to_json(feed::parse(std::string_view(bytes))));
}

TEST(stream, takes_no_more_than_the_limit)
{
    feed::options how;
    how.limit.document = 10;
    feed::stream stream(how);
    EXPECT_TRUE(stream.add("<rss>"));
    EXPECT_FALSE(stream.add("<channel>"));
    EXPECT_TRUE(std::move(stream).finish().truncated);
}
