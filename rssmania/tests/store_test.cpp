#include "store/store.hpp"

#include "announce/told.hpp"
#include "store/identity.hpp"
#include "store/store_lock.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time now = unix_time(1'700'000'000s);

class the_store : public ::testing::Test {
protected:
    void SetUp() override { feed_ = store_.subscribe("http://example.org/feed", now); }

    // A visit that read these articles.
    [[nodiscard]] visited read(std::vector<article> articles) const
    {
        return {.feed = feed_,
                .result = visit_result::read,
                .wrong = {},
                .facts = {.status = 200, .url = "http://example.org/feed", .fresh = {"\"tag\"", "yesterday"}},
                .body_hash = "hash",
                .content = {
                    .title = "Example", .link = "http://example.org/", .wishes = {}, .articles = std::move(articles)}};
    }
    [[nodiscard]] visited failed(const std::string& why) const
    {
        return {.feed = feed_, .wrong = {problem_kind::unreachable, why}, .facts = {}, .body_hash = {}, .content = {}};
    }
    [[nodiscard]] visited unchanged() const
    {
        return {
            .feed = feed_, .result = visit_result::unchanged, .wrong = {}, .facts = {}, .body_hash = {}, .content = {}};
    }

    // The events that the visit makes.
    std::vector<news> record(const visited& visit, run_id run = 1)
    {
        const event_id before = store_.last_event();
        store_.record({&visit, 1}, run, now);
        return store_.events_after(before, 1000);
    }
    [[nodiscard]] feed_state state() { return store_.find(feed_).value(); }

    testing::temporary_directory directory_;
    store store_{directory_.path()};
    feed_id feed_ = 0;
};

article with_id(const std::string& id)
{
    return {.id = id, .link = "http://example.org/" + id, .title = "Title " + id};
}

TEST_F(the_store, has_a_feed_once)
{
    EXPECT_EQ(store_.subscribe("http://example.org/feed", now), feed_);
    EXPECT_NE(store_.subscribe("http://example.org/other", now), feed_);
    EXPECT_EQ(store_.feeds().size(), 2U);
}

TEST_F(the_store, tells_of_every_article_at_the_first_visit)
{
    const auto events = record(read({with_id("1"), with_id("2")}));
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].what.link, "http://example.org/1");
    EXPECT_EQ(events[1].what.title, "Title 2");
    EXPECT_EQ(events[0].feed_title, "Example");
    EXPECT_EQ(events[0].group, events[0].id);
    EXPECT_EQ(events[1].group, events[0].id);
}

TEST_F(the_store, tells_of_an_article_once)
{
    record(read({with_id("1")}));
    const auto events = record(read({with_id("2"), with_id("1")}));
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].what.id, "2");
}

TEST_F(the_store, tells_nothing_twice_when_a_visit_is_recorded_twice)
{
    record(read({with_id("1")}));
    EXPECT_TRUE(record(read({with_id("1")})).empty());
    record(failed("refused"));
    EXPECT_TRUE(record(failed("refused")).empty());
}

TEST_F(the_store, takes_an_edited_article_as_the_same)
{
    record(read({with_id("1")}));
    article edited = with_id("1");
    edited.title = "A better title";
    edited.link = "http://example.org/elsewhere";
    edited.published = now - 24h;
    EXPECT_TRUE(record(read({edited})).empty());
    EXPECT_EQ(store_.events_after(0, 1).at(0).what.title, "A better title");
}

TEST_F(the_store, knows_articles_without_id_by_their_link)
{
    record(read({{.link = "http://example.org/1", .title = "a"}}));
    EXPECT_TRUE(record(read({{.link = "http://example.org/1", .title = "b"}})).empty());
    EXPECT_EQ(record(read({{.link = "http://example.org/2", .title = "a"}})).size(), 1U);
}

TEST_F(the_store, knows_articles_without_id_and_link_by_title_and_content)
{
    record(read({{.title = "a", .content = "text"}}));
    EXPECT_TRUE(record(read({{.title = "a", .content = "text", .published = now}})).empty());
    EXPECT_EQ(record(read({{.title = "a", .content = "another text"}})).size(), 1U);
}

TEST_F(the_store, tells_of_old_and_undated_articles_as_well)
{
    article old = with_id("old");
    old.published = unix_time(0s);
    EXPECT_EQ(record(read({old, with_id("undated")})).size(), 2U);
}

