#include "text/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace rssmania {
namespace {

struct unit {
    std::string_view name;
    std::int64_t milliseconds;
};

constexpr std::array units{unit{"ms", 1}, unit{"s", 1'000}, unit{"m", 60'000}, unit{"h", 3'600'000},
                           unit{"d", 86'400'000}};
constexpr std::int64_t a_year = 366 * units.back().milliseconds;

const unit* unit_named(std::string_view name)
{
    for (const unit& each : units) {
        if (each.name == name)
            return &each;
    }
    return nullptr;
}

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text)
{
    if (text.empty())
        return std::nullopt;
    std::int64_t sum = 0;
    while (!text.empty()) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || number < 0 || number > a_year)
            return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const std::size_t length = std::min(text.find_first_of("0123456789"), text.size());
        const unit* found = unit_named(text.substr(0, length));
        if (!found)
            return std::nullopt;
        text.remove_prefix(length);
        if (number > (a_year - sum) / found->milliseconds)
            return std::nullopt;
        sum += number * found->milliseconds;
    }
    return std::chrono::milliseconds(sum);
}

} // namespace rssmania
