#pragma once

#include "html/attributes.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the strict policy does to single elements. All of it goes by what would come out, so that it does nothing to
/// what has come out before.
namespace feed::detail {

/// A link opens a page that learns nothing of the one it stands in, and gives it no rank.
void close_doors(std::vector<clean_attribute>& of_link);

/// Whether a picture, or a source of one, has an address that shows something.
[[nodiscard]] bool is_shown(const std::vector<clean_attribute>& of_picture);

/// A picture of one pixel shows nothing; it counts readers.
[[nodiscard]] bool is_tracker(const std::vector<clean_attribute>& of_picture);

/// The value of the attribute `name` as it is written; empty if there is none.
[[nodiscard]] std::string_view written_value(const std::vector<clean_attribute>& of, std::string_view name);

} // namespace feed::detail
