// The real program against a real server: what it prints, and what it costs servers.
#include "watching.hpp"

#include <nlohmann/json.hpp>

#include <cctype>
#include <csignal>
#include <fstream>
#include <sstream>

namespace rssmania::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(a_watcher, prints_all_articles_of_a_feed_at_the_first_visit)
{
    program once(words({"/hive.rss"}, {"--once"}));
    EXPECT_EQ(out_of(once),
              "Latest articles of The Hive Gazette:\n" + article("hive", 3) + article("hive", 2) + article("hive", 1));
    EXPECT_EQ(once.err(), "");
}

TEST_F(a_watcher, prints_what_is_new_and_only_that)
{
    program watcher(words({"/nectar.atom"}, {"--every", "200ms"}));
    ASSERT_TRUE(watcher.wait_for_out(article("nectar", 1)));
    site_.publish("/nectar.atom");
    ASSERT_TRUE(watcher.wait_for_out("Latest articles of Nectar Weekly:\n" + article("nectar", 4)));
    EXPECT_EQ(count(watcher.out(), article("nectar", 3)), 1U);
}

TEST_F(a_watcher, reads_every_kind_of_feed)
{
    program once(words({"/hive.rss", "/nectar.atom", "/waggle.json", "/comb.rss", "/honey.rss"}, {"--once"}));
    const std::string out = out_of(once);
    for (const char* feed : {"hive", "nectar", "waggle", "comb", "honey"}) {
        for (int number = 1; number <= 3; ++number)
            EXPECT_EQ(count(out, article(feed, number)), 1U) << feed << number;
    }
    EXPECT_EQ(count(once.err(), "\n"), 1U) << once.err();
    EXPECT_NE(once.err().find("/comb.rss: malformed"), std::string::npos) << once.err();
}

TEST_F(a_watcher, remembers_what_it_printed)
{
    program first(words({"/hive.rss"}, {"--once"}));
    EXPECT_EQ(count(out_of(first), "\n- "), 3U);
    program second(words({"/hive.rss"}, {"--once"}));
    EXPECT_EQ(out_of(second), "");
    site_.publish("/hive.rss");
    program third(words({"/hive.rss"}, {"--once"}));
    EXPECT_EQ(out_of(third), "Latest articles of The Hive Gazette:\n" + article("hive", 4));
}

TEST_F(a_watcher, without_addresses_goes_on_with_those_it_knows)
{
    program first(words({"/hive.rss"}, {"--once"}));
    EXPECT_EQ(first.wait(), 0);
    site_.publish("/hive.rss");
    program second(words({}, {"--once"}));
    EXPECT_EQ(count(out_of(second), article("hive", 4)), 1U);
}

TEST_F(a_watcher, asks_conditionally_also_after_a_restart)
{
    for (int i = 0; i < 2; ++i) {
        program once(words({"/hive.rss"}, {"--once"}));
        EXPECT_EQ(once.wait(), 0);
    }
    const auto seen = site_.requests_for("/hive.rss");
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].header("if-none-match"), "");
    EXPECT_EQ(seen[1].header("if-none-match"), "W/\"hive.rss-3\"");
}

TEST_F(a_watcher, prints_json_if_asked_to)
{
    program once(words({"/waggle.json"}, {"--once", "--json"}));
    std::istringstream lines(out_of(once));
    std::vector<nlohmann::json> articles;
    for (std::string line; std::getline(lines, line);)
        articles.push_back(nlohmann::json::parse(line));
    ASSERT_EQ(articles.size(), 3U);
    EXPECT_EQ(articles[0]["feed"]["title"], "Waggle Dance Today");
    EXPECT_EQ(articles[0]["link"], site_.address("/articles/waggle/3"));
    EXPECT_EQ(articles[2]["id"], "1");
}

TEST_F(a_watcher, speaks_french_to_the_french)
{
    program watcher(words({"/hive.rss", "/faults/status/404"}), {{"LC_ALL", "fr_FR.UTF-8"}});
    EXPECT_TRUE(watcher.wait_for_out("Voici les derniers articles de The Hive Gazette :\n" + article("hive", 3)));
    EXPECT_TRUE(watcher.wait_for_err("/faults/status/404: introuvable (404)\n"));
    watcher.signal(SIGINT);
    EXPECT_TRUE(out_of(watcher).ends_with("\nFin des haricots\n"));
}

TEST_F(a_watcher, reads_subscription_lists)
{
    const auto list = directory_.path() / "list.opml";
    std::ofstream(list) << "<opml><body><outline text='Bees'><outline xmlUrl='" << site_.address("/hive.rss")
                        << "'/></outline><outline xmlUrl='" << site_.address("/waggle.json")
                        << "'/><outline xmlUrl='file:///etc/passwd'/></body></opml>";
    auto all = words({}, {"--once"});
    all.push_back(list.string());
    program once(all);
    const std::string out = out_of(once);
    EXPECT_EQ(count(out, article("hive", 1)), 1U);
    EXPECT_EQ(count(out, article("waggle", 1)), 1U);
    EXPECT_NE(once.err().find("file:///etc/passwd: not an address we ask"), std::string::npos) << once.err();
}

