#include "guest/rhythm.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time now = std::chrono::sys_days(std::chrono::May / 20 / 2026) + 12h;

// The last `count` articles of a feed that publishes every `gap`, the newest one `ago`.
std::vector<unix_time> steady(int count, std::chrono::seconds gap, std::chrono::seconds ago)
{
    std::vector<unix_time> times;
    for (int i = 0; i < count; ++i)
        times.push_back(now - ago - i * gap);
    return times;
}

void expect_about(std::chrono::seconds found, std::chrono::seconds wanted)
{
    EXPECT_NEAR(static_cast<double>(found.count()), static_cast<double>(wanted.count()),
                static_cast<double>(wanted.count()) * 0.25);
}

TEST(a_rhythm, is_found_whatever_its_pace)
{
    for (const std::chrono::seconds gap : {std::chrono::seconds(10min), std::chrono::seconds(1h),
                                           std::chrono::seconds(24h), std::chrono::seconds(24h * 7)})
        expect_about(rhythm_of(steady(30, gap, gap / 2), now).gap, gap);
}

TEST(a_rhythm, is_unknown_from_less_than_two_moments)
{
    EXPECT_EQ(rhythm_of({}, now), rhythm());
    EXPECT_EQ(rhythm_of(steady(1, 1h, 1h), now), rhythm());
    EXPECT_EQ(rhythm_of(steady(30, 1s, 30s), now), rhythm()); // an import: all within one minute
    EXPECT_EQ(wait_by(rhythm(), now), std::nullopt);
}

TEST(a_rhythm, forgets_what_was_long_ago)
{
    auto times = steady(20, 1h, 1h); // lively today
    for (const unix_time old : steady(5, 24h * 30, 24h * 60))
        times.push_back(old);
    EXPECT_LT(rhythm_of(times, now).gap, 24h);
    EXPECT_GT(rhythm_of(steady(20, 1h, 24h * 60), now).gap, 24h * 3); // lively two months ago
}

TEST(a_rhythm, takes_what_is_dated_in_the_future_as_of_now)
{
    const std::vector<unix_time> times{now + 24h * 365, now - 24h};
    const rhythm found = rhythm_of(times, now);
    EXPECT_EQ(found.newest, now);
    EXPECT_LT(found.gap, 24h * 2);
}

TEST(a_wait, finds_something_new_every_other_time)
{
    const rhythm known{.gap = 4h, .newest = now - 1h};
    EXPECT_EQ(wait_by(known, now), 2h);
}

TEST(a_wait, grows_while_a_feed_is_silent)
{
    const rhythm known{.gap = 1h, .newest = now - 24h * 40};
    EXPECT_EQ(wait_by(known, now), 24h * 10);
}

TEST(a_wait, is_shorter_when_a_feed_is_busy_and_longer_at_night)
{
    rhythm known{.gap = 4h, .newest = now};
    for (std::size_t hour = 8; hour < 18; ++hour)
        known.by_hour.at(hour) = 255;
    EXPECT_EQ(wait_by(known, now), 1h);                   // noon
    EXPECT_EQ(wait_by(known, now + 10h), 3 * (5h / 2.0)); // 22 o'clock, silent for ten hours
}

} // namespace
} // namespace rssmania
