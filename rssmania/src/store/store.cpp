#include "store/store.hpp"

#include "net/site.hpp"
#include "store/columns.hpp"
#include "store/identity.hpp"
#include "store/schema.hpp"

#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

namespace rssmania {
namespace {

// The rhythm of a feed shows in its last articles.
constexpr std::int64_t articles_for_a_rhythm = 50;

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

} // namespace

store::store(const std::filesystem::path& directory, sqlite::access how) :
    db_(open(directory, how)), feeds_(db_), sites_(db_), words_(db_), desk_(db_),
    insert_article_(db_.prepare("INSERT INTO articles (feed, identity, digest, guid, link, title, author, content, "
                                "published, updated, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                                "ON CONFLICT (feed, identity) DO NOTHING")),
    update_article_(db_.prepare("UPDATE articles SET digest = ?3, link = ?4, title = ?5, author = ?6, content = ?7, "
                                "updated = ?8 WHERE feed = ?1 AND identity = ?2 AND digest <> ?3 AND pruned IS NULL "
                                "RETURNING id")),
    find_identity_(db_.prepare("SELECT 1 FROM articles WHERE feed = ? AND identity = ?")),
    adopt_identity_(db_.prepare(
        "UPDATE OR IGNORE articles SET identity = ?2, guid = ?5 WHERE id = (SELECT id FROM "
        "articles WHERE feed = ?1 AND link = ?3 AND title = ?4 AND pruned IS NULL ORDER BY id DESC LIMIT 1)")),
    insert_event_(db_.prepare("INSERT INTO events (visit, kind, feed, article, problem, detail, at) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?)")),
    article_times_(db_.prepare("SELECT min(coalesce(published, seen), seen) FROM articles WHERE feed = ? "
                               "ORDER BY id DESC LIMIT ?"))
{}

feed_id store::subscribe(const std::string& url, unix_time now)
{
    sqlite::transaction change(db_);
    const feed_id feed = feeds_.add(url, now);
    change.commit();
    return feed;
}

std::vector<feed_id> store::subscribe(std::span<const std::string> urls, unix_time now)
{
    std::vector<feed_id> feeds;
    sqlite::transaction change(db_);
    for (const std::string& url : urls)
        feeds.push_back(feeds_.add(url, now));
    change.commit();
    return feeds;
}

std::vector<std::string> store::check()
{
    std::vector<std::string> complaints;
    auto query = db_.prepare("PRAGMA integrity_check");
    while (query.next()) {
        if (query.text(0) != "ok")
            complaints.push_back(query.text(0));
    }
    auto orphans = db_.prepare("PRAGMA foreign_key_check");
    while (orphans.next())
        complaints.push_back("a row of " + orphans.text(0) + " belongs to nothing");
    return complaints;
}

void store::back_up(const std::filesystem::path& file)
{
    if (std::filesystem::exists(file))
        throw sqlite::error("back up the store: " + file.string() + " is there already");
    make_private_file(file); // empty, which SQLite takes for a new one
    db_.prepare("VACUUM INTO ?").execute(file.string());
}

bool store::subscribe_as(const std::string& url, const std::string& title, const std::string& folder, unix_time now)
{
    sqlite::transaction change(db_);
    const std::int64_t before = db_.single_integer("SELECT count(*) FROM feeds");
    const feed_id feed = feeds_.add(url, now);
    const bool is_new = db_.single_integer("SELECT count(*) FROM feeds") > before;
    if (is_new) {
        rename(feed, title);
        put_in_folder(feed, folder);
    }
    change.commit();
    return is_new;
}

bool store::unsubscribe(feed_id feed)
{
    sqlite::transaction change(db_);
    db_.prepare("DELETE FROM words WHERE rowid IN (SELECT id FROM articles WHERE feed = ?)").execute(feed);
    db_.prepare("DELETE FROM feeds WHERE id = ?").execute(feed);
    const bool was_there = db_.changes() > 0;
    change.commit();
    return was_there;
}

void store::put_in_folder(feed_id feed, const std::string& folder)
{
    db_.prepare("UPDATE feeds SET folder = ?2 WHERE id = ?1").execute(feed, folder);
}

void store::rename(feed_id feed, const std::string& title)
{
    db_.prepare("UPDATE feeds SET own_title = ?2 WHERE id = ?1").execute(feed, title);
}

void store::configure(feed_id feed, const feed_settings& wanted)
{
    sqlite::transaction change(db_);
    std::optional<feed_state> known = find(feed);
    if (!known || known->wanted == wanted)
        return;
    feeds_.configure(feed, wanted);
    // Another user, another way, another name of ours may get another body: what was said of the old one is not sent.
    const feed_settings& old = known->wanted;
    if (old.user != wanted.user || old.proxy != wanted.proxy || old.user_agent != wanted.user_agent) {
        known->known = {};
        known->known_from.clear();
    }
    if (known->why_then == due_reason::locked)
        known->due = due_time(); // somebody has acted
    feeds_.save(*known);
    change.commit();
}

std::vector<feed_state> store::feeds() { return feeds_.after(0); }

std::vector<feed_state> store::feeds_after(feed_id last) { return feeds_.after(last); }

std::optional<feed_state> store::find(feed_id feed) { return feeds_.find(feed); }

std::optional<due_time> store::site_free_at(const std::string& url) const { return sites_.free_at(site_of(url)); }

std::vector<outcome> store::record(std::span<const visited> visits, run_id run, due_time now, const manners& how)
{
    std::vector<outcome> outcomes;
    sqlite::transaction change(db_);
    for (const visited& visit : visits) {
        if (auto result = record_one(visit, run, now, how))
            outcomes.push_back(*result);
    }
    change.commit();
    return outcomes;
}

std::optional<outcome> store::record_one(const visited& visit, run_id run, due_time now, const manners& how)
{
    std::optional<feed_state> feed = find(visit.feed);
    if (!feed)
        return std::nullopt; // removed while it was being asked
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    event_id first_event = 0;
    if (visit.result == visit_result::read && !feed->body_hash.empty())
        adopt_new_ids(visit);
    if (visit.result == visit_result::read)
        feed->title = visit.content.title; // rules know the feed by it, at its first visit too
    if (visit.result == visit_result::read && record_articles(*feed, visit, first_event, second))
        feed->published = rhythm_of_articles(feed->id, second);
    record_problem(*feed, visit, run, first_event, second);
    const bool moves = take_note(*feed, visit, second, run);
    const outcome result = plan_next(*feed, visit, now, how);
    if (moves && feeds_.move(*feed, feed->move.target))
        add_event(feed->id, news_kind::moved, std::nullopt, {}, first_event, second);
    feeds_.save(*feed);
    return result;
}

namespace {

// Those that the user has set for this feed go before those for all.
manners manners_for(const feed_state& feed, manners how)
{
    if (feed.wanted.every)
        how.every = feed.wanted.every;
    if (feed.wanted.least_wait)
        how.floor = how.cautious_floor = *feed.wanted.least_wait;
    if (feed.wanted.most_wait)
        how.cap = *feed.wanted.most_wait;
    return how;
}

} // namespace

outcome store::plan_next(feed_state& feed, const visited& visit, due_time now, const manners& how)
{
    const std::string site = site_of(feed.url);
    const visit_memory memory{.failures = feed.failures,
                              .failing_since = feed.failing_since,
                              .busy_answers = sites_.busy_answers(site) + 1,
                              .published = feed.published,
                              .wishes = feed.wishes};
    const planned_visit plan = next_visit(memory, visit, manners_for(feed, how), now, chance_);
    feed.due = plan.when;
    feed.why_then = plan.why;
    if (plan.site_free_at)
        sites_.note_busy(site, *plan.site_free_at);
    else if (visit.result != visit_result::failed)
        sites_.note_free(site);
    return {.feed = feed.id,
            .due = plan.when,
            .site_free_at = plan.site_free_at,
            .offline = visit.wrong.kind == problem_kind::offline};
}

rhythm store::rhythm_of_articles(feed_id feed, unix_time now)
{
    std::vector<unix_time> times;
    for (article_times_.run(feed, articles_for_a_rhythm); article_times_.next();)
        times.emplace_back(std::chrono::seconds(article_times_.integer(0)));
    return rhythm_of(times, now);
}

// A date before there were any, or one still to come, says nothing of when an article appeared: it must neither hide it
// nor keep it on top for ever.
std::optional<unix_time> store::believable(std::optional<unix_time> said, unix_time now)
{
    if (!said || *said < unix_time())
        return std::nullopt;
    return std::min(*said, now);
}

// A feed that gives all its articles new ids, as some do when their software changes, has no news by that. Its articles
// are then known by link and title, and get their new identities.
void store::adopt_new_ids(const visited& visit)
{
    constexpr std::size_t enough_to_be_sure = 2;
    const auto& articles = visit.content.articles;
    const auto is_known = [&](const article& each) {
        const bool known = find_identity_.run(visit.feed, sqlite::blob{identity_of(each)}).next();
        find_identity_.reset();
        return known;
    };
    if (articles.size() < enough_to_be_sure || std::any_of(articles.begin(), articles.end(), is_known))
        return;
    for (const article& each : articles) {
        if (!each.link.empty())
            adopt_identity_.execute(visit.feed, sqlite::blob{identity_of(each)}, each.link, each.title, each.id);
    }
}

// Whether there was anything new.
bool store::record_articles(const feed_state& feed, const visited& visit, event_id& first_event, unix_time now)
{
    bool any_new = false;
    const std::vector<article>& articles = visit.content.articles;
    const std::set<std::size_t> untold = desk_.left_untold(feed, articles);
    std::set<std::string> identities;
    for (std::size_t i = 0; i < articles.size(); ++i) {
        const article& each = articles[i];
        const std::string identity = identity_of(each);
        const std::string digest = digest_of(each);
        insert_article_.execute(visit.feed, sqlite::blob{identity}, sqlite::blob{digest}, each.id, each.link,
                                each.title, each.author, each.content, seconds_of(believable(each.published, now)),
                                seconds_of(believable(each.updated, now)), seconds_of(now));
        identities.insert(identity);
        if (db_.changes() == 1) {
            const std::int64_t row = db_.last_row();
            if (desk_.receive(row, feed, each, now) && !untold.contains(i))
                add_event(visit.feed, news_kind::article, row, {}, first_event, now);
            any_new = true;
            continue;
        }
        update_article_.run(visit.feed, sqlite::blob{identity}, sqlite::blob{digest}, each.link, each.title,
                            each.author, each.content, seconds_of(believable(each.updated, now)));
        if (update_article_.next()) {
            const std::int64_t row = update_article_.integer(0);
            words_.note_change(row, each);
            if (desk_.tells_updates())
                add_event(visit.feed, news_kind::updated, row, {}, first_event, now);
        }
        update_article_.reset();
    }
    if (any_new)
        desk_.let_go_of(feed.id, told_, now);
    if (visit.facts.status != 226) // which is a part of the feed
        desk_.forget_rows(feed.id, identities, now);
    return any_new;
}

void store::record_problem(feed_state& feed, const visited& visit, run_id run, event_id& first_event, unix_time now)
{
    // An unchanged document is as damaged as it was; every other trouble is over once the feed answers.
    if (visit.facts.status != 0)
        told_offline_ = false; // somebody answered
    const bool unchanged = visit.result == visit_result::unchanged || visit.result == visit_result::same_body;
    if (unchanged && feed.wrong.kind == problem_kind::damaged)
        return;
    if (!visit.wrong && !feed.wrong)
        return;
    if (visit.wrong.kind == problem_kind::offline) {
        if (!told_offline_)
            add_event(visit.feed, news_kind::problem, std::nullopt, visit.wrong, first_event, now);
        told_offline_ = true;
        return; // the feed fares as it did
    }
    if (visit.wrong && (!(visit.wrong == feed.wrong) || feed.problem_run != run))
        add_event(visit.feed, news_kind::problem, std::nullopt, visit.wrong, first_event, now);
    else if (!visit.wrong)
        add_event(visit.feed, news_kind::recovered, std::nullopt, {}, first_event, now);
    feed.wrong = visit.wrong;
    feed.problem_run = run;
}

void store::add_event(feed_id feed, news_kind kind, std::optional<std::int64_t> article, const problem& wrong,
                      event_id& first_event, unix_time now)
{
    if (first_event == 0)
        first_event = last_event() + 1; // AUTOINCREMENT: the next one is the last that ever was, plus one
    insert_event_.execute(first_event, static_cast<std::int64_t>(kind), feed, article,
                          static_cast<std::int64_t>(wrong.kind), wrong.detail, seconds_of(now));
}

bool store::index_some()
{
    constexpr int a_batch = 200; // some ten milliseconds, in which nobody else is served
    return words_.catch_up(a_batch) == a_batch;
}

std::vector<news> store::events_after(event_id last, std::int64_t most)
{
    auto query =
        db_.prepare("SELECT e.id, e.visit, e.kind, e.feed, f.url, iif(f.own_title = '', f.title, f.own_title), "
                    "f.folder, a.guid, a.link, a.title, a.author, a.published, a.updated, e.article, "
                    "a.read IS NOT NULL, a.starred IS NOT NULL, (SELECT group_concat(tag, char(10)) FROM tags "
                    "t WHERE t.article = e.article), e.problem, e.detail FROM events e JOIN feeds f "
                    "ON f.id = e.feed LEFT JOIN articles a ON a.id = e.article WHERE e.id > ? "
                    "ORDER BY e.id LIMIT ?");
    std::vector<news> events;
    for (query.run(last, most); query.next();) {
        events.push_back({.id = query.integer(0),
                          .group = query.integer(1),
                          .kind = static_cast<news_kind>(query.integer(2)),
                          .feed = query.integer(3),
                          .feed_url = query.text(4),
                          .feed_title = query.text(5),
                          .feed_folder = query.text(6),
                          .what = {.id = query.text(7),
                                   .link = query.text(8),
                                   .title = query.text(9),
                                   .author = query.text(10),
                                   .content = {},
                                   .published = time_in(query, 11),
                                   .updated = time_in(query, 12)},
                          .article_id = query.integer(13),
                          .read = query.integer(14) != 0,
                          .starred = query.integer(15) != 0,
                          .tags = lines_of(query.text(16)),
                          .wrong = {static_cast<problem_kind>(query.integer(17)), query.text(18)}});
    }
    return events;
}

event_id store::last_event()
{
    return db_.single_integer("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'");
}

} // namespace rssmania
