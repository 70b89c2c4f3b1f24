#pragma once

#include <string>
#include <string_view>

namespace feed {

/// The address that `reference` means in a document at `base`: as browsers resolve it, without touching what is already
/// absolute (letter case, escapes and query stay as written). White space around it and line ends within go.
[[nodiscard]] std::string resolve_uri(std::string_view base, std::string_view reference);

/// Whether a link to it may be shown and followed: it has no scheme or a common one (`https`, `mailto`, `magnet`...),
/// so neither `javascript:` nor `data:`.
[[nodiscard]] bool is_safe_uri(std::string_view uri) noexcept;

} // namespace feed
