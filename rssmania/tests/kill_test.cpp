// The real program against a real server: how it ends, and how it survives.
#include "watching.hpp"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <random>

namespace rssmania::testing {
namespace {

using namespace std::chrono_literals;

struct request_to_end {
    int signal;
    bool to_all; ///< to every process of the group: a terminal does so on Ctrl+C, a service manager when it stops us
};

class an_end : public a_watcher, public ::testing::WithParamInterface<request_to_end> {};

TEST_P(an_end, comes_within_two_seconds_and_leaves_nobody)
{
    program watcher(words({"/hive.rss", "/faults/silent", "/faults/drip"}));
    ASSERT_TRUE(watcher.wait_for_out(article("hive", 1)));
    ASSERT_TRUE(site_.wait_for_requests("/faults/silent", 1, 20s));
    const auto asked = std::chrono::steady_clock::now();
    if (GetParam().to_all)
        watcher.signal_group(GetParam().signal);
    else
        watcher.signal(GetParam().signal);
    EXPECT_EQ(watcher.wait(), 0) << watcher.err();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 2s);
    EXPECT_TRUE(watcher.out().ends_with("\nThat was the last of the beans\n")) << watcher.out();
    EXPECT_EQ(watcher.err(), "");
    EXPECT_TRUE(watcher.wait_until_nobody_is_left(500ms));
}

INSTANTIATE_TEST_SUITE_P(by, an_end,
                         ::testing::Values(request_to_end{SIGINT, false}, request_to_end{SIGINT, true},
                                           request_to_end{SIGTERM, false}, request_to_end{SIGTERM, true}),
                         [](const auto& tested) {
                             return std::string(tested.param.signal == SIGINT ? "sigint" : "sigterm") +
                                    (tested.param.to_all ? "_to_all" : "");
                         });

TEST_F(a_watcher, that_is_killed_leaves_nobody)
{
    program watcher(words({"/hive.rss", "/faults/silent"}));
    ASSERT_TRUE(watcher.wait_for_out(article("hive", 1)));
    EXPECT_GE(watcher.others().size(), 5U);
    watcher.signal(SIGKILL);
    EXPECT_TRUE(watcher.wait_until_nobody_is_left(2s));
}

// Publishes and kills, and looks whether every article is told once.
class a_killed_stage : public a_watcher, public ::testing::WithParamInterface<const char*> {
protected:
    void publish(int& published)
    {
        for (const char* path : feeds_)
            site_.publish(path);
        ++published;
    }

    [[nodiscard]] bool all_told(const std::string& out, int published) const
    {
        for (const char* name : names_) {
            for (int number = 1; number <= published; ++number) {
                if (count(out, article(name, number)) == 0)
                    return false;
            }
        }
        return true;
    }

    const std::vector<const char*> feeds_{"/hive.rss", "/nectar.atom", "/waggle.json"};
    const std::vector<const char*> names_{"hive", "nectar", "waggle"};
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool workers_leave_at_once = true;
#else
constexpr bool workers_leave_at_once = false;
#endif

// A worker that was killed is replaced when there is work for it: there may be only the other one.
bool kill_one(const program& watcher, const std::string& name)
{
    if (name != "parse worker 0")
        return watcher.kill(name);
    return watcher.kill(name, 5s) || watcher.kill("parse worker 1", 5s);
}

TEST_P(a_killed_stage, comes_back_and_every_article_is_told_once)
{
    if (workers_leave_at_once && std::string(GetParam()).starts_with("parse worker"))
        GTEST_SKIP() << "a sanitizer's worker takes more memory than is worth keeping: it is gone after each task";
    program watcher(words({"/hive.rss", "/nectar.atom", "/waggle.json"}, {"--every", "100ms"}));
    int published = 3;
    ASSERT_TRUE(watcher.wait_for_out([&](const std::string& out) { return all_told(out, published); }));
    for (int round = 0; round < 6; ++round) {
        publish(published);
        ASSERT_TRUE(kill_one(watcher, GetParam())) << "no such process";
        publish(published);
        ASSERT_TRUE(watcher.wait_for_out([&](const std::string& out) { return all_told(out, published); }))
            << watcher.out() << watcher.err();
    }
    watcher.signal(SIGINT);
    EXPECT_EQ(watcher.wait(), 0);
    const std::string out = watcher.out();
    for (const char* name : names_) {
        for (int number = 1; number <= published; ++number)
            EXPECT_EQ(count(out, article(name, number)), 1U) << name << ' ' << number;
    }
    if (!std::string(GetParam()).starts_with("parse worker")) { // which its keeper replaces without a word
        EXPECT_GE(count(watcher.err(), "is started again"), 1U) << watcher.err();
    }
}

INSTANTIATE_TEST_SUITE_P(each, a_killed_stage,
                         ::testing::Values("schedule", "fetch", "parse", "parse worker 0", "store",
                                           "rssmania: fork server"),
                         [](const auto& tested) {
                             std::string name = tested.param;
                             std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                             return name;
                         });

TEST_F(a_killed_stage, may_be_any_at_any_moment)
{
    program watcher(words({"/hive.rss", "/nectar.atom", "/waggle.json"}, {"--every", "100ms"}));
    std::vector<const char*> stages{"schedule", "fetch", "parse", "store"};
    if (!workers_leave_at_once)
        stages.push_back("parse worker 0");
    std::minstd_rand random(1); // the same on every run; the moments differ anyway
    int published = 3;
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 4; ++i) { // fewer than a feed keeps
            publish(published);
            ASSERT_TRUE(kill_one(watcher, stages[random() % stages.size()]));
        }
        ASSERT_TRUE(watcher.wait_for_out([&](const std::string& out) { return all_told(out, published); }))
            << watcher.out() << watcher.err();
    }
    watcher.signal(SIGINT);
    EXPECT_EQ(watcher.wait(), 0);
    for (const char* name : names_) {
        for (int number = 1; number <= published; ++number)
            EXPECT_EQ(count(watcher.out(), article(name, number)), 1U) << name << ' ' << number;
    }
}

TEST_F(a_killed_stage, may_be_main_and_at_most_one_article_is_told_again)
{
    int published = 3;
    std::string out;
    std::size_t starts = 0;
    for (int round = 0; round < 7; ++round) { // a feed keeps ten articles
        program watcher(words({"/hive.rss", "/nectar.atom", "/waggle.json"}, {"--every", "100ms"}));
        ++starts;
        publish(published);
        ASSERT_TRUE(watcher.wait_for_out("- "));
        watcher.signal(SIGKILL); // perhaps while it prints
        ASSERT_TRUE(watcher.wait_until_nobody_is_left(2s));
        EXPECT_EQ(watcher.wait(), -SIGKILL);
        out += watcher.out();
        if (!out.ends_with('\n'))
            out += '\n';
    }
    program last(words({"/hive.rss", "/nectar.atom", "/waggle.json"}, {"--once"}));
    EXPECT_EQ(last.wait(), 0);
    out += last.out();
    std::size_t repeated = 0;
    for (const char* name : names_) {
        for (int number = 1; number <= published; ++number) {
            const std::size_t told = count(out, article(name, number));
            EXPECT_GE(told, 1U) << name << ' ' << number;
            repeated += told - std::min<std::size_t>(told, 1);
        }
    }
    EXPECT_LE(repeated, starts);
}

} // namespace
} // namespace rssmania::testing
