#include <feed/feed.hpp>

#include <gtest/gtest.h>

TEST(parse, an_rss_feed_gives_its_title_and_entries)
{
    const feed::document document =
        feed::parse("<rss version='2.0'><channel><title>News</title><item><title>One</title>"
                    "<link>http://e.org/1</link></item></channel></rss>");
    EXPECT_EQ(document.format, feed::format::rss20);
    EXPECT_EQ(document.title.value, "News");
    ASSERT_EQ(document.entries.size(), 1U);
    EXPECT_EQ(document.entries[0].link, "http://e.org/1");
    EXPECT_FALSE(document.bozo);
}
