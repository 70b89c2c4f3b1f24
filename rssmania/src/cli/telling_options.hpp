#pragma once

#include "cli/options.hpp"
#include "watch/watch.hpp"

#include <CLI/App.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace rssmania::cli {

/// How news is told: what `watch` and `fetch` have in common. What is not given on the command line is as the
/// configuration has it.
struct words_of_telling {
    place where;
    std::string match;
    std::string format;
    std::string exec;
    std::string metrics;
    std::string log;
    std::optional<std::int64_t> first;
    bool json = false;
    bool updates = false;
    bool fold = false;
    bool notify = false;
    bool allow_local = false;
};

void add_telling(CLI::App& command, const std::shared_ptr<words_of_telling>& words);

/// The configuration with what the command line says instead, the store, and how to print. Throws:
/// `CLI::ValidationError` for words that make no sense, `configuration_error`.
[[nodiscard]] watch_options options_of(const words_of_telling& words);

/// A command line as its words, by blanks; quotes of both kinds hold words together, and a backslash means what follows
/// it. Nothing else has a meaning: there is no shell. Throws: `std::runtime_error` for a quote without its end.
[[nodiscard]] std::vector<std::string> words_of_command(std::string_view line);

} // namespace rssmania::cli
