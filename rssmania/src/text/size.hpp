#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rssmania {

/// What a person writes as a number of bytes: `500MB`, `2GB`, `64k`, `1000000`; units are powers of ten. Empty if it is
/// none, or beyond 10^18.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// The other way, for people: `1.4 MB`.
[[nodiscard]] std::string size_in_words(std::uint64_t bytes);

} // namespace rssmania
