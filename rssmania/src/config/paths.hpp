#pragma once

#include <filesystem>

namespace rssmania {

/// Where the store lives unless the user says otherwise: `$XDG_STATE_HOME/rssmania`, which is
/// `~/.local/state/rssmania` by default. Throws `std::runtime_error` where neither variable nor home is set.
[[nodiscard]] std::filesystem::path default_store();

/// Where the configuration is unless the user says otherwise: `$XDG_CONFIG_HOME/rssmania/config.toml`, which is
/// `~/.config/rssmania/config.toml` by default. Empty where neither variable nor home is set.
[[nodiscard]] std::filesystem::path default_configuration();

/// Makes `directory` with all above it, readable by the user alone. Throws `std::filesystem::filesystem_error`.
void make_private_directory(const std::filesystem::path& directory);

} // namespace rssmania
