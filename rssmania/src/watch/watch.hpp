#pragma once

#include "announce/printer.hpp"
#include "config/configuration.hpp"

#include <ruche/stop.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rssmania {

struct watch_options {
    std::vector<std::string> urls; ///< the feeds; if there are none, those that the store knows
    std::filesystem::path store;
    configuration settings; ///< what was set once, with what the command line says instead
    bool once = false;      ///< one round, then the end
    bool due_only = false;  ///< in it, only what is due
    news_format format = news_format::text;
    std::string match; ///< articles of which it doesn't hold are neither printed nor given to a program
    bool allow_local = false;
    bool progress = false; ///< of one round: a bar on standard error
};

/// What was done from the start to the end.
struct round_result {
    std::uint64_t asked = 0;  ///< visits to feeds
    std::uint64_t failed = 0; ///< of these
    std::uint64_t told = 0;   ///< articles
};

/// Watches feeds and prints what is new on standard output, what is wrong on standard error, until `stop`.
///
/// This is the supervisor of the pipeline (see messages.hpp): it starts the stages as processes, restarts what dies,
/// and is itself the one that tells. Two watchers never share a store.
///
/// Throws `std::exception`s that say why it can't go on; then all stages have ended.
round_result watch(const watch_options& options, ruche::stop_token stop);

} // namespace rssmania