TEST_F(the_store, keeps_the_feeds_of_others_apart)
{
    record(read({with_id("1")}));
    visited other = read({with_id("1")});
    other.feed = store_.subscribe("http://other.org/", now);
    EXPECT_EQ(record(other).size(), 1U);
}

TEST_F(the_store, keeps_validators_byte_for_byte)
{
    visited visit = read({});
    visit.facts.fresh = {"W/\"\xe9 tag\"", "Thu, 01 Jan 1970 00:00:00 GMT"};
    record(visit);
    EXPECT_EQ(state().known, visit.facts.fresh);
}

TEST_F(the_store, forgets_validators_that_a_new_body_comes_without)
{
    record(read({}));
    visited bare = read({});
    bare.facts.fresh = {};
    record(bare);
    EXPECT_EQ(state().known, validators{});
}

TEST_F(the_store, keeps_validators_through_errors_and_unchanged_answers)
{
    record(read({}));
    record(failed("refused"));
    record(unchanged());
    EXPECT_EQ(state().known, (validators{"\"tag\"", "yesterday"}));
    EXPECT_EQ(state().body_hash, "hash");
}

TEST_F(the_store, renews_a_validator_that_an_unchanged_answer_brings)
{
    record(read({}));
    visited visit = unchanged();
    visit.facts.fresh.etag = "\"new\"";
    record(visit);
    EXPECT_EQ(state().known, (validators{"\"new\"", "yesterday"}));
}

TEST_F(the_store, takes_the_validators_of_a_whole_answer_even_if_its_body_is_known)
{
    record(read({}));
    visited visit = unchanged();
    visit.result = visit_result::same_body;
    visit.facts.fresh = {"", "today"};
    record(visit);
    EXPECT_EQ(state().known, (validators{"", "today"}));
    EXPECT_EQ(state().body_hash, "hash");
}

TEST_F(the_store, knows_who_gave_the_validators)
{
    visited visit = read({});
    visit.facts.url = "http://cdn.example.net/feed";
    record(visit);
    EXPECT_EQ(request_for(state()).known_from, "http://cdn.example.net/feed");
    record(read({}));
    EXPECT_EQ(request_for(state()).known_from, "");
}

TEST_F(the_store, says_when_a_feed_is_due_again_and_remembers_it)
{
    const visited visit = read({});
    const auto outcomes = store_.record({&visit, 1}, 1, now, {.every = 5min, .jitter = 0});
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].feed, feed_);
    EXPECT_GE(outcomes[0].due, now + 5min);
    EXPECT_LE(outcomes[0].due, now + 6min); // off the full minute
    EXPECT_EQ(state().due, outcomes[0].due);
    EXPECT_EQ(state().why_then, due_reason::set_interval);
}

TEST_F(the_store, finds_the_rhythm_of_a_feed_in_its_articles)
{
    std::vector<article> articles;
    for (int i = 0; i < 30; ++i) {
        articles.push_back(with_id(std::to_string(i)));
        articles.back().published = now - i * 24h;
    }
    record(read(articles));
    EXPECT_NEAR(static_cast<double>(state().published.gap.count()), 86400, 20000);
    EXPECT_EQ(state().published.newest, std::chrono::floor<std::chrono::minutes>(now));
    EXPECT_EQ(state().why_then, due_reason::rhythm);
    const rhythm before = state().published;
    record(unchanged());
    EXPECT_EQ(state().published, before);
}

TEST_F(the_store, keeps_what_the_publisher_wishes)
{
    visited visit = read({});
    visit.content.wishes = {.period = 3h, .skip_hours = 1U << 20U, .skip_days = 1};
    record(visit);
    record(unchanged());
    EXPECT_EQ(state().wishes, visit.content.wishes);
    EXPECT_EQ(state().why_then, due_reason::publisher);
}

TEST_F(the_store, leaves_a_whole_site_alone_that_asks_for_it)
{
    visited busy = failed("");
    busy.wrong = {problem_kind::http_status, "429"};
    busy.facts.status = 429;
    for (const std::chrono::minutes wait : {15min, 30min}) {
        const auto outcomes = store_.record({&busy, 1}, 1, now, {.jitter = 0});
        EXPECT_EQ(outcomes.at(0).site_free_at, now + wait);
        EXPECT_EQ(store_.site_free_at("https://other.example.org/"), now + wait);
    }
    EXPECT_EQ(store(directory_.path()).site_free_at("https://other.example.org/"), now + 30min);
    record(unchanged());
    EXPECT_EQ(store_.site_free_at("https://other.example.org/"), std::nullopt);
    EXPECT_EQ(store(directory_.path()).site_free_at("https://other.example.org/"), std::nullopt);
}

