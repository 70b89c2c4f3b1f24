#include "builder/builder.hpp"

#include "text/ascii.hpp"
#include <charconv>

// How often a feed asks to be read.
namespace feed::detail {

namespace {

// What `sy:updatePeriod` names; 0 for what it does not.
std::int64_t seconds_of(std::string_view period) noexcept
{
    constexpr std::int64_t day = 86'400;
    if (equal_ignoring_case(period, "hourly"))
        return 3600;
    if (equal_ignoring_case(period, "daily"))
        return day;
    if (equal_ignoring_case(period, "weekly"))
        return 7 * day;
    if (equal_ignoring_case(period, "monthly"))
        return 30 * day;
    return equal_ignoring_case(period, "yearly") ? 365 * day : 0;
}

} // namespace

void builder::end_schedule(frame& top)
{
    const std::string_view value = value_of(top);
    int number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    feed::schedule& schedule = result_.schedule;
    if (in_entry_)
        return;
    if (top.kind == tag::ttl && number > 0)
        schedule.time_to_live = std::chrono::minutes(number);
    if (top.kind == tag::sy_frequency && number > 0)
        frequency_ = number;
    if (top.kind == tag::sy_period)
        period_ = value;
    if (top.kind == tag::skiphours)
        for (const element& each : top.children) {
            int hour = -1;
            std::from_chars(each.text.data(), each.text.data() + each.text.size(), hour);
            if (hour >= 0 && hour <= 24) // some count from 1 to 24
                schedule.skip_hours |= 1U << (hour % 24);
        }
    static constexpr std::string_view days[] = {"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};
    if (top.kind == tag::skipdays)
        for (const element& each : top.children)
            for (unsigned day = 0; day < 7; ++day)
                if (equal_ignoring_case(each.text, days[day]))
                    schedule.skip_days |= 1U << day;
}

void builder::finish_schedule()
{
    const std::int64_t period = period_.empty() ? (frequency_ > 1 ? 86'400 : 0) : seconds_of(period_);
    if (period != 0)
        result_.schedule.update_period =
            std::chrono::seconds(static_cast<std::int64_t>(static_cast<double>(period) / frequency_));
}

} // namespace feed::detail
