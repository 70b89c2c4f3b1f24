#include "geometry.hpp"

#include "text/ascii.hpp"

#include <charconv>
#include <vector>

namespace feed::detail {

namespace {

// EPSG gives the geographic systems (latitude first) numbers from here to there; those between that are none are
// projected systems, which nobody puts into feeds.
bool is_geographic(std::string_view system)
{
    const std::size_t mark = system.find("EPSG");
    if (mark == std::string_view::npos)
        return true;
    const std::string_view digits = system.substr(system.rfind(':') + 1);
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size())
        return true;
    return (number >= 3819 && number <= 4327 && number != 4328) || (number >= 4463 && number <= 4904) || number == 4979;
}

bool read_numbers(std::string_view text, std::vector<double>& numbers)
{
    std::size_t at = 0;
    const auto is_separator = [](char c) { return is_space(c) || c == ','; };
    while (at < text.size()) {
        if (is_separator(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && !is_separator(text[end]))
            ++end;
        const char* const from = text.data() + at + (text[at] == '+' ? 1 : 0);
        double value = 0;
        const auto [stop, error] = std::from_chars(from, text.data() + end, value);
        if (error != std::errc() || stop != text.data() + end)
            return false;
        numbers.push_back(value);
        at = end;
    }
    return true;
}

} // namespace

void read_coordinates(arena& memory, std::string_view text, std::string_view type, geometry& where)
{
    std::vector<double> numbers;
    if (type.empty() || !read_numbers(text, numbers))
        return;
    const std::size_t dimension = where.dimension;
    std::size_t points = numbers.size() / dimension;
    const bool swaps = is_geographic(where.reference_system);
    const bool georss_polygon = type == "Polygon" && !where.markup_language;
    if (points == 0 || (georss_polygon && points < 4))
        return;
    if (type == "Point")
        points = 1;
    list<double> made;
    for (std::size_t i = 0; i < points; ++i) {
        const double* const point = numbers.data() + i * dimension;
        list_access::append(memory, made, point[swaps ? 1 : 0]);
        list_access::append(memory, made, point[swaps ? 0 : 1]);
        if (dimension == 3)
            list_access::append(memory, made, point[2]);
    }
    where.type = type;
    where.coordinates = made;
}

std::optional<double> read_coordinate(std::string_view text) noexcept
{
    text = trim(text);
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && value >= -360 && value <= 360 ? std::optional(value) : std::nullopt;
}

} // namespace feed::detail
