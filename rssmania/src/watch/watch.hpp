#pragma once

#include "announce/printer.hpp"

#include <ruche/stop.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace rssmania {

struct watch_options {
    std::vector<std::string> urls; ///< the feeds; if there are none, those that the store knows
    std::filesystem::path store;
    std::optional<std::chrono::milliseconds> every; ///< between visits to a feed; if not set, as it publishes
    bool once = false;                              ///< one round, then the end
    bool due_only = false;                          ///< in it, only what is due
    news_format format = news_format::text;
    bool allow_local = false;
};

/// Watches feeds and prints what is new on standard output, what is wrong on standard error, until `stop`.
///
/// This is the supervisor of the pipeline (see messages.hpp): it starts the stages as processes, restarts what dies,
/// and is itself the one that tells. Two watchers never share a store.
///
/// Throws `std::exception`s that say why it can't go on; then all stages have ended.
void watch(const watch_options& options, ruche::stop_token stop);

} // namespace rssmania
