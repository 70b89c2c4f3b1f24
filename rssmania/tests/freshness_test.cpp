#include "guest/freshness.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time now = unix_time(784'111'777s); // Sun, 06 Nov 1994 08:49:37 GMT

std::optional<std::chrono::seconds> fresh(timing_headers headers) { return wishes_in(headers, now).fresh_for; }
std::optional<std::chrono::seconds> retry(timing_headers headers) { return wishes_in(headers, now).retry_after; }

TEST(freshness, is_max_age)
{
    EXPECT_EQ(fresh({.cache_control = "max-age=3600"}), 1h);
    EXPECT_EQ(fresh({.cache_control = "public, Max-Age = \"60\""}), 60s);
    EXPECT_EQ(fresh({.cache_control = "private=\"a, max-age=5\", max-age=7"}), 7s);
}

TEST(freshness, is_less_by_the_age_that_an_answer_has)
{
    EXPECT_EQ(fresh({.cache_control = "max-age=3600", .age = "600"}), 50min);
    EXPECT_EQ(fresh({.cache_control = "max-age=3600", .age = "3600"}), std::nullopt);
    EXPECT_EQ(fresh({.cache_control = "max-age=3600", .age = "nonsense"}), 1h);
}

TEST(freshness, is_expires_minus_date_where_there_is_no_max_age)
{
    const timing_headers headers{.expires = "Sun, 06 Nov 1994 09:49:37 GMT", .date = "Sun, 06 Nov 1994 09:39:37 GMT"};
    EXPECT_EQ(fresh(headers), 10min);
    EXPECT_EQ(fresh({.expires = "Sun, 06 Nov 1994 09:49:37 GMT"}), 1h); // no Date: from now
    EXPECT_EQ(fresh({.cache_control = "max-age=60", .expires = headers.expires, .date = headers.date}), 60s);
}

TEST(freshness, reads_all_three_forms_of_a_date)
{
    for (const char* date :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
        EXPECT_EQ(parse_http_date(date), now) << date;
    for (const char* none : {"", "0", "-1", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"})
        EXPECT_EQ(parse_http_date(none), std::nullopt) << none;
}

TEST(freshness, is_no_wish_where_a_server_wants_no_cache)
{
    EXPECT_EQ(fresh({.cache_control = "no-cache, max-age=3600"}), std::nullopt);
    EXPECT_EQ(fresh({.cache_control = "no-store"}), std::nullopt);
    EXPECT_EQ(fresh({.cache_control = "max-age=0"}), std::nullopt);
    EXPECT_EQ(fresh({.expires = "Thu, 01 Jan 1970 00:00:00 GMT"}), std::nullopt);
    EXPECT_EQ(fresh({.expires = "0"}), std::nullopt);
    EXPECT_EQ(fresh({}), std::nullopt);
}

TEST(freshness, is_not_that_of_a_shared_cache)
{
    EXPECT_EQ(fresh({.cache_control = "s-maxage=3600"}), std::nullopt);
    EXPECT_EQ(fresh({.cache_control = "s-maxage=3600, max-age=60"}), 60s);
}

TEST(freshness, takes_the_first_of_several_and_survives_any_number)
{
    EXPECT_EQ(fresh({.cache_control = "max-age=10, max-age=20"}), 10s);
    EXPECT_EQ(fresh({.cache_control = "max-age=99999999999999999999"}), std::chrono::seconds(std::int64_t{1} << 31U));
    EXPECT_EQ(fresh({.cache_control = "max-age=-5"}), std::nullopt);
    EXPECT_EQ(fresh({.cache_control = "max-age"}), std::nullopt);
    EXPECT_EQ(fresh({.cache_control = ",,\"=,max-age=1"}), std::nullopt); // all of it inside a quote that never ends
}

TEST(retry_after, is_a_number_of_seconds)
{
    EXPECT_EQ(retry({.retry_after = "120"}), 2min);
    EXPECT_EQ(retry({.retry_after = " 120 "}), 2min);
    EXPECT_EQ(retry({.retry_after = "later"}), std::nullopt);
    EXPECT_EQ(retry({.retry_after = "-3"}), std::nullopt);
    EXPECT_EQ(retry({}), std::nullopt);
}

TEST(retry_after, is_a_date_that_counts_from_the_servers_own_clock)
{
    EXPECT_EQ(retry({.date = "Sun, 06 Nov 1994 05:00:00 GMT", .retry_after = "Sun, 06 Nov 1994 05:10:00 GMT"}), 10min);
    EXPECT_EQ(retry({.retry_after = "Sun, 06 Nov 1994 08:59:37 GMT"}), 10min);
    EXPECT_EQ(retry({.retry_after = "Sun, 06 Nov 1994 08:00:00 GMT"}), 0s); // over already
}

} // namespace
} // namespace rssmania
