// What a configuration says, and how it says what is wrong with it.
#include "config/configuration.hpp"

#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

configuration read(const std::string& text) { return read_configuration(text, "config.toml"); }

std::string complaint(const std::string& text)
{
    try {
        (void)read(text);
    } catch (const configuration_error& error) {
        return error.what();
    }
    return "none";
}

TEST(a_configuration, that_is_empty_leaves_everything_as_it_is)
{
    const configuration set = read("");
    EXPECT_EQ(set.first_visit, 10);
    EXPECT_FALSE(set.every);
    EXPECT_TRUE(set.feeds.empty());
    EXPECT_FALSE(set.fold);
}

TEST(a_configuration, says_how_all_feeds_are_asked_told_and_kept)
{
    const configuration set = read(R"(
store = "/var/lib/feeds"
every = "1h30m"
allow_local = ["nas.local:8080"]
metrics = "localhost:9464"
log = "json"
[news]
first_visit = -1
fold = true
updates = true
notify = true
format = "{title}"
exec = ["program", "--an", "argument"]
exec_time = "3s"
[keep]
for = "30d"
articles = 100
size = "2GB"
)");
    EXPECT_EQ(set.store, "/var/lib/feeds");
    EXPECT_EQ(set.every, 90min);
    EXPECT_EQ(set.allow_local, std::vector<std::string>{"nas.local:8080"});
    EXPECT_EQ(set.metrics, "localhost:9464");
    EXPECT_TRUE(set.log_as_json && set.fold && set.updates && set.notify);
    EXPECT_EQ(set.first_visit, -1);
    EXPECT_EQ(set.format, "{title}");
    EXPECT_EQ(set.exec, (std::vector<std::string>{"program", "--an", "argument"}));
    EXPECT_EQ(set.exec_time, 3s);
    EXPECT_EQ(set.keep, (retention{.time = 720h, .articles = 100}));
    EXPECT_EQ(set.size, 2'000'000'000U);
}

TEST(a_configuration, says_how_one_feed_is_asked)
{
    const configuration set = read(R"(
[[feed]]
url = "example.org/feed"
title = "Mine"
folder = "a/b"
every = "10m"
user = "me"
password_file = "/etc/secret"
proxy = "http://localhost:3128"
allow_local = ["nas.local", "nas.local:81"]
first_visit = 3
keep = { for = "7d", articles = 5 }
[[feed]]
url = "https://other.example/"
user = "you"
password_env = "OTHER"
)");
    ASSERT_EQ(set.feeds.size(), 2U);
    const configured_feed& mine = set.feeds[0];
    EXPECT_EQ(mine.url, "https://example.org/feed");
    EXPECT_EQ(mine.title, "Mine");
    EXPECT_EQ(mine.folder, "a/b");
    EXPECT_EQ(mine.wanted.every, 10min);
    EXPECT_EQ(mine.wanted.password_from, "file:/etc/secret");
    EXPECT_EQ(mine.wanted.proxy, "http://localhost:3128");
    EXPECT_EQ(mine.wanted.hosts_allowed, "nas.local nas.local:81");
    EXPECT_EQ(mine.first_visit, 3);
    EXPECT_EQ(mine.keep, (retention{.time = 168h, .articles = 5}));
    EXPECT_EQ(set.feeds[1].wanted.password_from, "env:OTHER");
}

TEST(a_configuration, has_rules)
{
    const configuration set = read("[[rule]]\nmatch = 'title ~ bees'\nstar = true\ntag = \"insects\"\n"
                                   "run = [\"program\", \"argument\"]\n");
    ASSERT_EQ(set.rules.size(), 1U);
    EXPECT_EQ(set.rules[0].tags, std::vector<std::string>{"insects"});
    EXPECT_EQ(set.rules[0].run, (std::vector<std::string>{"program", "argument"}));
}

TEST(a_configuration, with_a_slip_says_where_it_is_and_what_would_be_right)
{
    EXPECT_EQ(complaint("\nevry = \"1h\"\n").substr(0, 40), "config.toml:2:1: evry is not known here;");
    EXPECT_EQ(complaint("every = \"soon\""), "config.toml:1:9: soon is no span of time: write it as 90s, 5m or 1h30m");
    EXPECT_EQ(complaint("every = 5"), "config.toml:1:9: every wants text between quotes");
    EXPECT_EQ(complaint("[news]\nfold = \"yes\""), "config.toml:2:8: fold wants true or false");
    EXPECT_EQ(complaint("[news]\nfirst_visit = -2"), "config.toml:2:15: first_visit wants a whole number, -1 or more");
    EXPECT_EQ(complaint("[keep]\nsize = \"big\""), "config.toml:2:8: big is no size: write it as 500MB or 2GB");
    EXPECT_EQ(complaint("news = 1"), "config.toml:1:8: news is a table: write [news] above its values");
    EXPECT_EQ(complaint("[feed]\nurl = \"x\""),
              "config.toml:1:1: there can be several of feed: write [[feed]] above each");
    EXPECT_TRUE(complaint("every = ").starts_with("config.toml:1:"));
}

TEST(a_configuration, tells_all_that_is_wrong_at_once)
{
    const std::string all = complaint("evry = 1\nlog = \"xml\"\n[news]\nfold = 1\n");
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2) << all;
}

TEST(a_configuration, refuses_conditions_and_templates_that_make_no_sense)
{
    EXPECT_EQ(complaint("[[rule]]\nmatch = 'colour = red'\ndrop = true").substr(0, 65),
              "config.toml:2:9: column 1 of the condition: there is no field col");
    EXPECT_NE(complaint("[news]\nformat = \"{colour}\"").find("there is no field colour"), std::string::npos);
    EXPECT_NE(complaint("[[rule]]\nmatch = 'a'").find("this rule does nothing"), std::string::npos);
}

TEST(a_configuration, holds_no_password)
{
    const std::string told = complaint("[[feed]]\nurl = \"https://a.example/\"\nuser = \"me\"\npassword = \"hush\"");
    EXPECT_NE(told.find("password_file"), std::string::npos);
    EXPECT_EQ(told.find("hush"), std::string::npos);
}

TEST(a_configuration, refuses_addresses_that_are_never_asked)
{
    EXPECT_NE(complaint("[[feed]]\nurl = \"file:///etc/passwd\"").find("config.toml:2:7: not an address we ask"),
              std::string::npos);
    EXPECT_NE(complaint("[[feed]]\ntitle = \"x\"").find("a feed needs its address"), std::string::npos);
}

TEST(a_configuration, names_local_hosts_with_or_without_a_port)
{
    EXPECT_TRUE(is_allowed_local("nas.local", "http://NAS.local:8080/feed"));
    EXPECT_TRUE(is_allowed_local("nas.local:8080", "http://nas.local:8080/feed"));
    EXPECT_FALSE(is_allowed_local("nas.local:8081", "http://nas.local:8080/feed"));
    EXPECT_FALSE(is_allowed_local("local", "http://nas.local:8080/feed"));
}

TEST(a_configuration, that_was_named_must_be_there)
{
    const testing::temporary_directory directory;
    EXPECT_THROW((void)load_configuration(directory.path() / "none.toml"), configuration_error);
    std::ofstream(directory.path() / "some.toml") << "[news]\nfold = true\n";
    EXPECT_TRUE(load_configuration(directory.path() / "some.toml").fold);
}

} // namespace
} // namespace rssmania
