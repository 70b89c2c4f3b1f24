#include "store/news_desk.hpp"

#include "store/columns.hpp"

#include <algorithm>
#include <numeric>

namespace rssmania {
namespace {

constexpr std::chrono::seconds rows_stay = std::chrono::hours(24 * 30);
constexpr std::chrono::seconds troubles_stay = std::chrono::hours(24 * 90);
constexpr std::int64_t a_batch = 200; // some ten milliseconds, in which nobody else is served

// Of the articles `a`, those that may go: whose events have all been told, and that nobody wants to keep.
constexpr const char* may_go = " a.pruned IS NULL AND a.starred IS NULL "
                               "AND NOT EXISTS (SELECT 1 FROM events e WHERE e.article = a.id AND e.id > ?1) ";

std::vector<std::int64_t> rows_of(sqlite::statement& query)
{
    std::vector<std::int64_t> rows;
    while (query.next())
        rows.push_back(query.integer(0));
    return rows;
}

// Newest first by what the feed says, never by a date that is still to come; the order of the feed decides the rest.
std::vector<std::size_t> newest_first(std::span<const article> articles, unix_time now)
{
    std::vector<std::size_t> order(articles.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const bool all_dated =
        std::all_of(articles.begin(), articles.end(), [](const article& each) { return each.published.has_value(); });
    if (all_dated)
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::min(*articles[a].published, now) > std::min(*articles[b].published, now);
        });
    return order;
}

} // namespace

std::int64_t news_policy::first_visit_of(feed_id feed) const
{
    const auto found = feeds.find(feed);
    return found == feeds.end() ? first_visit : found->second.first_visit.value_or(first_visit);
}

retention news_policy::keep_of(feed_id feed) const
{
    const auto found = feeds.find(feed);
    if (found == feeds.end())
        return keep;
    const retention& own = found->second.keep;
    return {.time = own.time ? own.time : keep.time, .articles = own.articles ? own.articles : keep.articles};
}

void news_desk::follow(news_policy policy)
{
    policy_ = std::move(policy);
    rules_ = rule_book(policy_.rules);
    // Only who folds pays for the index.
    if (policy_.fold)
        db_.execute("CREATE INDEX IF NOT EXISTS articles_link ON articles (link)");
}

std::set<std::size_t> news_desk::left_untold(const feed_state& feed, std::span<const article> articles) const
{
    const std::int64_t most = policy_.first_visit_of(feed.id);
    if (feed.answered || most < 0 || articles.size() <= static_cast<std::size_t>(most))
        return {};
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::vector<std::size_t> order = newest_first(articles, now);
    return {order.begin() + most, order.end()};
}

bool news_desk::was_in_another_feed(std::int64_t row, const feed_state& feed, const article& what)
{
    if (!policy_.fold || what.link.empty())
        return false;
    auto find = db_.prepare("SELECT 1 FROM articles WHERE link = ? AND feed <> ? AND id < ? LIMIT 1");
    return find.run(what.link, feed.id, row).next();
}

bool news_desk::receive(std::int64_t row, const feed_state& feed, const article& what, unix_time now)
{
    const bool folded = was_in_another_feed(row, feed, what);
    if (rules_.empty() && !folded)
        return true;
    const std::string& name = feed.own_title.empty() ? feed.title : feed.own_title;
    const verdict word = rules_.judge({.title = what.title,
                                       .author = what.author,
                                       .link = what.link,
                                       .id = what.id,
                                       .content = what.content,
                                       .feed = name,
                                       .url = feed.url,
                                       .folder = feed.folder});
    if (word.star)
        db_.prepare("UPDATE articles SET starred = ?2 WHERE id = ?1").execute(row, seconds_of(now));
    if (word.read || word.drop || folded)
        db_.prepare("UPDATE articles SET read = ?2 WHERE id = ?1").execute(row, seconds_of(now));
    for (const std::string& tag : word.tags)
        db_.prepare("INSERT OR IGNORE INTO tags (article, tag) VALUES (?, ?)").execute(row, tag);
    return !word.drop && !folded;
}

