#pragma once

#include "config/retention.hpp"
#include "rules/rule_book.hpp"
#include "store/feed_settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rssmania {

/// What the configuration says of one feed, by its address.
struct configured_feed {
    std::string url;
    std::string title; ///< as the user calls it
    std::string folder;
    feed_settings wanted;
    retention keep;
    std::optional<std::int64_t> first_visit;
};

/// A value of the configuration makes no sense, or the file can't be read: all that is wrong with it, a line for each,
/// as `FILE:LINE:COLUMN: what`.
class configuration_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// All that a user can set once instead of at every call; the defaults are what holds without a file.
struct configuration {
    std::filesystem::path file; ///< where it was read; empty: nowhere

    std::optional<std::filesystem::path> store;
    std::optional<std::chrono::milliseconds> every; ///< between visits to a feed; if not set, as it publishes
    std::string proxy;
    std::string user_agent;
    std::vector<std::string> allow_local; ///< hosts, `nas.local` or `nas.local:8080`, that need not be public

    std::int64_t first_visit = 10; ///< so many articles of a new feed are told, the latest; -1: all
    bool fold = false;             ///< an article that another feed had already isn't told again
    bool updates = false;          ///< articles that were changed are told too
    std::string format;            ///< see `news_template`; empty: a line each, below the name of the feed
    bool notify = false;           ///< tell on the desktop too
    std::vector<std::string> exec; ///< a program and its arguments, run for each article
    std::chrono::milliseconds exec_time = std::chrono::seconds(10); ///< that it may take

    retention keep;
    std::optional<std::uint64_t> size; ///< bytes that the store may take

    std::string metrics;      ///< a file, or `localhost:PORT`; empty: none
    bool log_as_json = false; ///< what is wrong is told as a JSON object a line

    std::vector<configured_feed> feeds;
    std::vector<rule> rules;
};

/// Whether `allowed`, as it stands in a configuration (`nas.local`, `nas.local:8080`), is where `url` leads.
[[nodiscard]] bool is_allowed_local(const std::string& allowed, const std::string& url);

/// Reads the configuration `text`, called `name` in errors. Throws: `configuration_error`, for all that is wrong at
/// once: unknown names too, since a setting with a slip in it would be no setting.
[[nodiscard]] configuration read_configuration(std::string_view text, const std::string& name);

/// Reads the file `given`, or where that is empty the user's own (`default_configuration`), which need not be there.
/// Throws: `configuration_error`; also if a file that was given isn't there.
[[nodiscard]] configuration load_configuration(const std::filesystem::path& given = {});

} // namespace rssmania
