#pragma once

#include <string_view>

namespace feed::detail {

/// Whether the piece of markup that `text` starts with ends in it, so that it means the same whatever follows. Nothing
/// in here looks beyond the end of `text` for what the readers look for.
[[nodiscard]] bool is_whole_markup(std::string_view text) noexcept;

} // namespace feed::detail
