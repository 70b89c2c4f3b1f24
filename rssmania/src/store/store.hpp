#pragma once

#include "pipeline/messages.hpp"
#include "store/feed_table.hpp"
#include "store/news_desk.hpp"
#include "store/site_table.hpp"
#include "store/sqlite.hpp"
#include "store/word_index.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace rssmania {

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

    /// The same for many, all or none.
    [[nodiscard]] std::vector<feed_id> subscribe(std::span<const std::string> urls, unix_time now);

    /// The same with a name and a folder, which are given only to a feed that was not there. Whether it is new.
    bool subscribe_as(const std::string& url, const std::string& title, const std::string& folder, unix_time now);

    /// Takes `feed` out, with all its articles. Whether it was there.
    bool unsubscribe(feed_id feed);

    /// Gives `feed` a folder (names joined by `/`; empty for none), or the name that the user wants it to have.
    void put_in_folder(feed_id feed, const std::string& folder);
    void rename(feed_id feed, const std::string& title);

    /// Sets how the user wants `feed` to be asked.
    void configure(feed_id feed, const feed_settings& wanted);

    /// Whether any feed is to be asked otherwise than all others.
    [[nodiscard]] bool any_configured() { return feeds_.any_configured(); }

    /// How many feeds are due at `now`.
    template <class Duration>
    [[nodiscard]] std::int64_t feeds_due(std::chrono::sys_time<Duration> now)
    {
        return db_.single_integer(
            "SELECT count(*) FROM feeds WHERE due <= " +
            std::to_string(std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count()));
    }

    /// How many feeds there are.
    [[nodiscard]] std::int64_t feed_count() { return db_.single_integer("SELECT count(*) FROM feeds"); }

    /// From now on new articles are told, marked and kept as `policy` says.
    void follow(news_policy policy) { desk_.follow(std::move(policy)); }

    /// All feeds, in the order they were added.
    [[nodiscard]] std::vector<feed_state> feeds();
    /// Those that were added after the feed `last`; all if it is 0.
    [[nodiscard]] std::vector<feed_state> feeds_after(feed_id last);
    [[nodiscard]] std::optional<feed_state> find(feed_id feed);
    /// Calls `take` for each feed after `last`, with what the schedule needs of it.
    void due_after(feed_id last, const std::function<void(const feed_due&)>& take) { feeds_.due_after(last, take); }
    [[nodiscard]] bool has_feeds() { return !feeds_.empty(); }

    /// Writes down how visits went at `now`, all of them or none, and when the feeds are due again, which is returned
    /// in the same order; less what has been removed meanwhile.
    std::vector<outcome> record(std::span<const visited> visits, run_id run, due_time now, const manners& how = {});

    /// Until when nothing of the site of `url` is asked, as it wishes; nothing if it may be.
    [[nodiscard]] std::optional<due_time> site_free_at(const std::string& url) const;

    /// What is wrong with the database file, a line for each; empty if nothing is. Reads all of it.
    [[nodiscard]] std::vector<std::string> check();

    /// Writes a copy of the database to `file`, which must not be there yet, as it is at this moment. Others may read
    /// and write the database meanwhile.
    void back_up(const std::filesystem::path& file);

    /// Indexes some of the articles that can't be found by their words yet; whether there are more. For when there is
    /// nothing else to do.
    [[nodiscard]] bool index_some();

    /// Lets some of the articles go that are older, or more, than is wanted; whether there may be more. `told` is the
    /// last event that was told: what it tells of may go. For when there is nothing else to do.
    [[nodiscard]] bool let_go_some(event_id told, unix_time now) { return desk_.let_go_some(told, now); }

    /// The last event that was told: what it and those before tell of may be let go.
    void note_told(event_id told) noexcept { told_ = told; }

    /// The events after `last`, oldest first, at most `most`. Articles come without their content.
    [[nodiscard]] std::vector<news> events_after(event_id last, std::int64_t most);

    /// The newest event that ever was; 0 if none.
    [[nodiscard]] event_id last_event();

private:
    [[nodiscard]] std::optional<outcome> record_one(const visited& visit, run_id run, due_time now, const manners& how);
    [[nodiscard]] bool record_articles(const feed_state& feed, const visited& visit, event_id& first_event,
                                       unix_time now);
    [[nodiscard]] static std::optional<unix_time> believable(std::optional<unix_time> said, unix_time now);
    void adopt_new_ids(const visited& visit);
    [[nodiscard]] rhythm rhythm_of_articles(feed_id feed, unix_time now);
    void record_problem(feed_state& feed, const visited& visit, run_id run, event_id& first_event, unix_time now);
    [[nodiscard]] outcome plan_next(feed_state& feed, const visited& visit, due_time now, const manners& how);
    void add_event(feed_id feed, news_kind kind, std::optional<std::int64_t> article, const problem& wrong,
                   event_id& first_event, unix_time now);

    sqlite::database db_;
    feed_table feeds_;
    site_table sites_;
    word_index words_;
    news_desk desk_;
    sqlite::statement insert_article_;
    sqlite::statement update_article_;
    sqlite::statement find_identity_;
    sqlite::statement adopt_identity_;
    sqlite::statement insert_event_;
    sqlite::statement article_times_;
    event_id told_ = 0;
    bool told_offline_ = false; // and nobody has answered since
    std::minstd_rand chance_{std::random_device{}()};
};

} // namespace rssmania
