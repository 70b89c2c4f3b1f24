#include "opml/opml.hpp"

#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace rssmania {
namespace {

TEST(an_opml_list, gives_its_feeds_in_order_with_their_folders)
{
    const auto feeds = read_opml(R"(<opml version="2.0"><body>
        <outline text="Comics"><outline text="xkcd" type="rss" xmlUrl="https://xkcd.com/rss.xml"/>
          <outline title="Old"><outline text="a" xmlUrl="http://a.example/"/></outline>
        </outline>
        <outline text="Top" xmlUrl="http://top.example/?a=1&amp;b=2"/></body></opml>)");
    ASSERT_EQ(feeds.size(), 3U);
    EXPECT_EQ(feeds[0].url, "https://xkcd.com/rss.xml");
    EXPECT_EQ(feeds[0].title, "xkcd");
    EXPECT_EQ(feeds[0].folder, "Comics");
    EXPECT_EQ(feeds[1].folder, "Comics/Old");
    EXPECT_EQ(feeds[2].url, "http://top.example/?a=1&b=2");
    EXPECT_EQ(feeds[2].folder, "");
}

TEST(an_opml_list, may_spell_its_attributes_as_it_likes)
{
    const auto feeds =
        read_opml("<OPML><BODY><Outline TEXT='a' XMLURL='http://a/'/><outline url='http://b/'/></BODY></OPML>");
    ASSERT_EQ(feeds.size(), 2U);
    EXPECT_EQ(feeds[0].title, "a");
    EXPECT_EQ(feeds[1].url, "http://b/");
}

TEST(an_opml_list, that_is_damaged_is_read_as_far_as_it_goes)
{
    const auto feeds = read_opml("<opml><body><outline xmlUrl='http://a/'/><outline xmlUrl='http://b/'/><out");
    EXPECT_EQ(feeds.size(), 2U);
}

TEST(an_opml_list, that_nests_deeply_costs_no_more_than_its_length)
{
    constexpr std::size_t depth = 50'000;
    std::string deep;
    for (std::size_t i = 0; i < depth; ++i)
        deep += "<outline text='folder'>";
    deep += "<outline xmlUrl='http://a/'/>";
    const auto feeds = read_opml(deep);
    ASSERT_EQ(feeds.size(), 1U);
    EXPECT_LE(feeds[0].folder.size(), 1024U);
}

TEST(an_opml_list, is_cut_at_the_limit)
{
    EXPECT_EQ(read_opml("<o><outline url='http://a/'/><outline url='http://b/'/></o>", 1).size(), 1U);
}

TEST(an_opml_file, that_names_no_feed_is_an_error)
{
    const testing::temporary_directory directory;
    std::ofstream(directory.path() / "empty.opml") << "<opml/>";
    EXPECT_THROW((void)read_opml_file(directory.path() / "empty.opml"), std::runtime_error);
    EXPECT_THROW((void)read_opml_file(directory.path() / "missing.opml"), std::runtime_error);
    EXPECT_THROW((void)read_opml_file(directory.path()), std::runtime_error);
}

TEST(a_written_list, is_read_as_it_was)
{
    const std::vector<subscription> feeds{{"http://a.example/?x=1&y=2", "A <b> \"c\"", ""},
                                          {"http://b.example/", "Bees", "insects/small"},
                                          {"http://c.example/", "Ants", "insects"},
                                          {"http://d.example/", "Mites", "insects/small"}};
    std::vector<std::string> found;
    for (const subscription& each : read_opml(write_opml(feeds)))
        found.push_back(each.url + " " + each.title + " " + each.folder);
    EXPECT_EQ(found, (std::vector<std::string>{
                         "http://a.example/?x=1&y=2 A <b> \"c\" ", "http://b.example/ Bees insects/small",
                         "http://d.example/ Mites insects/small", "http://c.example/ Ants insects"}));
}

TEST(a_written_list, holds_no_characters_that_xml_forbids)
{
    const auto again = read_opml(write_opml({{"http://a.example/", "bell\x07", ""}}));
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].title, "bell");
}

} // namespace
} // namespace rssmania
