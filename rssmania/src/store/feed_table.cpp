#include "store/feed_table.hpp"

#include "store/columns.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rssmania {
namespace {

constexpr const char* columns =
    "id, url, former_url, title, link, etag, last_modified, known_from, body_hash, whole, asked, answered, run, "
    "failures, failing_since, problem, detail, problem_run, due, due_reason, gap, newest, by_hour, wish_period, "
    "skip_hours, "
    "skip_days, move_target, move_seen, move_first, own_title, folder, every, least_wait, most_wait, user, "
    "password_from, "
    "proxy, user_agent, hosts_allowed";

std::array<std::uint8_t, 24> hours_in(const std::string& bytes)
{
    std::array<std::uint8_t, 24> hours{};
    if (bytes.size() == hours.size())
        std::transform(bytes.begin(), bytes.end(), hours.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    return hours;
}

std::string bytes_of(const std::array<std::uint8_t, 24>& hours)
{
    const bool any = std::any_of(hours.begin(), hours.end(), [](std::uint8_t hour) { return hour != 0; });
    return any ? std::string(hours.begin(), hours.end()) : std::string();
}

std::optional<std::int64_t> number_in(const sqlite::statement& row, int column)
{
    return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

template <class Duration>
std::optional<Duration> duration_in(const sqlite::statement& row, int column)
{
    const auto count = number_in(row, column);
    return count ? std::optional(Duration(*count)) : std::nullopt;
}

template <class Duration>
std::optional<std::int64_t> count_of(const std::optional<Duration>& span)
{
    return span ? std::optional<std::int64_t>(span->count()) : std::nullopt;
}

std::optional<due_time> due_in(const sqlite::statement& row, int column)
{
    return row.is_null(column) ? std::nullopt : std::optional(due_time(std::chrono::milliseconds(row.integer(column))));
}

feed_state read(const sqlite::statement& row)
{
    return {.id = row.integer(0),
            .url = row.text(1),
            .former_url = row.text(2),
            .title = row.text(3),
            .link = row.text(4),
            .known = {row.text(5), row.text(6)},
            .known_from = row.text(7),
            .body_hash = row.text(8),
            .whole = time_in(row, 9),
            .asked = time_in(row, 10),
            .answered = time_in(row, 11),
            .run = row.integer(12),
            .failures = static_cast<int>(row.integer(13)),
            .failing_since = time_in(row, 14),
            .wrong = {static_cast<problem_kind>(row.integer(15)), row.text(16)},
            .problem_run = row.integer(17),
            .due = due_in(row, 18),
            .why_then = static_cast<due_reason>(row.integer(19)),
            .published = {.gap = std::chrono::seconds(row.integer(20)),
                          .newest = time_in(row, 21),
                          .by_hour = hours_in(row.text(22))},
            .wishes = {.period = std::chrono::seconds(row.integer(23)),
                       .skip_hours = static_cast<std::uint32_t>(row.integer(24)),
                       .skip_days = static_cast<std::uint32_t>(row.integer(25))},
            .move = {.target = row.text(26), .seen = static_cast<int>(row.integer(27)), .first = time_in(row, 28)},
            .own_title = row.text(29),
            .folder = row.text(30),
            .wanted = {.every = duration_in<std::chrono::milliseconds>(row, 31),
                       .least_wait = duration_in<std::chrono::seconds>(row, 32),
                       .most_wait = duration_in<std::chrono::seconds>(row, 33),
                       .user = row.text(34),
                       .password_from = row.text(35),
                       .proxy = row.text(36),
                       .user_agent = row.text(37),
                       .hosts_allowed = row.text(38)}};
}

} // namespace

feed_table::feed_table(sqlite::database& db) :
    db_(db), find_(db.prepare(std::string("SELECT ") + columns + " FROM feeds WHERE id = ?")),
    after_(db.prepare(std::string("SELECT ") + columns + " FROM feeds WHERE id > ? ORDER BY id")),
    by_url_(db.prepare("SELECT id FROM feeds WHERE url = ?")),
    by_former_url_(db.prepare("SELECT id FROM feeds WHERE former_url = ? AND former_url <> '' LIMIT 1")),
    insert_(db.prepare("INSERT INTO feeds (url, added) VALUES (?, ?)")),
    save_(db.prepare(
        "UPDATE feeds SET title = ?2, link = ?3, etag = ?4, last_modified = ?5, known_from = ?6, body_hash = ?7, "
        "whole = ?8, asked = ?9, answered = ?10, run = ?11, failures = ?12, failing_since = ?13, problem = ?14, "
        "detail = ?15, problem_run = ?16, due = ?17, due_reason = ?18, gap = ?19, newest = ?20, by_hour = ?21, "
        "wish_period = ?22, skip_hours = ?23, skip_days = ?24, move_target = ?25, move_seen = ?26, move_first = ?27 "
        "WHERE id = ?1"))
{}

feed_id feed_table::add(const std::string& url, unix_time now)
{
    // An address that a feed has left is still its own to whoever knows it by that.
    for (sqlite::statement* find : {&by_url_, &by_former_url_}) {
        if (find->run(url).next()) {
            const feed_id found = find->integer(0);
            find->reset();
            return found;
        }
    }
    insert_.execute(url, seconds_of(now));
    return db_.last_row();
}

std::vector<feed_state> feed_table::after(feed_id last)
{
    std::vector<feed_state> found;
    for (after_.run(last); after_.next();)
        found.push_back(read(after_));
    return found;
}

std::optional<feed_state> feed_table::find(feed_id feed)
{
    if (!find_.run(feed).next())
        return std::nullopt;
    feed_state found = read(find_);
    find_.reset();
    return found;
}

void feed_table::due_after(feed_id last, const std::function<void(const feed_due&)>& take)
{
    auto rows = db_.prepare("SELECT id, url, due, due_reason, asked, run, every FROM feeds WHERE id > ? ORDER BY id");
    for (rows.run(last); rows.next();)
        take({.id = rows.integer(0),
              .url = rows.text(1),
              .due = due_in(rows, 2),
              .why_then = static_cast<due_reason>(rows.integer(3)),
              .asked = time_in(rows, 4),
              .run = rows.integer(5),
              .every = duration_in<std::chrono::milliseconds>(rows, 6)});
}

bool feed_table::empty() { return db_.single_integer("SELECT count(*) FROM (SELECT 1 FROM feeds LIMIT 1)") == 0; }

void feed_table::save(const feed_state& feed)
{
    const auto due = feed.due ? std::optional<std::int64_t>(feed.due->time_since_epoch().count()) : std::nullopt;
    const std::string hours = bytes_of(feed.published.by_hour);
    save_.execute(feed.id, feed.title, feed.link, sqlite::blob{feed.known.etag}, sqlite::blob{feed.known.last_modified},
                  feed.known_from, sqlite::blob{feed.body_hash}, seconds_of(feed.whole), seconds_of(feed.asked),
                  seconds_of(feed.answered), feed.run, feed.failures, seconds_of(feed.failing_since),
                  static_cast<std::int64_t>(feed.wrong.kind), feed.wrong.detail, feed.problem_run, due,
                  static_cast<std::int64_t>(feed.why_then), feed.published.gap.count(),
                  seconds_of(feed.published.newest), sqlite::blob{hours}, feed.wishes.period.count(),
                  feed.wishes.skip_hours, feed.wishes.skip_days, feed.move.target, feed.move.seen,
                  seconds_of(feed.move.first));
}

void feed_table::configure(feed_id feed, const feed_settings& wanted)
{
    db_.prepare("UPDATE feeds SET every = ?2, least_wait = ?3, most_wait = ?4, user = ?5, password_from = ?6, "
                "proxy = ?7, user_agent = ?8, hosts_allowed = ?9 WHERE id = ?1")
        .execute(feed, count_of(wanted.every), count_of(wanted.least_wait), count_of(wanted.most_wait), wanted.user,
                 wanted.password_from, wanted.proxy, wanted.user_agent, wanted.hosts_allowed);
}

bool feed_table::any_configured()
{
    return db_.single_integer("SELECT EXISTS (SELECT 1 FROM feeds WHERE every IS NOT NULL OR least_wait IS NOT NULL OR "
                              "most_wait IS NOT NULL OR user <> '' OR password_from <> '' OR proxy <> '' OR "
                              "user_agent <> '' OR hosts_allowed <> '')") != 0;
}

bool feed_table::move(feed_state& feed, const std::string& target)
{
    db_.prepare("UPDATE OR IGNORE feeds SET url = ?2, former_url = ?3 WHERE id = ?1")
        .execute(feed.id, target, feed.url);
    if (db_.changes() == 0)
        return false;
    feed.former_url = std::exchange(feed.url, target);
    if (feed.known_from == target)
        feed.known_from.clear();
    feed.move = {};
    return true;
}

} // namespace rssmania
