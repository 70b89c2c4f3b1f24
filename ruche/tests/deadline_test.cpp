#include <ruche/deadline.hpp>

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using ruche::deadline;

TEST(deadline, default_never_passes)
{
    EXPECT_TRUE(deadline().is_never());
    EXPECT_FALSE(deadline().passed());
    EXPECT_EQ(deadline().left(), std::chrono::nanoseconds::max());
}

TEST(deadline, zero_and_negative_have_passed)
{
    EXPECT_TRUE(deadline(0ns).passed());
    EXPECT_TRUE(deadline(-1h).passed());
    EXPECT_EQ(deadline(-1h).left(), 0ns);
}

TEST(deadline, too_long_to_add_saturates_to_never)
{
    EXPECT_TRUE(deadline(std::chrono::nanoseconds::max()).is_never());
}

TEST(deadline, left_counts_down_from_what_was_given)
{
    const deadline soon(1h);
    EXPECT_LE(soon.left(), 1h);
    EXPECT_GT(soon.left(), 59min);
    EXPECT_FALSE(soon.passed());
}

TEST(deadline, takes_moments_of_other_clocks)
{
    EXPECT_TRUE(deadline(std::chrono::system_clock::now() - 1s).passed());
    EXPECT_FALSE(deadline(std::chrono::system_clock::now() + 1h).passed());
}
