#include "guest/next_visit.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rssmania {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const unix_time now = std::chrono::sys_days(std::chrono::May / 20 / 2026) + 12h + 17s; // a Wednesday

class a_next_visit : public ::testing::Test {
protected:
    [[nodiscard]] planned_visit plan() { return next_visit(memory_, visit_, how_, now, chance_); }
    [[nodiscard]] milliseconds waits() { return plan().when.value() - now; }

    void answers(int status, visit_result result = visit_result::failed)
    {
        visit_.facts.status = status;
        visit_.result = result;
        if (result == visit_result::failed)
            visit_.wrong = {problem_kind::http_status, std::to_string(status)};
    }
    // The feed publishes as often as `gap` says, and has just done so.
    void publishes_every(std::chrono::seconds gap) { memory_.published = {.gap = gap, .newest = now}; }

    visit_memory memory_;
    visited visit_{.result = visit_result::unchanged, .facts = {.status = 304}};
    manners how_{.jitter = 0};
    std::minstd_rand chance_{1};
};

TEST_F(a_next_visit, follows_the_rhythm_between_floor_and_cap)
{
    publishes_every(6h);
    EXPECT_EQ(plan(), (planned_visit{now + 3h, due_reason::rhythm, std::nullopt}));
    publishes_every(10min);
    EXPECT_EQ(plan(), (planned_visit{now + 15min, due_reason::floor, std::nullopt}));
    publishes_every(24h * 30);
    EXPECT_EQ(plan(), (planned_visit{now + 24h, due_reason::cap, std::nullopt}));
}

TEST_F(a_next_visit, is_an_hour_later_where_nothing_faster_is_known)
{
    EXPECT_EQ(plan(), (planned_visit{now + 1h, due_reason::floor, std::nullopt}));
    publishes_every(90min);
    EXPECT_EQ(plan(), (planned_visit{now + 1h, due_reason::floor, std::nullopt}));
}

TEST_F(a_next_visit, keeps_an_interval_that_a_user_has_set_whatever_the_floor)
{
    how_.every = 300ms;
    publishes_every(24h);
    EXPECT_EQ(plan(), (planned_visit{now + 300ms, due_reason::set_interval, std::nullopt}));
}

TEST_F(a_next_visit, waits_as_long_as_an_answer_is_fresh)
{
    visit_.facts.wishes.fresh_for = 2h;
    EXPECT_EQ(plan(), (planned_visit{now + 2h, due_reason::fresh, std::nullopt}));
    visit_.facts.wishes.fresh_for = 24h * 365; // a mistake
    EXPECT_EQ(waits(), 24h);
    how_.every = 5min; // is no reason to ask before
    EXPECT_EQ(waits(), 24h);
    visit_.facts.wishes.fresh_for = 60s; // nor a short one to ask faster
    EXPECT_EQ(waits(), 5min);
}

TEST_F(a_next_visit, waits_as_long_as_the_publisher_wishes)
{
    memory_.wishes.period = 3h;
    EXPECT_EQ(plan(), (planned_visit{now + 3h, due_reason::publisher, std::nullopt}));
    memory_.wishes.period = 24h * 365;
    EXPECT_EQ(waits(), 24h);
}

TEST_F(a_next_visit, leaves_out_hours_and_days_to_be_skipped)
{
    memory_.wishes.skip_hours = 1U << 13U | 1U << 14U; // it would be due at 13:00:17
    const planned_visit later = plan();
    EXPECT_EQ(later.why, due_reason::skipped_hours);
    EXPECT_GE(*later.when, std::chrono::floor<std::chrono::days>(now) + 15h);
    EXPECT_LT(*later.when, std::chrono::floor<std::chrono::days>(now) + 15h + 21min);

    memory_.wishes = {.skip_days = 1U << 3U | 1U << 4U}; // Wednesday, Thursday
    EXPECT_EQ(std::chrono::floor<std::chrono::days>(*plan().when), std::chrono::sys_days(std::chrono::May / 22 / 2026));
}

