#pragma once

#include "config/configuration.hpp"
#include "store/store.hpp"

namespace rssmania {

/// Writes into the store what the configuration says of single feeds, adding those that it names and the store hasn't,
/// and gives what the store's process needs to know of the rest. A setting that is no longer there holds no longer.
[[nodiscard]] news_policy apply_configuration(store& memory, const configuration& settings, unix_time now);

} // namespace rssmania
