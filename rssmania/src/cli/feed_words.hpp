#pragma once

#include "store/store.hpp"

#include <string>
#include <vector>

namespace rssmania::cli {

/// The feeds of the store that `words`, as typed, mean: each an address (as it is, completed, or a former one), a
/// number as `list` shows it, or a title. Throws `std::runtime_error` for a word that means none, or several.
[[nodiscard]] std::vector<feed_state> feeds_meant(const std::vector<feed_state>& known,
                                                  const std::vector<std::string>& words);

/// What a feed is called: as the user calls it, else as it calls itself, else its address. Not yet fit for a terminal.
[[nodiscard]] std::string name_of(const feed_state& feed);

} // namespace rssmania::cli
