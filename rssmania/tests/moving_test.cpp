#include "guest/moving.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time start = unix_time(1'700'000'000s);

TEST(a_move, is_believed_when_seen_often_enough_over_long_enough)
{
    move_sightings known;
    EXPECT_FALSE(note_move(known, "https://b.example/", start));
    EXPECT_FALSE(note_move(known, "https://b.example/", start + 24h));
    EXPECT_TRUE(note_move(known, "https://b.example/", start + 48h));
}

TEST(a_move, needs_both_times_and_time)
{
    move_sightings often;
    for (int i = 0; i < 100; ++i)
        EXPECT_FALSE(note_move(often, "https://b.example/", start + i * 1min));
    move_sightings rarely;
    EXPECT_FALSE(note_move(rarely, "https://b.example/", start));
    EXPECT_FALSE(note_move(rarely, "https://b.example/", start + 24h * 30));
}

TEST(a_move, begins_anew_when_the_target_changes_or_the_feed_is_back)
{
    move_sightings known;
    (void)note_move(known, "https://b.example/", start);
    (void)note_move(known, "https://b.example/", start + 24h);
    EXPECT_FALSE(note_move(known, "https://c.example/", start + 48h));
    EXPECT_EQ(known, (move_sightings{"https://c.example/", 1, start + 48h}));
    EXPECT_FALSE(note_move(known, "", start + 72h));
    EXPECT_EQ(known, move_sightings());
}

} // namespace
} // namespace rssmania
