#pragma once

#include "config/configuration.hpp"
#include "store/feed_state.hpp"

#include <CLI/App.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Options that several subcommands share.
namespace rssmania::cli {

/// An option that takes a span of time (`90s`, `5m`), at least `least`, and gives it to `take`.
CLI::Option* add_duration(CLI::App& command, const std::string& name,
                          std::function<void(std::chrono::milliseconds)> take, std::chrono::milliseconds least,
                          const std::string& help);

/// Where things are kept, as the command line says; empty for where they usually are.
struct place {
    std::string store;
    std::string config;
};

/// The options `--store` and `--config`, what is set there, and the directory of the store.
void add_place(CLI::App& command, place& where);
[[nodiscard]] configuration configuration_of(const place& where);
[[nodiscard]] std::filesystem::path store_directory(const place& where);

/// The same, of a store that must be there. Throws `std::runtime_error` if nothing was ever kept.
[[nodiscard]] std::filesystem::path existing_store(const place& where);

/// The feeds of that store; none if it isn't there.
[[nodiscard]] std::vector<feed_state> known_feeds(const place& where);

/// The addresses that `sources`, as typed, stand for: each an address, or an OPML file with many. An address appears
/// once. Throws `std::runtime_error` for what can't be asked.
[[nodiscard]] std::vector<std::string> addresses_of(const std::vector<std::string>& sources);

} // namespace rssmania::cli
