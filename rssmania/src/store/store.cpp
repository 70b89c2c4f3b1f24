#include "store/store.hpp"

#include "store/identity.hpp"
#include "store/schema.hpp"

#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <cerrno>
#include <fcntl.h>

namespace rssmania {
namespace {

constexpr const char* feed_columns =
    "id, url, title, etag, last_modified, body_hash, asked, run, failures, problem, detail";

// What one reads is nobody else's business. SQLite gives its other files the mode of the first.
void make_private_file(const std::filesystem::path& file)
{
    const ruche::fd made(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!made)
        throw ruche::os_error(errno, "make the store " + file.string());
}

sqlite::database open(const std::filesystem::path& directory, sqlite::access how)
{
    if (how == sqlite::access::read_write)
        make_private_file(directory / store::file_name);
    sqlite::database db(directory / store::file_name, how);
    if (how == sqlite::access::read_write)
        migrate(db);
    return db;
}

std::int64_t seconds(unix_time time) { return time.time_since_epoch().count(); }

std::optional<std::int64_t> seconds(std::optional<unix_time> time)
{
    return time ? std::optional(seconds(*time)) : std::nullopt;
}

std::optional<unix_time> time_in(const sqlite::statement& row, int column)
{
    return row.is_null(column) ? std::nullopt : std::optional(unix_time(std::chrono::seconds(row.integer(column))));
}

feed_state read_feed(const sqlite::statement& row)
{
    return {.id = row.integer(0),
            .url = row.text(1),
            .title = row.text(2),
            .known = {row.text(3), row.text(4)},
            .body_hash = row.text(5),
            .asked = time_in(row, 6),
            .run = row.integer(7),
            .failures = static_cast<int>(row.integer(8)),
            .wrong = {static_cast<problem_kind>(row.integer(9)), row.text(10)}};
}

} // namespace

store::store(const std::filesystem::path& directory, sqlite::access how) :
    db_(open(directory, how)),
    find_feed_(db_.prepare(std::string("SELECT ") + feed_columns + " FROM feeds WHERE id = ?")),
    insert_article_(db_.prepare("INSERT INTO articles (feed, identity, digest, guid, link, title, author, content, "
                                "published, updated, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                                "ON CONFLICT (feed, identity) DO NOTHING")),
    update_article_(db_.prepare("UPDATE articles SET digest = ?3, link = ?4, title = ?5, author = ?6, content = ?7, "
                                "updated = ?8 WHERE feed = ?1 AND identity = ?2 AND digest <> ?3")),
    insert_event_(db_.prepare("INSERT INTO events (visit, kind, feed, article, problem, detail, at) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?)"))
{}

feed_id store::subscribe(const std::string& url, unix_time now)
{
    sqlite::transaction change(db_);
    db_.prepare("INSERT INTO feeds (url, added) VALUES (?, ?) ON CONFLICT (url) DO NOTHING").execute(url, seconds(now));
    auto find = db_.prepare("SELECT id FROM feeds WHERE url = ?");
    if (!find.run(url).next())
        throw sqlite::error("add the feed " + url + ": it is not there afterwards");
    const feed_id feed = find.integer(0);
    change.commit();
    return feed;
}

std::vector<feed_state> store::feeds()
{
    std::vector<feed_state> all;
    auto query = db_.prepare(std::string("SELECT ") + feed_columns + " FROM feeds ORDER BY id");
    while (query.next())
        all.push_back(read_feed(query));
    return all;
}

std::optional<feed_state> store::find(feed_id feed)
{
    if (!find_feed_.run(feed).next())
        return std::nullopt;
    feed_state found = read_feed(find_feed_);
    find_feed_.reset();
    return found;
}

void store::record(std::span<const visited> visits, run_id run, unix_time now)
{
    sqlite::transaction change(db_);
    for (const visited& visit : visits)
        record_one(visit, run, now);
    change.commit();
}

void store::record_one(const visited& visit, run_id run, unix_time now)
{
    const std::optional<feed_state> before = find(visit.feed);
    if (!before)
        return; // removed while it was being asked
    event_id first_event = 0;
    if (visit.result == visit_result::read)
        record_articles(visit, first_event, now);
    record_problem(*before, visit, run, first_event, now);

    auto update = [&](const char* set, const auto&... values) {
        db_.prepare(std::string("UPDATE feeds SET asked = ?1, run = ?2, ") + set + " WHERE id = ?3")
            .execute(seconds(now), run, visit.feed, values...);
    };
    if (visit.result == visit_result::failed) {
        update("failures = failures + 1");
    } else if (visit.result == visit_result::unchanged) {
        // A 304 may renew a validator, and needs not repeat those that still hold.
        update("failures = 0, answered = ?1, etag = iif(?4 = x'', etag, ?4), "
               "last_modified = iif(?5 = x'', last_modified, ?5)",
               sqlite::blob{visit.fresh.etag}, sqlite::blob{visit.fresh.last_modified});
    } else if (visit.result == visit_result::same_body) {
        update("failures = 0, answered = ?1, etag = ?4, last_modified = ?5", sqlite::blob{visit.fresh.etag},
               sqlite::blob{visit.fresh.last_modified});
    } else {
        update("failures = 0, answered = ?1, etag = ?4, last_modified = ?5, body_hash = ?6, title = ?7, link = ?8",
               sqlite::blob{visit.fresh.etag}, sqlite::blob{visit.fresh.last_modified}, sqlite::blob{visit.body_hash},
               visit.content.title, visit.content.link);
    }
}

void store::record_articles(const visited& visit, event_id& first_event, unix_time now)
{
    for (const article& each : visit.content.articles) {
        const std::string identity = identity_of(each);
        const std::string digest = digest_of(each);
        insert_article_.execute(visit.feed, sqlite::blob{identity}, sqlite::blob{digest}, each.id, each.link,
                                each.title, each.author, each.content, seconds(each.published), seconds(each.updated),
                                seconds(now));
        if (db_.changes() == 1)
            add_event(visit.feed, news_kind::article, db_.last_row(), {}, first_event, now);
        else
            update_article_.execute(visit.feed, sqlite::blob{identity}, sqlite::blob{digest}, each.link, each.title,
                                    each.author, each.content, seconds(each.updated));
    }
}

void store::record_problem(const feed_state& before, const visited& visit, run_id run, event_id& first_event,
                           unix_time now)
{
    // An unchanged document is as damaged as it was; every other trouble is over once the feed answers.
    const bool unchanged = visit.result == visit_result::unchanged || visit.result == visit_result::same_body;
    if (unchanged && before.wrong.kind == problem_kind::damaged)
        return;
    if (!visit.wrong && !before.wrong)
        return;
    auto known = db_.prepare("SELECT problem_run FROM feeds WHERE id = ?");
    const bool told_in_this_run = known.run(visit.feed).next() && known.integer(0) == run;
    if (visit.wrong && (!(visit.wrong == before.wrong) || !told_in_this_run))
        add_event(visit.feed, news_kind::problem, std::nullopt, visit.wrong, first_event, now);
    else if (!visit.wrong)
        add_event(visit.feed, news_kind::recovered, std::nullopt, {}, first_event, now);
    db_.prepare("UPDATE feeds SET problem = ?, detail = ?, problem_run = ? WHERE id = ?")
        .execute(static_cast<std::int64_t>(visit.wrong.kind), visit.wrong.detail, run, visit.feed);
}

void store::add_event(feed_id feed, news_kind kind, std::optional<std::int64_t> article, const problem& wrong,
                      event_id& first_event, unix_time now)
{
    if (first_event == 0)
        first_event = last_event() + 1; // AUTOINCREMENT: the next one is the last that ever was, plus one
    insert_event_.execute(first_event, static_cast<std::int64_t>(kind), feed, article,
                          static_cast<std::int64_t>(wrong.kind), wrong.detail, seconds(now));
}

std::vector<news> store::events_after(event_id last, std::int64_t most)
{
    auto query = db_.prepare("SELECT e.id, e.visit, e.kind, e.feed, f.url, f.title, a.guid, a.link, a.title, a.author, "
                             "a.published, a.updated, e.problem, e.detail FROM events e JOIN feeds f ON f.id = e.feed "
                             "LEFT JOIN articles a ON a.id = e.article WHERE e.id > ? ORDER BY e.id LIMIT ?");
    std::vector<news> events;
    for (query.run(last, most); query.next();) {
        events.push_back({.id = query.integer(0),
                          .group = query.integer(1),
                          .kind = static_cast<news_kind>(query.integer(2)),
                          .feed = query.integer(3),
                          .feed_url = query.text(4),
                          .feed_title = query.text(5),
                          .what = {.id = query.text(6),
                                   .link = query.text(7),
                                   .title = query.text(8),
                                   .author = query.text(9),
                                   .content = {},
                                   .published = time_in(query, 10),
                                   .updated = time_in(query, 11)},
                          .wrong = {static_cast<problem_kind>(query.integer(12)), query.text(13)}});
    }
    return events;
}

event_id store::last_event()
{
    return db_.single_integer("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'");
}

} // namespace rssmania
