#include <feed/date.hpp>

#include <gtest/gtest.h>

#include <ostream>

namespace {

std::int64_t seconds(std::string_view text)
{
    const auto time = feed::parse_date(text);
    return time ? time->time_since_epoch().count() : -1;
}

struct example {
    std::string_view text;
    std::int64_t seconds;

    friend void PrintTo(const example& each, std::ostream* out) { *out << each.text; }
};

// What feeds write for 6 September 2021, 08:11:32 UTC, if nothing else is said.
constexpr std::int64_t then = 1'630'915'892;

class dates : public testing::TestWithParam<example> {};

} // namespace

TEST_P(dates, are_read) { EXPECT_EQ(seconds(GetParam().text), GetParam().seconds) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(
    forms, dates,
    testing::Values(
        example{"Mon, 06 Sep 2021 08:11:32 GMT", then}, example{"Mon, 6 Sept 2021 08:11:32 GMT", then},
        example{"Mon,06 Sep 2021 08:11:32 +0000", then}, example{"06 Sep 21 08:11:32 UT", then},
        example{"Monday, 06-Sep-21 08:11:32 GMT", then}, example{"Mon Sep  6 08:11:32 2021", then},
        example{"Mon, 06 Sep 2021 10:11:32 +02:00", then}, example{"Mon, 06 Sep 2021 10:11:32 CEST", then},
        example{"Mon, 06 Sep 2021 04:11:32 EDT", then}, example{"Mon, 06 Sep 2021 17:11:32 JST", then},
        example{"Mon, 06 Sep 2021 08:11:32 AM", then}, example{"Mon, 06 Sep 2021 08:11:32 PM", then + 43'200},
        example{"Mon, 06 Sep 2021 10:11:32 +0200 (CEST)", then}, example{"Mon, 06 Sep 2021 10:11:32 GMT+0200", then},
        example{"Mon, 06 Sep 2021 01:11:32 America/Los_Angeles", then}, example{"2021-09-06T08:11:32Z", then},
        example{"2021-09-06T10:11:32.123456+02:00", then}, example{"2021-09-06 08:11:32", then},
        example{"20210906T081132Z", then}, example{"2021/9/6 08:11:32", then}, example{"2021-249T08:11:32Z", then},
        example{"1630915892", then}, example{"1630915892000", then}, example{"September 6, 2021 8:11:32 AM", then},
        example{"lun, 06 set 2021 08:11:32 +0000", then}, example{"пн, 06 сен 2021 08:11:32 +0000", then},
        example{"Mo, 06 Sep 2021 08:11:32", then}, example{"lun. 6 septembre 2021 08:11:32 +0000", then},
        example{"Δευ, 06 Σεπ 2021 08:11:32 GMT", then}, example{"2021-szeptember-06T08:11:32+00:00", then},
        example{"2021년 09월 06일  17:11:32", then}, example{"9/6/2021 08:11:32", then},
        example{"6.9.2021 08:11:32", then}, example{"2021-09-06T24:00:00Z", 1'630'972'800},
        example{"mar, 16 nov 2021 00:38:15 +0100", 1'637'019'495}, example{"2021", 1'609'459'200},
        example{"2021-06-31", 1'625'097'600},
        // The languages that came later.
        example{"الاثنين, 06 سبتمبر 2021 11:11:32 +0300", then}, example{"יום שני, 06 ספט 2021 11:11:32 +0300", then},
        example{"सोम, 06 सितंबर 2021 13:41:32 +0530", then}, example{"จ., 06 ก.ย. 2564 15:11:32 +0700", then},
        example{"Thứ Hai, 06 Tháng 9 2021 15:11:32 +0700", then}, example{"6 Eylül 2021 Pazartesi 08:11:32", then},
        example{"6. syyskuuta 2021 klo 08.11.32", then}, example{"٠٦-٠٩-٢٠٢١ 08:11:32", then},
        // Other bruises.
        example{"20210906081132", then}, example{"2021-W36-1T08:11:32Z", then}, example{"6 Sep 2021 08h11", then - 32},
        example{"Mon, 06 Sep 2021 04:11:32 EST5EDT", then}, example{"Mon, 06 Sep 2021 10:11:32 0200", then},
        example{"2021-09-06T10:11:32+02:00[Europe/Paris]", then},
        example{"Mon,\xC2\xA0"
                "06 Sep 2021 08:11:32 GMT",
                then}));

class no_dates : public testing::TestWithParam<std::string_view> {};

TEST_P(no_dates, give_nothing) { EXPECT_EQ(seconds(GetParam()), -1) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(forms, no_dates,
                         testing::Values("", "today", "soon", "Sun, 16 zzz 2012 11:47:32 GMT",
                                         "Sun, 16 Dec 2012 11:47:32 +zz:00", "Thu, 31 Jun 2004 19:48:21 GMT",
                                         "0000-00-00T00:00:00Z", "12:30", "6 Sep", "2021-09-06T99:99",
                                         "Mon, 06 Sep 2021 08:11:32 +99:99", "99999999999999999999", "----",
                                         "2021-13-45", "2021-W60-1", "Sun, 16 Dec 2012 1:2:3:4 GMT",
                                         "Sun, Dec x 2012 11:47:32 GMT", "Sun, 16 Dec zz 11:47:32 GMT", "20 Tevet"));

TEST(dates, a_fraction_may_be_as_long_as_it_likes)
{
    EXPECT_EQ(seconds("2021-09-06T08:11:32." + std::string(10'000, '1') + "Z"), then);
}
