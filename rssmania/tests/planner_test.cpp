#include "schedule/planner.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

// A planner whose clock is moved by hand, and that never jitters unless told to.
class plan : public testing::Test {
protected:
    planner& make(pace how = {})
    {
        how.jitter = jitter_;
        planner_.emplace(how, 1U);
        return *planner_;
    }
    [[nodiscard]] std::set<feed_id> take_all()
    {
        std::set<feed_id> taken;
        while (const auto feed = planner_->take(now_))
            taken.insert(*feed);
        return taken;
    }
    void advance(std::chrono::nanoseconds time) { now_ += time; }

    double jitter_ = 0;
    planner::time now_ = planner::time(1000h);
    std::optional<planner> planner_;
};

TEST_F(plan, gives_a_feed_when_it_is_due_and_not_before)
{
    make().add(1, "a:80", now_ + 10s);
    EXPECT_EQ(planner_->take(now_), std::nullopt);
    EXPECT_EQ(planner_->next_moment(), now_ + 10s);
    advance(10s);
    EXPECT_EQ(planner_->take(now_), 1);
    EXPECT_EQ(planner_->take(now_), std::nullopt);
}

TEST_F(plan, asks_again_after_the_interval)
{
    make({.every = 5min}).add(1, "a:80", now_);
    EXPECT_EQ(planner_->take(now_), 1);
    advance(10s);
    planner_->finished(1, false, now_);
    EXPECT_EQ(planner_->next_moment(), now_ - 10s + 5min); // counted from the question, not from the answer
    advance(5min);
    EXPECT_EQ(planner_->take(now_), 1);
}

TEST_F(plan, never_asks_a_feed_twice_at_once)
{
    make({.every = 1s}).add(1, "a:80", now_);
    EXPECT_EQ(planner_->take(now_), 1);
    advance(1min);
    EXPECT_EQ(planner_->take(now_), std::nullopt);
}

TEST_F(plan, asks_one_host_one_thing_at_a_time)
{
    make().add(1, "a:80", now_);
    planner_->add(2, "a:80", now_);
    planner_->add(3, "b:80", now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1, 3}));
    planner_->finished(1, false, now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{2}));
}

TEST_F(plan, lets_no_slow_feed_hold_up_its_neighbours)
{
    make({.per_host = 1, .per_host_most = 4, .slow_after = 1s}).add(1, "a:80", now_);
    planner_->add(2, "a:80", now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1}));
    EXPECT_EQ(planner_->next_moment(), now_ + 1s);
    advance(1s);
    EXPECT_EQ(take_all(), (std::set<feed_id>{2}));
}

TEST_F(plan, never_opens_more_than_a_few_connections_to_a_host)
{
    make({.per_host = 1, .per_host_most = 4, .slow_after = 1s});
    for (feed_id feed = 1; feed <= 10; ++feed)
        planner_->add(feed, "a:80", now_);
    std::size_t taken = 0;
    for (int second = 0; second < 60; ++second) {
        taken += take_all().size();
        advance(1s);
    }
    EXPECT_EQ(taken, 4U);
}

TEST_F(plan, asks_this_machine_more_at_once)
{
    make();
    for (feed_id feed = 1; feed <= 8; ++feed)
        planner_->add(feed, "127.0.0.1:8000", now_);
    EXPECT_EQ(take_all().size(), 8U);
}

TEST_F(plan, asks_a_failing_feed_less_and_less_often)
{
    make({.every = 5min, .longest_wait = 1h}).add(1, "a:80", now_);
    std::vector<std::chrono::nanoseconds> waits;
    for (int i = 0; i < 7; ++i) {
        ASSERT_EQ(planner_->take(now_), 1);
        planner_->finished(1, true, now_);
        waits.push_back(planner_->next_moment().value() - now_);
        advance(waits.back());
    }
    EXPECT_EQ(waits, (std::vector<std::chrono::nanoseconds>{5min, 10min, 20min, 40min, 1h, 1h, 1h}));
    ASSERT_EQ(planner_->take(now_), 1);
    planner_->finished(1, false, now_);
    EXPECT_EQ(planner_->next_moment(), now_ + 5min);
}