class a_moved_feed : public the_store {
protected:
    // Three visits over two days, all led to `target` for good.
    void is_led_to(const std::string& target)
    {
        visited visit = unchanged();
        visit.facts = {.status = 304, .url = target, .moved_to = target, .fresh = {}, .wishes = {}};
        for (int day = 0; day <= 2; ++day) {
            const event_id before = store_.last_event();
            store_.record({&visit, 1}, 1, now + day * 24h);
            events_ = store_.events_after(before, 10);
        }
    }

    std::vector<news> events_; // of the last visit
};

TEST_F(a_moved_feed, gets_its_new_address_when_it_is_believed)
{
    record(read({with_id("1")}));
    is_led_to("https://new.example.org/feed");
    EXPECT_EQ(state().url, "https://new.example.org/feed");
    EXPECT_EQ(state().former_url, "http://example.org/feed");
    EXPECT_EQ(state().move, move_sightings());
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_EQ(events_[0].kind, news_kind::moved);
    EXPECT_EQ(events_[0].feed_url, "https://new.example.org/feed");
    EXPECT_TRUE(record(read({with_id("1")})).empty()); // nothing is told twice for it
}

TEST_F(a_moved_feed, keeps_what_its_new_address_gave)
{
    visited visit = read({});
    visit.facts.url = "https://new.example.org/feed";
    record(visit);
    is_led_to("https://new.example.org/feed");
    EXPECT_EQ(request_for(state()).known.etag, "\"tag\"");
    EXPECT_EQ(request_for(state()).known_from, "");
}

TEST_F(a_moved_feed, stays_where_it_is_if_another_is_there)
{
    (void)store_.subscribe("https://new.example.org/feed", now);
    is_led_to("https://new.example.org/feed");
    EXPECT_EQ(state().url, "http://example.org/feed");
    EXPECT_TRUE(events_.empty());
}

TEST_F(a_moved_feed, is_known_by_its_former_address_too)
{
    is_led_to("https://new.example.org/feed");
    EXPECT_EQ(store_.subscribe("http://example.org/feed", now), feed_);
    EXPECT_EQ(store_.feeds().size(), 1U);
}

TEST_F(the_store, counts_failures_until_an_answer)
{
    record(failed("a"));
    record(failed("b"));
    EXPECT_EQ(state().failures, 2);
    record(unchanged());
    EXPECT_EQ(state().failures, 0);
}

TEST_F(the_store, tells_of_a_problem_when_it_comes_and_when_it_goes)
{
    auto events = record(failed("refused"));
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, news_kind::problem);
    EXPECT_EQ(events[0].wrong, (problem{problem_kind::unreachable, "refused"}));
    EXPECT_TRUE(record(failed("refused")).empty());
    EXPECT_EQ(record(failed("no route")).size(), 1U);
    events = record(read({}));
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, news_kind::recovered);
    EXPECT_TRUE(record(read({})).empty());
}

TEST_F(the_store, tells_of_a_lasting_problem_once_in_each_run)
{
    EXPECT_EQ(record(failed("refused"), 1).size(), 1U);
    EXPECT_EQ(record(failed("refused"), 2).size(), 1U);
    EXPECT_TRUE(record(failed("refused"), 2).empty());
}

TEST_F(the_store, takes_an_unchanged_document_as_damaged_as_it_was)
{
    visited damaged = read({});
    damaged.wrong = {problem_kind::damaged, "a tag"};
    EXPECT_EQ(record(damaged).size(), 1U);
    EXPECT_TRUE(record(unchanged()).empty());
    EXPECT_EQ(state().wrong, damaged.wrong);
}

TEST_F(the_store, has_no_news_of_a_feed_that_changes_all_its_ids)
{
    record(read({with_id("1"), with_id("2"), with_id("3")}));
    std::vector<article> renamed{with_id("3"), with_id("2"), with_id("1")};
    for (article& each : renamed)
        each.id = "urn:new:" + each.id;
    EXPECT_EQ(record(read(renamed)).size(), 0U);
    renamed.insert(renamed.begin(), with_id("4"));
    renamed.front().id = "urn:new:4";
    EXPECT_EQ(record(read(renamed)).size(), 1U); // and has news again by the new ones
}

