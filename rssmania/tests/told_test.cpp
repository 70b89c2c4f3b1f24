#include "announce/told.hpp"

#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace rssmania {
namespace {

TEST(a_told_position, begins_at_nothing)
{
    const testing::temporary_directory directory;
    EXPECT_EQ(told_position(directory.path()).last(), 0);
    EXPECT_EQ(told_position::read(directory.path() / "missing"), 0);
}

TEST(a_told_position, is_there_the_next_time)
{
    const testing::temporary_directory directory;
    told_position(directory.path()).note(42);
    EXPECT_EQ(told_position(directory.path()).last(), 42);
    EXPECT_EQ(told_position::read(directory.path()), 42);
}

TEST(a_told_position, can_be_set_back)
{
    const testing::temporary_directory directory;
    told_position told(directory.path());
    told.note(std::numeric_limits<event_id>::max());
    told.settle();
    EXPECT_EQ(told_position::read(directory.path()), std::numeric_limits<event_id>::max());
    told.note(7);
    EXPECT_EQ(told_position::read(directory.path()), 7);
}

} // namespace
} // namespace rssmania
