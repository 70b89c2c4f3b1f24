// Any text is a date between the years 0 and 10000, or none.
#include "check.hpp"

#include <feed/date.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (const auto time = feed::parse_date(as_text(data, size))) {
        const auto days = std::chrono::floor<std::chrono::days>(*time);
        const int year = static_cast<int>(std::chrono::year_month_day(days).year());
        promise(year >= 0 && year <= 10'000, "a date is within the calendar");
    }
    return 0;
}
