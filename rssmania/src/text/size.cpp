#include "text/size.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace rssmania {
namespace {

constexpr std::uint64_t longest = 1'000'000'000'000'000'000;

std::optional<std::uint64_t> factor_of(std::string_view unit)
{
    if (unit.ends_with('B'))
        unit.remove_suffix(1);
    if (unit.empty())
        return 1;
    if (unit == "k" || unit == "K")
        return 1'000;
    if (unit == "M")
        return 1'000'000;
    if (unit == "G")
        return 1'000'000'000;
    return std::nullopt;
}

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto factor = factor_of(text);
    if (!factor || number > longest / *factor)
        return std::nullopt;
    return number * *factor;
}

std::string size_in_words(std::uint64_t bytes)
{
    constexpr std::array units{"B", "kB", "MB", "GB", "TB"};
    auto shown = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; shown >= 999.95 && unit + 1 < units.size(); ++unit)
        shown /= 1000;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", shown, units.at(unit));
}

} // namespace rssmania
