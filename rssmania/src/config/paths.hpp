#pragma once

#include <filesystem>

namespace rssmania {

/// Where the store lives unless the user says otherwise: `$XDG_STATE_HOME/rssmania`, which is
/// `~/.local/state/rssmania` by default. Throws `std::runtime_error` where neither variable nor home is set.
[[nodiscard]] std::filesystem::path default_store();

/// Makes `directory` with all above it, readable by the user alone. Throws `std::filesystem::filesystem_error`.
void make_private_directory(const std::filesystem::path& directory);

} // namespace rssmania
