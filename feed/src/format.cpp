#include <feed/format.hpp>

#include <cstddef>

namespace feed {

namespace {

struct names {
    std::string_view brief;
    std::string_view full;
};

// In the order of the enumeration.
constexpr names table[] = {
    {"", "no feed"},
    {"rss090", "RSS 0.90"},
    {"rss091n", "RSS 0.91 (Netscape)"},
    {"rss091u", "RSS 0.91 (UserLand)"},
    {"rss092", "RSS 0.92"},
    {"rss093", "RSS 0.93"},
    {"rss094", "RSS 0.94"},
    {"rss20", "RSS 2.0"},
    {"rss10", "RSS 1.0"},
    {"rss", "RSS"},
    {"atom01", "Atom 0.1"},
    {"atom02", "Atom 0.2"},
    {"atom03", "Atom 0.3"},
    {"atom10", "Atom 1.0"},
    {"atom", "Atom"},
    {"cdf", "CDF"},
    {"json1", "JSON Feed 1.0"},
    {"json11", "JSON Feed 1.1"},
};

} // namespace

std::string_view short_name(format kind) noexcept { return table[static_cast<std::size_t>(kind)].brief; }
std::string_view name(format kind) noexcept { return table[static_cast<std::size_t>(kind)].full; }

} // namespace feed