TEST_F(a_next_visit, is_not_impossible_where_all_is_to_be_skipped)
{
    memory_.wishes.skip_hours = 0xff'ffff;
    EXPECT_EQ(plan(), (planned_visit{now + 1h, due_reason::floor, std::nullopt}));
}

TEST_F(a_next_visit, backs_off_from_errors_between_an_hour_and_three_days)
{
    answers(500);
    memory_.failing_since = now;
    std::vector<milliseconds> waited;
    for (memory_.failures = 1; memory_.failures <= 9; ++memory_.failures)
        waited.push_back(waits());
    EXPECT_EQ(waited, (std::vector<milliseconds>{1h, 2h, 4h, 8h, 16h, 32h, 64h, 72h, 72h}));
    EXPECT_EQ(plan().why, due_reason::failing);
    EXPECT_EQ(plan().site_free_at, std::nullopt);
}

TEST_F(a_next_visit, asks_what_has_failed_for_a_month_once_a_week)
{
    answers(404);
    memory_.failures = 30;
    memory_.failing_since = now - 24h * 30;
    EXPECT_EQ(plan(), (planned_visit{now + 24h * 7, due_reason::dead, std::nullopt}));
}

TEST_F(a_next_visit, backs_off_from_a_short_interval_that_was_set)
{
    answers(500);
    how_.every = 5min;
    memory_.failures = 1;
    EXPECT_EQ(waits(), 5min);
    memory_.failures = 3;
    EXPECT_EQ(waits(), 20min);
}

TEST_F(a_next_visit, leaves_a_host_alone_that_asks_for_it)
{
    for (const int status : {429, 503}) {
        answers(status);
        visit_.facts.wishes.retry_after = 2h;
        EXPECT_EQ(plan(), (planned_visit{now + 2h, due_reason::busy, now + 2h}));
        visit_.facts.wishes.retry_after = 24h * 30;
        EXPECT_EQ(waits(), 24h);
        visit_.facts.wishes.retry_after = 0s;
        EXPECT_EQ(waits(), 1min);
    }
}

TEST_F(a_next_visit, backs_off_from_a_busy_host_that_does_not_say_how_long)
{
    answers(429);
    std::vector<milliseconds> waited;
    for (memory_.busy_answers = 1; memory_.busy_answers <= 8; ++memory_.busy_answers)
        waited.push_back(waits());
    EXPECT_EQ(waited, (std::vector<milliseconds>{15min, 30min, 1h, 2h, 4h, 8h, 16h, 24h}));
}

TEST_F(a_next_visit, is_a_look_a_month_later_where_a_feed_is_gone)
{
    answers(410);
    memory_.failures = 1;
    EXPECT_EQ(plan(), (planned_visit{now + 24h * 30, due_reason::gone, std::nullopt}));
}

TEST_F(a_next_visit, is_never_where_credentials_are_wanted)
{
    answers(401);
    EXPECT_EQ(plan(), (planned_visit{std::nullopt, due_reason::locked, std::nullopt}));
}

TEST_F(a_next_visit, differs_by_chance_to_both_sides_of_our_own_interval)
{
    how_ = {.every = 100s, .jitter = 0.1};
    milliseconds least = 1h;
    milliseconds most = 0s;
    for (int i = 0; i < 1000; ++i) {
        least = std::min(least, waits());
        most = std::max(most, waits());
    }
    EXPECT_GE(least, 90s);
    EXPECT_LT(least, 92s);
    EXPECT_GT(most, 108s);
}

TEST_F(a_next_visit, is_never_before_the_time_that_others_have_set)
{
    how_.jitter = 0.1;
    visit_.facts.wishes.fresh_for = 2h;
    for (int i = 0; i < 1000; ++i)
        ASSERT_GE(waits(), 2h);
    answers(429);
    visit_.facts.wishes.retry_after = 2h;
    for (int i = 0; i < 1000; ++i)
        ASSERT_GE(waits(), 2h);
}

TEST_F(a_next_visit, is_never_on_the_full_minute)
{
    how_.every = 5min - 17s;
    for (int i = 0; i < 100; ++i)
        EXPECT_GE(plan().when.value().time_since_epoch() % 1min, 1s);
}

} // namespace
} // namespace rssmania
