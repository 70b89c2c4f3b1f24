#pragma once

namespace rssmania::cli {

/// Reads the command line and does what it says. Returns the program's exit code.
[[nodiscard]] int run(int count, const char* const* words);

} // namespace rssmania::cli
