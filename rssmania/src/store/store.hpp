#pragma once

#include "pipeline/messages.hpp"
#include "store/sqlite.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rssmania {

/// Which start of the watcher something belongs to: different for each.
using run_id = std::int64_t;

/// What the store knows of a feed.
struct feed_state {
    feed_id id = 0;
    std::string url;
    std::string title;
    validators known;
    std::string body_hash;
    std::optional<unix_time> asked; ///< when it was asked last
    run_id run = 0;                 ///< by which watcher
    int failures = 0;               ///< in a row
    problem wrong;
};

/// The memory of the engine: feeds, articles, and one numbered list of events, in an SQLite database.
///
///     store memory(directory);
///     const feed_id feed = memory.subscribe("https://example.org/feed");
///     memory.record(visits, run, now);
///     for (const news& event : memory.events_after(told, 100)) …
///
/// What is news is decided here, once: an article whose identity was not seen in its feed before, whatever its dates.
/// The article and its event are written in one transaction, so there is never one without the other.
///
/// Across processes: one writes, any number read at once. If a process dies inside a call: nothing, or all of it, is
/// done. Throws: `sqlite::error`; the constructor also `ruche::os_error`.
class store {
public:
    /// The name of the database in its directory.
    static constexpr const char* file_name = "rssmania.db";

    /// Opens the database in `directory`, which must exist; for writing, makes or upgrades it where needed.
    explicit store(const std::filesystem::path& directory, sqlite::access how = sqlite::access::read_write);

    /// The feed with this address, added if it is not there.
    [[nodiscard]] feed_id subscribe(const std::string& url, unix_time now);

    /// All feeds, in the order they were added.
    [[nodiscard]] std::vector<feed_state> feeds();
    [[nodiscard]] std::optional<feed_state> find(feed_id feed);

    /// Writes down how visits went, all of them or none.
    void record(std::span<const visited> visits, run_id run, unix_time now);

    /// The events after `last`, oldest first, at most `most`. Articles come without their content.
    [[nodiscard]] std::vector<news> events_after(event_id last, std::int64_t most);

    /// The newest event that ever was; 0 if none.
    [[nodiscard]] event_id last_event();

private:
    void record_one(const visited& visit, run_id run, unix_time now);
    void record_articles(const visited& visit, event_id& first_event, unix_time now);
    void record_problem(const feed_state& before, const visited& visit, run_id run, event_id& first_event,
                        unix_time now);
    void add_event(feed_id feed, news_kind kind, std::optional<std::int64_t> article, const problem& wrong,
                   event_id& first_event, unix_time now);

    sqlite::database db_;
    sqlite::statement find_feed_;
    sqlite::statement insert_article_;
    sqlite::statement update_article_;
    sqlite::statement insert_event_;
};

} // namespace rssmania
