#include "net/site.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

TEST(a_site, is_the_registered_domain)
{
    EXPECT_EQ(site_of("https://news.example.co.uk:8080/feed"), "example.co.uk");
    EXPECT_EQ(site_of("http://EXAMPLE.org"), "example.org");
    EXPECT_EQ(site_of("http://a.b.c.d.example.org./x"), "example.org");
}

TEST(a_site, is_a_whole_platform)
{
    EXPECT_EQ(site_of("https://bees.blogspot.com/feed"), "blogspot.com");
    EXPECT_EQ(site_of("https://wasps.blogspot.com/feed"), "blogspot.com");
    EXPECT_EQ(site_of("https://bees.github.io/feed"), "github.io");
}

TEST(a_site, is_an_address_with_its_port)
{
    EXPECT_EQ(site_of("http://127.0.0.1:8000/a"), "127.0.0.1:8000");
    EXPECT_EQ(site_of("http://192.0.2.7/a"), "192.0.2.7:80");
    EXPECT_EQ(site_of("http://[2001:db8::1]/a"), "[2001:db8::1]:80");
    EXPECT_EQ(site_of("http://localhost:8000/a"), "localhost:8000");
}

TEST(a_site, may_be_a_bare_name_or_nothing)
{
    EXPECT_EQ(site_of("http://router/feed"), "router");
    EXPECT_EQ(site_of("http://co.uk/feed"), "co.uk");
    EXPECT_EQ(site_of("no address"), "");
}

} // namespace
} // namespace rssmania