void news_desk::let_go(const std::vector<std::int64_t>& rows, unix_time now)
{
    auto empty = db_.prepare("UPDATE articles SET guid = '', link = '', title = '', author = '', content = '', "
                             "pruned = ?2 WHERE id = ?1");
    auto words = db_.prepare("DELETE FROM words WHERE rowid = ?");
    auto events = db_.prepare("DELETE FROM events WHERE article = ?");
    auto tags = db_.prepare("DELETE FROM tags WHERE article = ?");
    for (const std::int64_t row : rows) {
        empty.execute(row, seconds_of(now));
        words.execute(row);
        events.execute(row);
        tags.execute(row);
    }
}

void news_desk::let_go_of(feed_id feed, event_id told, unix_time now)
{
    const auto most = policy_.keep_of(feed).articles;
    if (!most)
        return;
    auto find = db_.prepare(std::string("SELECT a.id FROM articles a WHERE a.feed = ?2 AND ") + may_go +
                            "AND a.id <= (SELECT id FROM articles WHERE feed = ?2 AND pruned IS NULL "
                            "ORDER BY id DESC LIMIT 1 OFFSET ?3)");
    find.run(told, feed, *most);
    let_go(rows_of(find), now);
}

void news_desk::forget_rows(feed_id feed, const std::set<std::string>& there, unix_time now)
{
    auto find = db_.prepare("SELECT id, identity FROM articles WHERE feed = ? AND pruned < ?");
    std::vector<std::int64_t> gone;
    for (find.run(feed, seconds_of(now - rows_stay)); find.next();) {
        if (!there.contains(find.text(1)))
            gone.push_back(find.integer(0));
    }
    auto remove = db_.prepare("DELETE FROM articles WHERE id = ?");
    for (const std::int64_t row : gone)
        remove.execute(row);
}

std::vector<std::int64_t> news_desk::too_old(event_id told, unix_time now)
{
    std::vector<std::int64_t> rows;
    const auto add = [&](const std::string& which, std::chrono::seconds kept, feed_id feed) {
        auto find = db_.prepare("SELECT a.id FROM articles a WHERE " + which + " AND a.seen < ?2 AND " + may_go +
                                "ORDER BY a.seen LIMIT ?3");
        find.run(told, seconds_of(now - kept), a_batch, feed);
        for (const std::int64_t row : rows_of(find))
            rows.push_back(row);
    };
    std::string others = "?4 = 0";
    for (const auto& [feed, own] : policy_.feeds) {
        if (!own.keep.time)
            continue;
        add("a.feed = ?4", *own.keep.time, feed);
        others += " AND a.feed <> " + std::to_string(feed);
    }
    if (policy_.keep.time)
        add(others, *policy_.keep.time, 0);
    return rows;
}

std::vector<std::int64_t> news_desk::oldest(event_id told)
{
    const auto pages = db_.single_integer("PRAGMA page_count") - db_.single_integer("PRAGMA freelist_count");
    const auto used = static_cast<std::uint64_t>(pages * db_.single_integer("PRAGMA page_size"));
    if (!policy_.size || used <= *policy_.size)
        return {};
    auto find = db_.prepare(std::string("SELECT a.id FROM articles a WHERE ") + may_go + "ORDER BY a.seen LIMIT ?2");
    find.run(told, a_batch / 4);
    return rows_of(find);
}

bool news_desk::let_go_some(event_id told, unix_time now)
{
    sqlite::transaction change(db_);
    std::vector<std::int64_t> rows = too_old(told, now);
    const bool by_size = rows.empty();
    if (by_size)
        rows = oldest(told);
    let_go(rows, now);
    if (by_size && !rows.empty()) // an index keeps what was taken out of it until its parts are merged
        db_.execute("INSERT INTO words (words, rank) VALUES ('merge', -1000)");
    db_.prepare("DELETE FROM events WHERE kind <> 0 AND kind <> 4 AND at < ? AND id <= ?")
        .execute(seconds_of(now - troubles_stay), told);
    change.commit();
    return !rows.empty();
}

} // namespace rssmania
