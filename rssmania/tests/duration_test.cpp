#include "text/duration.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

TEST(a_duration, is_written_with_its_unit)
{
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("2d"), 48h);
    EXPECT_EQ(parse_duration("1h30m"), 90min);
}

TEST(a_duration, without_sense_is_refused)
{
    for (const char* wrong :
         {"", "5", "m", "-5m", "5 m", "5x", "1.5h", "99999999999999999999s", "400d", "366d1s", "5mm"})
        EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
}

} // namespace
} // namespace rssmania
