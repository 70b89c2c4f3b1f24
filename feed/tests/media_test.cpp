#include "helpers.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

// A feed whose only entry has `inside` in it.
feed::document with_entry(std::string_view inside)
{
    return feed::parse(std::string("<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' "
                                   "xmlns:geo='http://www.w3.org/2003/01/geo/wgs84_pos#' "
                                   "xmlns:slash='http://purl.org/rss/1.0/modules/slash/' "
                                   "xmlns:wfw='http://wellformedweb.org/CommentAPI/'><channel><item>")
                           .append(inside)
                           .append("</item></channel></rss>"),
                       {.base_uri = "http://e.org/feed"});
}

} // namespace

TEST(media, a_file_has_its_numbers_and_an_absolute_address)
{
    const auto document =
        with_entry("<media:content url='/a.mp4' fileSize='12216320' type='video/mp4' medium='video' "
                   "isDefault='true' bitrate='128' duration='185' height='200' width='300' lang='en'/>");
    const feed::media_object& file = document.entries[0].media->objects.front();
    EXPECT_EQ(file.url, "http://e.org/a.mp4");
    EXPECT_EQ(file.size, 12216320);
    EXPECT_EQ(file.bit_rate, 128);
    EXPECT_EQ(file.duration, 185s);
    EXPECT_EQ(file.width, 300);
    EXPECT_EQ(file.height, 200);
    EXPECT_TRUE(file.is_default);
    EXPECT_EQ(file.language, "en");
    EXPECT_EQ(file.group, 0U);
}

TEST(media, what_a_group_says_counts_for_its_files)
{
    const auto document =
        with_entry("<media:group><media:content url='http://e.org/a'/><media:content url='http://e.org/b'>"
                   "<media:title>Second</media:title></media:content><media:title>Both</media:title>"
                   "<media:thumbnail url='http://e.org/t'/></media:group>");
    const auto& files = document.entries[0].media->objects;
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].title, "Both");
    EXPECT_EQ(files[1].title, "Second");
    EXPECT_EQ(files[1].thumbnails.front().value_of("url"), "http://e.org/t");
}

TEST(media, groups_are_told_apart)
{
    const auto document = with_entry("<media:group><media:content url='a:1'/></media:group><media:content url='a:2'/>"
                                     "<media:group><media:content url='a:3'/></media:group>");
    const feed::media& all = *document.entries[0].media;
    ASSERT_EQ(all.objects.size(), 3U);
    EXPECT_EQ(all.groups, 2U);
    EXPECT_EQ(all.objects[0].group, 1U);
    EXPECT_EQ(all.objects[1].group, 0U);
    EXPECT_EQ(all.objects[2].group, 2U);
}

TEST(media, every_element_of_a_kind_is_listed)
{
    const auto document = with_entry("<media:thumbnail url='1'/><media:group><media:thumbnail url='2'/></media:group>"
                                     "<media:credit role='writer'>Ann</media:credit><media:credit>Bob</media:credit>");
    EXPECT_EQ(document.entries[0].media->thumbnails.size(), 2U);
    ASSERT_EQ(document.entries[0].media->credits.size(), 2U);
    EXPECT_EQ(document.entries[0].media->credits[1].text, "Bob");
}

TEST(media, an_address_that_runs_something_is_not_given)
{
    const auto document = with_entry("<media:content url='javascript:x()'/>");
    EXPECT_EQ(document.entries[0].media->objects.front().url, "");
}

TEST(media, a_group_is_also_a_tree)
{
    const auto document = with_entry("<media:group><media:content url='a:1'/><media:hash>x</media:hash></media:group>");
    const feed::element* const group = document.entries[0].extension("media:group");
    ASSERT_NE(group, nullptr);
    EXPECT_EQ(group->children.size(), 2U);
}

TEST(extensions, a_position_in_two_elements_is_a_place)
{
    const auto document = with_entry("<geo:lat>48.85</geo:lat><geo:long>+2.35</geo:long>");
    ASSERT_NE(document.entries[0].where, nullptr);
    EXPECT_EQ(document.entries[0].where->type, "Point");
    EXPECT_EQ(document.entries[0].where->coordinates[0], 2.35);
    EXPECT_EQ(document.entries[0].where->coordinates[1], 48.85);
}

TEST(extensions, comments_are_counted_and_their_feed_is_known)
{
    const auto document =
        with_entry("<slash:comments>12</slash:comments><wfw:commentRss>/comments.rss</wfw:commentRss>");
    EXPECT_EQ(document.entries[0].comment_count, 12U);
    EXPECT_EQ(document.entries[0].comments_feed, "http://e.org/comments.rss");
}

TEST(extensions, an_id_is_known_as_it_was_written)
{
    const auto document = with_entry("<guid>/posts/1</guid>");
    EXPECT_EQ(document.entries[0].id, "http://e.org/posts/1");
    EXPECT_EQ(document.entries[0].id_as_written, "/posts/1");
}