TEST_F(plan, gives_up_a_visit_that_never_ends)
{
    make({.every = 5min, .lost_after = 10min}).add(1, "a:80", now_);
    EXPECT_EQ(planner_->take(now_), 1);
    EXPECT_EQ(planner_->next_moment(), now_ + 10min);
    advance(10min);
    EXPECT_EQ(planner_->take(now_), 1);
    planner_->finished(1, false, now_);
    planner_->finished(1, false, now_); // the lost one turns up after all
    EXPECT_EQ(planner_->next_moment(), now_ + 5min);
}

TEST_F(plan, has_a_bounded_number_of_feeds_under_way)
{
    make({.most_under_way = 2, .lost_after = 10min});
    for (feed_id feed = 1; feed <= 3; ++feed)
        planner_->add(feed, std::to_string(feed), now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1, 2}));
    EXPECT_EQ(planner_->next_moment(), now_ + 10min);
    planner_->finished(1, false, now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{3}));
    advance(10min); // both are lost, which makes room again
    EXPECT_EQ(take_all().size(), 2U);
}

TEST_F(plan, ends_after_one_round_if_asked_to)
{
    make({.once = true}).add(1, "a:80", now_);
    planner_->add(2, "a:80", now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1}));
    planner_->finished(1, false, now_);
    EXPECT_FALSE(planner_->round_is_over());
    EXPECT_EQ(take_all(), (std::set<feed_id>{2}));
    planner_->finished(2, true, now_);
    EXPECT_TRUE(planner_->round_is_over());
    advance(24h);
    EXPECT_EQ(take_all(), (std::set<feed_id>{}));
}

TEST_F(plan, lets_feeds_drift_apart)
{
    jitter_ = 0.1;
    make({.every = 100s, .most_under_way = 1000});
    for (feed_id feed = 1; feed <= 1000; ++feed)
        planner_->add(feed, std::to_string(feed), now_);
    for (const feed_id feed : take_all())
        planner_->finished(feed, false, now_);
    advance(90s - 1ns);
    EXPECT_TRUE(take_all().empty());
    advance(10s);
    const std::size_t half = take_all().size();
    EXPECT_GT(half, 400U);
    EXPECT_LT(half, 600U);
    advance(10s + 1ns);
    EXPECT_EQ(take_all().size(), 1000U - half);
}

TEST_F(plan, asks_every_feed_about_as_often_as_wished_over_a_week)
{
    jitter_ = 0.1;
    make({.every = 5min});
    for (feed_id feed = 1; feed <= 100; ++feed)
        planner_->add(feed, "host" + std::to_string(feed % 10), now_);
    std::map<feed_id, int> asked;
    const planner::time end = now_ + 24h * 7;
    while (now_ < end) {
        for (const feed_id feed : take_all()) {
            ++asked[feed];
            planner_->finished(feed, false, now_ + 50ms);
        }
        now_ = std::max(now_ + 50ms, planner_->next_moment().value());
    }
    for (const auto& [feed, times] : asked)
        EXPECT_NEAR(times, 7 * 24 * 12, 40) << feed;
}

TEST(a_first_round, is_spread_over_a_few_seconds_at_most)
{
    const pace how{.every = 5min};
    EXPECT_EQ(first_round(1, how), std::vector<std::chrono::nanoseconds>{0ns});
    const auto many = first_round(10'000, how);
    EXPECT_EQ(many.front(), 0ns);
    EXPECT_GT(many.back(), 2s);
    EXPECT_LT(many.back(), 3s);
    EXPECT_EQ(first_round(100, {.once = true}).back(), 0ns);
}

} // namespace
} // namespace rssmania
