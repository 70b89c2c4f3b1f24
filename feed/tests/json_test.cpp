#include "helpers.hpp"

#include <gtest/gtest.h>

using namespace feed_test;

TEST(json, dates_are_nine_numbers_in_utc)
{
    const std::string json = feed::to_json(feed::parse(rss_item("<pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>")));
    EXPECT_NE(json.find("\"published_parsed\":[2004,1,1,19,48,21,3,1,0]"), std::string::npos) << json;
}

TEST(json, is_one_line_whatever_the_texts_hold)
{
    const std::string json = feed::to_json(feed::parse(rss_item("<title>a\n\"b\"\\</title>")));
    EXPECT_EQ(json.find('\n'), std::string::npos);
    EXPECT_NE(json.find("\"title\":\"a\\n\\\"b\\\"\\\\\""), std::string::npos) << json;
}

TEST(json, names_what_was_wrong)
{
    const std::string json = feed::to_json(feed::parse(rss_item("<title>a & b</title>")));
    EXPECT_NE(json.find("\"bozo\":true"), std::string::npos);
    EXPECT_NE(json.find("\"type\":\"SAXParseException\""), std::string::npos);
}

TEST(json, unknown_elements_stand_under_prefix_and_name)
{
    const std::string json = feed::to_json(feed::parse(
        rss_item("<prism:doi>10.1</prism:doi>", "xmlns:prism='http://prismstandard.org/namespaces/1.2/basic/'")));
    EXPECT_NE(json.find("\"prism_doi\":\"10.1\""), std::string::npos) << json;
}

TEST(json, the_answer_that_brought_it_is_told)
{
    feed::response about;
    about.url = "http://e.org/feed";
    about.headers = {{"etag", "\"x\""}};
    const std::string json = feed::to_json(feed::parse(rss("")), about);
    EXPECT_NE(json.find("\"href\":\"http://e.org/feed\",\"status\":200,\"etag\":\"\\\"x\\\"\""), std::string::npos)
        << json;
}
