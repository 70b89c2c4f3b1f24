#include "guest/rhythm.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace rssmania {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr double memory = 14.0 * 24 * 3600; // seconds in which the weight of an article falls to 1/e

// How much the hour of the day may change a wait.
constexpr double shortest_of_day = 0.5;
constexpr double longest_of_day = 3.0;

std::size_t hour_of(unix_time time)
{
    const auto since_midnight = time - std::chrono::floor<std::chrono::days>(time);
    return static_cast<std::size_t>(since_midnight / 1h);
}

// How much longer than usual to wait at `now`: the mean of all hours by that of this hour and its neighbours.
double factor_of_day(const rhythm& known, unix_time now)
{
    const int all = std::accumulate(known.by_hour.begin(), known.by_hour.end(), 0);
    if (all == 0)
        return 1.0;
    const std::size_t hour = hour_of(now);
    const int here =
        known.by_hour.at((hour + 23) % 24) + 2 * known.by_hour.at(hour) + known.by_hour.at((hour + 1) % 24);
    if (here == 0)
        return longest_of_day;
    return std::clamp(all / 24.0 / (here / 4.0), shortest_of_day, longest_of_day);
}

} // namespace

rhythm rhythm_of(std::span<const unix_time> times, unix_time now)
{
    std::set<std::chrono::sys_time<std::chrono::minutes>> moments;
    for (const unix_time time : times)
        moments.insert(std::chrono::floor<std::chrono::minutes>(std::min(time, now)));
    if (moments.size() < 2)
        return {};

    double weight = 0;
    std::array<int, 24> by_hour{};
    for (const auto moment : moments) {
        weight += std::exp(-static_cast<double>(seconds(now - moment).count()) / memory);
        ++by_hour.at(hour_of(moment));
    }
    // What the weights of a steady feed with one article a second would sum up to, over the same time.
    const double whole = memory * -std::expm1(-static_cast<double>(seconds(now - *moments.begin()).count()) / memory);
    rhythm found{.gap = 24h * 365, .newest = *moments.rbegin()};
    if (weight > whole / static_cast<double>(found.gap.count()))
        found.gap = std::max(seconds(std::llround(whole / weight)), seconds(1));
    const int busiest = *std::max_element(by_hour.begin(), by_hour.end());
    for (std::size_t hour = 0; hour < by_hour.size(); ++hour)
        found.by_hour.at(hour) = static_cast<std::uint8_t>(by_hour.at(hour) * 255 / busiest);
    return found;
}

std::optional<seconds> wait_by(const rhythm& known, unix_time now)
{
    if (known.gap <= seconds(0))
        return std::nullopt;
    const seconds silent = known.newest ? now - *known.newest : seconds(0);
    const seconds gap = std::max(known.gap, silent / 2);
    return seconds(std::llround(static_cast<double>(gap.count()) / 2 * factor_of_day(known, now)));
}

} // namespace rssmania
