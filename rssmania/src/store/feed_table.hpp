#pragma once

#include "store/feed_state.hpp"
#include "store/sqlite.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rssmania {

/// The rows of the table `feeds`, read and written whole.
///
/// Throws: `sqlite::error`, from all members.
class feed_table {
public:
    explicit feed_table(sqlite::database& db);

    /// The feed with this address, added if it is not there.
    [[nodiscard]] feed_id add(const std::string& url, unix_time now);

    /// Those after the feed `last`, in the order they were added.
    [[nodiscard]] std::vector<feed_state> after(feed_id last);
    [[nodiscard]] std::optional<feed_state> find(feed_id feed);
    /// The same of all after `last`, one at a time, with what the schedule needs.
    void due_after(feed_id last, const std::function<void(const feed_due&)>& take);
    [[nodiscard]] bool empty();

    /// Writes all of `feed` back but its addresses and what the user has set.
    void save(const feed_state& feed);

    /// Writes how the user wants `feed` to be asked.
    void configure(feed_id feed, const feed_settings& wanted);

    /// Whether any feed is to be asked otherwise than all others.
    [[nodiscard]] bool any_configured();

    /// Gives `feed` the address `target`, and keeps the one it had as the former. Not if another feed is there already:
    /// then nothing happens, and false is returned.
    [[nodiscard]] bool move(feed_state& feed, const std::string& target);

private:
    sqlite::database& db_;
    sqlite::statement find_;
    sqlite::statement after_;
    sqlite::statement by_url_;
    sqlite::statement by_former_url_;
    sqlite::statement insert_;
    sqlite::statement save_;
};

} // namespace rssmania
