#include "net/url.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

TEST(an_address, without_scheme_gets_https)
{
    EXPECT_EQ(complete_address("xkcd.com/rss.xml"), "https://xkcd.com/rss.xml");
    EXPECT_EQ(complete_address("localhost:8080/feed"), "https://localhost:8080/feed");
    EXPECT_EQ(complete_address("example.org/?to=http://other.org/"), "https://example.org/?to=http://other.org/");
}

TEST(an_address, loses_the_feed_scheme)
{
    EXPECT_EQ(complete_address("feed://example.org/f"), "http://example.org/f");
    EXPECT_EQ(complete_address("feed:https://example.org/f"), "https://example.org/f");
}

TEST(an_address, is_otherwise_left_as_it_was_given)
{
    EXPECT_EQ(complete_address("HTTP://Example.ORG/a/../b?c=%7e#d"), "HTTP://Example.ORG/a/../b?c=%7e#d");
}

TEST(an_address, on_the_web_is_asked)
{
    for (const char* good : {"http://example.org/", "https://user:word@example.org:8443/f?x=y", "http://[::1]:8000/",
                             "http://localhost/feed"})
        EXPECT_FALSE(why_not_asked(good)) << good;
}

class an_address_to_refuse : public testing::TestWithParam<const char*> {};

TEST_P(an_address_to_refuse, is_not_asked) { EXPECT_EQ(why_not_asked(GetParam()).kind, problem_kind::bad_address); }

INSTANTIATE_TEST_SUITE_P(all, an_address_to_refuse,
                         testing::Values("", "http://", "file:///etc/passwd", "ftp://example.org/",
                                         "gopher://example.org/", "javascript:alert(1)", "data:text/xml,<rss/>",
                                         "exec:ls", "http://example.org:22/", "http://example.org:25/",
                                         "http://example.org:6379/", "http://example.org:0/",
                                         "http://example.org:99999/", "http://example.org/a b", "http://example.org/\n",
                                         "http://exa\tmple.org/"));

TEST(an_address, that_is_endless_is_not_asked)
{
    EXPECT_EQ(why_not_asked("http://example.org/" + std::string(9000, 'x')).kind, problem_kind::bad_address);
}

TEST(a_host, is_the_same_however_it_is_written)
{
    EXPECT_EQ(host_of("http://Example.ORG/a"), "example.org:80");
    EXPECT_EQ(host_of("https://example.org/b"), "example.org:443");
    EXPECT_EQ(host_of("https://example.org:444/b"), "example.org:444");
}

TEST(a_host, is_this_machine_by_its_spelling)
{
    for (const char* ours : {"localhost:80", "feeds.localhost:80", "127.0.0.1:80", "127.1.2.3:80", "[::1]:80"})
        EXPECT_TRUE(is_this_machine(ours)) << ours;
    for (const char* other : {"example.org:80", "128.0.0.1:80", "localhost.example.org:80"})
        EXPECT_FALSE(is_this_machine(other)) << other;
}

TEST(a_secret, is_not_shown)
{
    EXPECT_EQ(without_secrets("https://bob:hush@example.org/feed"), "https://example.org/feed");
    EXPECT_EQ(without_secrets("https://example.org/feed"), "https://example.org/feed");
}

TEST(a_redirect, is_resolved_against_where_it_came_from)
{
    EXPECT_EQ(resolve("http://example.org/a/b", "c"), "http://example.org/a/c");
    EXPECT_EQ(resolve("http://example.org/a/b", "/c?d"), "http://example.org/c?d");
    EXPECT_EQ(resolve("http://example.org/a/b", "//other.org/c"), "http://other.org/c");
    EXPECT_EQ(resolve("http://example.org/a/b", "https://other.org/"), "https://other.org/");
    EXPECT_EQ(resolve("http://example.org/", "/two words"), "http://example.org/two%20words");
}

} // namespace
} // namespace rssmania