TEST_F(the_store, has_news_of_articles_that_share_link_and_title_as_long_as_some_ids_stay)
{
    const auto daily = [](const std::string& id) { return article{.id = id, .link = "http://a/", .title = "Today"}; };
    record(read({daily("2"), daily("1")}));
    EXPECT_EQ(record(read({daily("3"), daily("2")})).size(), 1U);
}

TEST_F(the_store, believes_no_date_that_is_still_to_come_or_older_than_time)
{
    article future = with_id("1");
    future.published = now + 24h * 365 * 100;
    article ancient = with_id("2");
    ancient.published = unix_time(-5s);
    const auto events = record(read({future, ancient}));
    EXPECT_EQ(events.at(0).what.published, now);
    EXPECT_EQ(events.at(1).what.published, std::nullopt);
}

TEST_F(the_store, keeps_how_the_user_wants_a_feed_to_be_asked)
{
    const feed_settings wanted{.every = 90s,
                               .least_wait = 600s,
                               .most_wait = 7200s,
                               .user = "ann",
                               .password_from = "env:HIVE",
                               .proxy = "http://proxy.example:3128",
                               .user_agent = "Own/1",
                               .hosts_allowed = "nas.local:8080 printer"};
    EXPECT_EQ(state().wanted, feed_settings());
    store_.configure(feed_, wanted);
    record(read({with_id("1")})); // a visit leaves it alone
    EXPECT_EQ(state().wanted, wanted);
}

TEST_F(the_store, counts_nothing_against_a_feed_while_there_is_no_network_here)
{
    record(read({with_id("1")}));
    const visited offline{.feed = feed_, .wrong = {problem_kind::offline, {}}};
    EXPECT_EQ(record(offline).size(), 1U); // it is told once
    EXPECT_EQ(record(offline).size(), 0U);
    EXPECT_EQ(state().failures, 0);
    EXPECT_FALSE(state().wrong);
    EXPECT_EQ(state().known.etag, "\"tag\"");
    EXPECT_EQ(state().why_then, due_reason::offline);
    EXPECT_LT(state().due.value(), now + 2min);
}

TEST_F(the_store, forgets_validators_when_its_user_asks_otherwise)
{
    record(read({with_id("1")}));
    store_.configure(feed_, {.every = 90s});
    EXPECT_EQ(state().known.etag, "\"tag\"");
    store_.configure(feed_, {.every = 90s, .user = "ann"});
    EXPECT_TRUE(state().known.empty());
}

TEST_F(the_store, asks_a_locked_feed_again_when_its_user_has_acted)
{
    record({.feed = feed_, .wrong = {problem_kind::http_status, "401"}, .facts = {.status = 401}});
    EXPECT_EQ(state().due, std::nullopt);
    store_.configure(feed_, {.user = "ann"});
    EXPECT_EQ(state().due, due_time());
}

TEST_F(the_store, takes_a_part_of_a_feed_for_no_whole_one)
{
    record(read({with_id("1")}));
    visited part = read({with_id("2")});
    part.facts.status = 226;
    part.body_hash.clear();
    store_.record({&part, 1}, 1, now + 1h);
    EXPECT_EQ(state().whole, now);
    EXPECT_EQ(state().body_hash, "");
    EXPECT_EQ(store_.last_event(), 2);
}

TEST_F(the_store, remembers_all_of_it_the_next_time)
{
    record(read({with_id("1")}), 7);
    store again(directory_.path(), sqlite::access::read_only);
    const feed_state found = again.find(feed_).value();
    EXPECT_EQ(found.url, "http://example.org/feed");
    EXPECT_EQ(found.title, "Example");
    EXPECT_EQ(found.run, 7);
    EXPECT_EQ(found.asked, now);
    EXPECT_EQ(again.events_after(0, 10).size(), 1U);
    EXPECT_EQ(again.last_event(), 1);
}

