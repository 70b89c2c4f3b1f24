#pragma once

#include <string>

namespace rssmania {

/// The secret that `reference` names: `env:NAME`, a setting of the environment; `file:PATH`, the first line of a file,
/// which nobody but its owner may read. Empty if `reference` is.
///
/// Throws: `std::runtime_error` saying what is missing, or that others can read the file; never with the secret itself.
[[nodiscard]] std::string read_secret(const std::string& reference);

} // namespace rssmania
