#pragma once

#include "store/feed_state.hpp"
#include "store/news_policy.hpp"
#include "store/sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace rssmania {

/// Decides of articles that the store has just taken in which are told, marks them as the user's rules say, and lets go
/// of what is older than is wanted. Within the caller's transactions, except for `let_go_some`.
///
/// What is let go leaves its row behind, without its texts: an article that is still in its feed must not be news
/// again. The row goes too, a month later, once the feed doesn't have it any more.
///
/// Throws: `sqlite::error`, from all members; `match_error` by `follow`.
class news_desk {
public:
    explicit news_desk(sqlite::database& db) : db_(db) {}

    /// From now on `policy` holds; without one, everything is told and kept.
    void follow(news_policy policy);

    [[nodiscard]] bool tells_updates() const noexcept { return policy_.updates; }

    /// Which of the articles of a visit are left untold if they are new: at the first visit, all but the latest.
    [[nodiscard]] std::set<std::size_t> left_untold(const feed_state& feed, std::span<const article> articles) const;

    /// Marks the new article in that row. Returns whether it is to be told.
    [[nodiscard]] bool receive(std::int64_t row, const feed_state& feed, const article& what, unix_time now);

    /// After a visit that brought new articles: lets the oldest go that are more than the user wants of this feed.
    /// Events after `told` have not been told yet; their articles stay.
    void let_go_of(feed_id feed, event_id told, unix_time now);

    /// After a whole document with articles of these identities: rows that were let go long ago and are not in it.
    void forget_rows(feed_id feed, const std::set<std::string>& there, unix_time now);

    /// Lets some of the articles go that are too old, or too many for the size the store may have, and events of old
    /// troubles, in a transaction of its own; whether there may be more.
    [[nodiscard]] bool let_go_some(event_id told, unix_time now);

private:
    [[nodiscard]] bool was_in_another_feed(std::int64_t row, const feed_state& feed, const article& what);
    void let_go(const std::vector<std::int64_t>& rows, unix_time now);
    [[nodiscard]] std::vector<std::int64_t> too_old(event_id told, unix_time now);
    [[nodiscard]] std::vector<std::int64_t> oldest(event_id told);

    sqlite::database& db_;
    news_policy policy_;
    rule_book rules_;
};

} // namespace rssmania