TEST_F(a_watcher, asks_no_local_address_unless_allowed)
{
    auto all = words({"/hive.rss"}, {"--once"});
    std::erase(all, "--allow-local");
    program once(all);
    EXPECT_EQ(out_of(once), "");
    EXPECT_NE(once.err().find("127.0.0.1 is not a public address"), std::string::npos) << once.err();
    EXPECT_TRUE(site_.requests_for("/hive.rss").empty());
}

struct costly {
    const char* path;
    const char* words;

    friend void PrintTo(const costly& self, std::ostream* out) { *out << self.path; } // for GoogleTest's messages
};
class a_bad_feed : public a_watcher, public ::testing::WithParamInterface<costly> {};

TEST_P(a_bad_feed, costs_one_line_and_nothing_else)
{
    program watcher(words({GetParam().path, "/hive.rss"}, {"--every", "100ms"}));
    ASSERT_TRUE(watcher.wait_for_err("\n"));
    ASSERT_TRUE(site_.wait_for_requests(GetParam().path, 3, 20s)); // it is asked again, and not complained of again
    EXPECT_TRUE(watcher.wait_for_out(article("hive", 1)));
    watcher.signal(SIGINT);
    EXPECT_EQ(watcher.wait(), 0);
    EXPECT_EQ(count(watcher.err(), "\n"), 1U) << watcher.err();
    EXPECT_TRUE(watcher.err().starts_with("rssmania: " + site_.address(GetParam().path) + ": " + GetParam().words))
        << watcher.err();
}

INSTANTIATE_TEST_SUITE_P(
    each, a_bad_feed,
    ::testing::Values(costly{"/faults/status/404", "not found (404)\n"},
                      costly{"/faults/status/500", "the server is in trouble (500)\n"},
                      costly{"/faults/page", "no feed there: "}, costly{"/faults/empty", "no feed there: "},
                      costly{"/faults/bomb", "too large: it decompresses"},
                      costly{"/faults/circle", "redirects in a circle"},
                      costly{"/faults/to-file", "redirects to where we don't go: file:///etc/passwd"},
                      costly{"/faults/truncated", "the connection ended before"},
                      costly{"/faults/headers", "too many headers"}),
    [](const auto& tested) {
        std::string name = tested.param.path;
        std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
        return name;
    });

TEST_F(a_watcher, gives_up_an_enormous_feed_while_others_go_on)
{
    program once(words({"/faults/huge", "/hive.rss"}, {"--once"}));
    EXPECT_EQ(count(out_of(once), article("hive", 1)), 1U);
    EXPECT_NE(once.err().find("/faults/huge: too large: more than 16 MB\n"), std::string::npos) << once.err();
}

TEST_F(a_watcher, lets_nobody_wait_for_a_slow_feed)
{
    std::vector<std::string> paths(10, "/faults/silent");
    for (std::size_t i = 0; i < paths.size(); ++i)
        paths[i] += "?" + std::to_string(i);
    paths.emplace_back("/hive.rss");
    program watcher(words(paths));
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(watcher.wait_for_out(article("hive", 1)));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST_F(a_watcher, tells_when_a_feed_works_again)
{
    std::uint16_t port = 0;
    std::string address;
    {
        const sample_site gone{{}};
        port = gone.port();
        address = gone.address("/hive.rss");
    }
    auto all = words({}, {"--every", "200ms"});
    all.push_back(address);
    program watcher(all);
    ASSERT_TRUE(watcher.wait_for_err(address + ": no answer: "));
    const sample_site back({.port = port});
    EXPECT_TRUE(watcher.wait_for_err(address + ": works again\n"));
}

TEST_F(a_watcher, lets_no_escape_sequence_through)
{
    for (const char* format : {"--once", "--json"}) {
        program once(words({"/faults/escape"}, {"--once", format}));
        const std::string out = out_of(once);
        EXPECT_EQ(out.find_first_of("\x1b\x07"), std::string::npos) << out;
    }
}

TEST_F(a_watcher, shares_its_store_with_no_other)
{
    program first(words({"/hive.rss"}));
    ASSERT_TRUE(first.wait_for_out(article("hive", 1)));
    program second(words({"/hive.rss"}));
    EXPECT_EQ(second.wait(), 1);
    EXPECT_NE(second.err().find("another rssmania works on the store"), std::string::npos) << second.err();
}

TEST_F(a_watcher, takes_in_what_is_added_while_it_watches)
{
    program first(words({"/hive.rss"}, {"--once"}));
    ASSERT_EQ(first.wait(), 0);
    program watching(words({}, {"--every", "200ms"}));
    ASSERT_TRUE(site_.wait_for_requests("/hive.rss", 3, std::chrono::seconds(20))); // it is up
    program add({"add", "--store", (directory_.path() / "store").string(), site_.address("/waggle.json")});
    ASSERT_EQ(add.wait(), 0);
    EXPECT_TRUE(watching.wait_for_out(article("waggle", 3)));
}

} // namespace
} // namespace rssmania::testing
