#include "schedule/planner.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

// A planner whose clock is moved by hand, and that leaves no gaps unless told to.
class plan : public ::testing::Test {
protected:
    planner& make(pace how = {})
    {
        if (!gaps_) {
            how.site_gap = 0s;
            how.spread_gap = 0s;
        }
        planner_.emplace(how);
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

    bool gaps_ = false;
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

TEST_F(plan, asks_again_when_it_is_told_to)
{
    make().add(1, "a", now_);
    EXPECT_EQ(planner_->take(now_), 1);
    planner_->finished(1, now_ + 5min, now_);
    EXPECT_EQ(planner_->next_moment(), now_ + 5min);
    advance(5min);
    EXPECT_EQ(planner_->take(now_), 1);
    planner_->finished(1, std::nullopt, now_);
    EXPECT_EQ(planner_->next_moment(), std::nullopt);
}

TEST_F(plan, never_asks_a_feed_twice_at_once)
{
    make().add(1, "a", now_);
    planner_->add(1, "a", now_);
    EXPECT_EQ(planner_->take(now_), 1);
    advance(1min);
    EXPECT_EQ(planner_->take(now_), std::nullopt);
}

TEST_F(plan, asks_one_site_one_thing_at_a_time)
{
    make().add(1, "a", now_);
    planner_->add(2, "a", now_);
    planner_->add(3, "b", now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1, 3}));
    planner_->finished(1, std::nullopt, now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{2}));
}

TEST_F(plan, leaves_a_gap_between_two_questions_to_a_site)
{
    gaps_ = true;
    make({.site_gap = 2s, .spread_gap = 0s}).add(1, "a", now_);
    planner_->add(2, "a", now_);
    planner_->add(3, "a", now_);
    for (feed_id feed = 1; feed <= 3; ++feed) {
        EXPECT_EQ(planner_->take(now_), feed);
        EXPECT_EQ(planner_->take(now_), std::nullopt);
        planner_->finished(feed, std::nullopt, now_);
        EXPECT_EQ(planner_->take(now_), std::nullopt);
        if (feed < 3) {
            EXPECT_EQ(planner_->next_moment(), now_ + 2s);
        }
        advance(2s);
    }
}

TEST_F(plan, lets_no_slow_feed_hold_up_its_neighbours)
{
    make({.per_site = 1, .per_site_most = 4, .slow_after = 1s}).add(1, "a", now_);
    planner_->add(2, "a", now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1}));
    EXPECT_EQ(planner_->next_moment(), now_ + 1s);
    advance(1s);
    EXPECT_EQ(take_all(), (std::set<feed_id>{2}));
}

TEST_F(plan, never_opens_more_than_a_few_connections_to_a_site)
{
    make({.per_site = 1, .per_site_most = 4, .slow_after = 1s});
    for (feed_id feed = 1; feed <= 10; ++feed)
        planner_->add(feed, "a", now_);
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

TEST_F(plan, begins_nothing_of_a_site_that_wants_to_be_left_alone)
{
    make().add(1, "a", now_);
    planner_->add(2, "a", now_);
    planner_->add(3, "b", now_);
    planner_->hold_site_of(1, now_ + 1h);
    EXPECT_EQ(take_all(), (std::set<feed_id>{3}));
    EXPECT_EQ(planner_->next_moment(), now_ + pace().lost_after); // of the one under way
    planner_->finished(3, std::nullopt, now_);
    EXPECT_EQ(planner_->next_moment(), now_ + 1h);
    advance(1h);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1}));
}

TEST_F(plan, gives_up_a_visit_that_never_ends)
{
    make({.lost_after = 10min}).add(1, "a", now_);
    EXPECT_EQ(planner_->take(now_), 1);
    EXPECT_EQ(planner_->next_moment(), now_ + 10min);
    advance(10min);
    EXPECT_EQ(planner_->take(now_), 1);
    planner_->finished(1, now_ + 5min, now_);
    planner_->finished(1, now_ + 1min, now_); // the lost one turns up after all
    EXPECT_EQ(planner_->next_moment(), now_ + 5min);
}

TEST_F(plan, has_a_bounded_number_of_feeds_under_way)
{
    make({.most_under_way = 2, .lost_after = 10min});
    for (feed_id feed = 1; feed <= 3; ++feed)
        planner_->add(feed, std::to_string(feed), now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1, 2}));
    EXPECT_EQ(planner_->next_moment(), now_ + 10min);
    planner_->finished(1, std::nullopt, now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{3}));
    advance(10min); // both are lost, which makes room again
    EXPECT_EQ(take_all().size(), 2U);
}

TEST_F(plan, ends_after_one_round_if_asked_to)
{
    make({.once = true}).add(1, "a", now_);
    planner_->add(2, "a", now_);
    EXPECT_EQ(take_all(), (std::set<feed_id>{1}));
    planner_->finished(1, now_, now_);
    EXPECT_FALSE(planner_->round_is_over());
    EXPECT_EQ(take_all(), (std::set<feed_id>{2}));
    planner_->finished(2, now_, now_);
    EXPECT_TRUE(planner_->round_is_over());
    advance(24h);
    EXPECT_EQ(take_all(), (std::set<feed_id>{}));
}

// How long it takes to begin `count` feeds that are all due.
class a_spread : public plan {
protected:
    std::chrono::nanoseconds time_for(feed_id count)
    {
        gaps_ = true;
        make({.most_under_way = 1'000'000});
        for (feed_id feed = 1; feed <= count; ++feed)
            planner_->add(feed, std::to_string(feed), now_);
        const planner::time begin = now_;
        for (feed_id taken = 0; taken < count;) {
            if (planner_->take(now_)) {
                ++taken;
                continue;
            }
            now_ = *planner_->next_moment();
        }
        return now_ - begin;
    }
};

TEST_F(a_spread, keeps_feeds_that_are_due_together_apart)
{
    EXPECT_EQ(time_for(1), 0s);
    EXPECT_EQ(time_for(201), 1s);
}

TEST_F(a_spread, of_very_many_feeds_takes_no_longer_than_a_minute) { EXPECT_LE(time_for(50'000), 1min); }

} // namespace
} // namespace rssmania