TEST_F(the_store, is_readable_by_its_user_alone)
{
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
        EXPECT_EQ(entry.status().permissions(),
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
            << entry.path();
}

TEST_F(the_store, leaves_a_visit_to_a_removed_feed_aside)
{
    visited visit = read({with_id("1")});
    visit.feed = 999;
    EXPECT_TRUE(record(visit).empty());
}

TEST_F(the_store, refuses_a_database_of_a_later_version)
{
    sqlite::database(directory_.path() / "rssmania.db", sqlite::access::read_write).execute("PRAGMA user_version = 99");
    EXPECT_THROW(store{directory_.path()}, sqlite::error);
}

TEST(a_closed_store, can_be_read)
{
    const testing::temporary_directory directory;
    (void)store(directory.path()).subscribe("http://example.org/", now);
    EXPECT_EQ(store(directory.path(), sqlite::access::read_only).feeds().size(), 1U);
}

TEST(a_foreign_database, is_left_alone)
{
    const testing::temporary_directory directory;
    sqlite::database(directory.path() / "rssmania.db", sqlite::access::read_write).execute("CREATE TABLE t (x)");
    EXPECT_THROW(store{directory.path()}, sqlite::error);
}

TEST(a_store_lock, is_held_by_one_at_a_time)
{
    const testing::temporary_directory directory;
    {
        const auto first = store_lock::try_take(directory.path());
        EXPECT_TRUE(first.has_value());
        EXPECT_FALSE(store_lock::try_take(directory.path()).has_value());
    }
    EXPECT_TRUE(store_lock::try_take(directory.path()).has_value());
}

TEST(an_identity, tells_ids_links_and_texts_apart)
{
    const std::set<std::string> identities{identity_of({.id = "x"}), identity_of({.link = "x"}),
                                           identity_of({.title = "x"}), identity_of({.content = "x"})};
    EXPECT_EQ(identities.size(), 4U);
    EXPECT_EQ(identity_of({.id = "x", .link = "a"}), identity_of({.id = "x", .link = "b"}));
}

// The database as version 1 left it: what is on people's disks.
constexpr const char* version_1 = R"(
    CREATE TABLE feeds (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT NOT NULL DEFAULT '',
        link TEXT NOT NULL DEFAULT '', etag BLOB NOT NULL DEFAULT x'', last_modified BLOB NOT NULL DEFAULT x'',
        body_hash BLOB NOT NULL DEFAULT x'', added INTEGER NOT NULL, asked INTEGER, answered INTEGER,
        run INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, problem INTEGER NOT NULL DEFAULT 0,
        detail TEXT NOT NULL DEFAULT '', problem_run INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE articles (id INTEGER PRIMARY KEY, feed INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
        identity BLOB NOT NULL, digest BLOB NOT NULL, guid TEXT NOT NULL, link TEXT NOT NULL, title TEXT NOT NULL,
        author TEXT NOT NULL, content TEXT NOT NULL, published INTEGER, updated INTEGER, seen INTEGER NOT NULL,
        UNIQUE (feed, identity));
    CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, visit INTEGER NOT NULL, kind INTEGER NOT NULL,
        feed INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
        article INTEGER REFERENCES articles (id) ON DELETE CASCADE, problem INTEGER NOT NULL DEFAULT 0,
        detail TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL);
    CREATE INDEX events_article ON events (article);
    CREATE INDEX events_feed ON events (feed);
    INSERT INTO feeds (url, title, etag, added, failures) VALUES ('http://example.org/feed', 'Old', x'2261', 1, 2);
    INSERT INTO events (visit, kind, feed, at) VALUES (1, 2, 1, 1);
    PRAGMA application_id = 1383297841;
    PRAGMA user_version = 1;
)";

TEST(an_old_store, of_version_1_is_upgraded_with_all_that_it_knew)
{
    const testing::temporary_directory directory;
    sqlite::database(directory.path() / store::file_name, sqlite::access::read_write).execute(version_1);
    store upgraded(directory.path());
    const auto feeds = upgraded.feeds();
    ASSERT_EQ(feeds.size(), 1U);
    EXPECT_EQ(feeds[0].title, "Old");
    EXPECT_EQ(feeds[0].known.etag, "\"a");
    EXPECT_EQ(feeds[0].failures, 2);
    EXPECT_EQ(feeds[0].due, due_time()); // at once
    EXPECT_EQ(feeds[0].why_then, due_reason::first_visit);
    EXPECT_EQ(upgraded.last_event(), 1);
}

} // namespace
} // namespace rssmania
