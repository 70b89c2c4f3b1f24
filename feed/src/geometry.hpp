#pragma once

#include "arena.hpp"

#include <feed/document.hpp>

#include <optional>
#include <string_view>

namespace feed::detail {

/// Reads the numbers in `text` as a shape of the given type into `where`. Pairs are latitude first as GeoRSS writes
/// them; GML says by its reference system when they are not. What is no shape leaves `where` as it was.
void read_coordinates(arena& memory, std::string_view text, std::string_view type, geometry& where);

/// A latitude or longitude; nothing if it is no number.
[[nodiscard]] std::optional<double> read_coordinate(std::string_view text) noexcept;

} // namespace feed::detail
