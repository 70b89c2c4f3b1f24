// What the user wants to be told and kept: first visits, rules, folding, updates, retention, backups.
#include "announce/told.hpp"
#include "store/archive.hpp"
#include "store/backup.hpp"
#include "store/store.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time now = unix_time(1'700'000'000s);

class a_news_desk : public ::testing::Test {
protected:
    // A visit to `feed` at `when` that read a document with articles of these numbers, the first of them first.
    std::vector<news> visit(feed_id feed, const std::vector<int>& numbers, unix_time when = now,
                            const std::string& words = {})
    {
        visited result{.feed = feed, .result = visit_result::read};
        result.facts.status = 200;
        result.content.title = "Feed " + std::to_string(feed);
        for (const int number : numbers)
            result.content.articles.push_back({.id = std::to_string(number),
                                               .link = "http://example.org/" + std::to_string(number),
                                               .title = "Story " + std::to_string(number) + words,
                                               .content = "<p>text</p>",
                                               .published = unix_time(1'600'000'000s) + number * 1h});
        const event_id before = store_.last_event();
        store_.record({&result, 1}, 1, when);
        return store_.events_after(before, 1000);
    }
    [[nodiscard]] static std::vector<std::string> titles(const std::vector<news>& events)
    {
        std::vector<std::string> all;
        for (const news& each : events)
            all.push_back(each.what.title);
        return all;
    }
    [[nodiscard]] std::vector<archived_article> kept(const article_filter& which = {.most = -1})
    {
        std::vector<archived_article> all;
        archive(directory_.path()).find(which, [&](const archived_article& each) { all.push_back(each); });
        return all;
    }
    void tidy(unix_time when)
    {
        while (store_.let_go_some(store_.last_event(), when))
            continue;
    }

    testing::temporary_directory directory_;
    store store_{directory_.path()};
    feed_id feed_ = store_.subscribe("http://example.org/feed", now);
    feed_id other_ = store_.subscribe("http://example.org/other", now);
};

TEST_F(a_news_desk, tells_the_latest_few_of_a_new_feed_and_keeps_all)
{
    store_.follow({.first_visit = 2});
    EXPECT_EQ(titles(visit(feed_, {1, 4, 2, 3})), (std::vector<std::string>{"Story 4", "Story 3"}));
    EXPECT_EQ(kept().size(), 4U);
    EXPECT_EQ(visit(feed_, {1, 4, 2, 3}).size(), 0U);
    EXPECT_EQ(visit(feed_, {7, 6, 5}).size(), 3U); // no first visit any more
}

TEST_F(a_news_desk, takes_the_order_of_the_feed_where_dates_are_missing)
{
    store_.follow({.first_visit = 1});
    visited result{.feed = feed_, .result = visit_result::read};
    result.content.articles = {{.id = "a", .title = "a"}, {.id = "b", .title = "b", .published = now}};
    store_.record({&result, 1}, 1, now);
    EXPECT_EQ(titles(store_.events_after(0, 10)), std::vector<std::string>{"a"});
}

TEST_F(a_news_desk, has_another_number_for_a_feed_of_its_own)
{
    store_.follow({.first_visit = 2, .feeds = {{other_, {.first_visit = 0, .keep = {}}}}});
    EXPECT_EQ(visit(feed_, {1, 2, 3}).size(), 2U);
    EXPECT_EQ(visit(other_, {1, 2, 3}).size(), 0U);
    EXPECT_EQ(visit(other_, {4}).size(), 1U);
}

TEST_F(a_news_desk, does_what_rules_say)
{
    store_.follow({.rules = {{.match = "title = \"story 1\"", .drop = true},
                             {.match = "title = \"story 2\"", .star = true, .tags = {"b", "a"}},
                             {.match = "title = \"story 3\"", .read = true}}});
    const auto events = visit(feed_, {1, 2, 3});
    EXPECT_EQ(titles(events), (std::vector<std::string>{"Story 2", "Story 3"}));
    EXPECT_EQ(events[0].tags, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(events[0].starred);
    EXPECT_TRUE(events[1].read);
    EXPECT_EQ(visit(feed_, {1, 2, 3}).size(), 0U); // what was dropped is known
    EXPECT_EQ(kept({.unread = true, .most = -1}).size(), 1U);
    EXPECT_EQ(kept({.match = article_match("tag = a"), .most = -1}).size(), 1U);
}

TEST_F(a_news_desk, knows_a_feed_by_its_title_at_the_first_visit_already)
{
    store_.follow({.rules = {{.feed = "Feed " + std::to_string(feed_), .drop = true}}});
    EXPECT_EQ(visit(feed_, {1, 2}).size(), 0U);
    EXPECT_EQ(visit(other_, {3}).size(), 1U);
}

TEST_F(a_news_desk, folds_what_another_feed_had_already)
{
    store_.follow({.fold = true});
    EXPECT_EQ(visit(feed_, {1, 2}).size(), 2U);
    EXPECT_EQ(titles(visit(other_, {2, 3})), std::vector<std::string>{"Story 3"});
    EXPECT_EQ(kept().size(), 4U);
}

TEST_F(a_news_desk, tells_of_changes_only_if_asked_to)
{
    visit(feed_, {1, 2});
    EXPECT_EQ(visit(feed_, {1}, now, " mended").size(), 0U);
    store_.follow({.updates = true});
    const auto events = visit(feed_, {1}, now, " mended again");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, news_kind::updated);
    EXPECT_EQ(events[0].what.title, "Story 1 mended again");
    EXPECT_EQ(visit(feed_, {1}, now, " mended again").size(), 0U);
}

TEST_F(a_news_desk, lets_the_oldest_of_a_feed_go)
{
    store_.follow({.keep = {.articles = 3}});
    visit(feed_, {1, 2, 3});
    store_.note_told(store_.last_event());
    visit(feed_, {4, 5});
    EXPECT_EQ(kept().size(), 3U);
    EXPECT_EQ(kept().front().what.title, "Story 5");
    visit(other_, {1, 2, 3});
    EXPECT_EQ(kept().size(), 6U);
}

TEST_F(a_news_desk, lets_go_what_is_too_old)
{
    visit(feed_, {1, 2});
    visit(feed_, {3}, now + 72h);
    store_.follow({.keep = {.time = 48h}});
    tidy(now + 73h);
    ASSERT_EQ(kept().size(), 1U);
    EXPECT_EQ(kept().front().what.title, "Story 3");
}

TEST_F(a_news_desk, keeps_longer_what_a_feed_of_its_own_should)
{
    store_.follow({.keep = {.time = 1h}, .feeds = {{other_, {.first_visit = {}, .keep = {.time = 1000h}}}}});
    visit(feed_, {1});
    visit(other_, {2});
    tidy(now + 100h);
    ASSERT_EQ(kept().size(), 1U);
    EXPECT_EQ(kept().front().feed, other_);
    tidy(now + 2000h);
    EXPECT_EQ(kept().size(), 0U);
}

TEST_F(a_news_desk, never_lets_go_of_stars_nor_of_what_was_not_told)
{
    store_.follow({.rules = {{.match = "title = \"story 1\"", .star = true}}, .keep = {.time = 1h}});
    visit(feed_, {1, 2});
    const event_id told = store_.last_event();
    visit(feed_, {3});
    while (store_.let_go_some(told, now + 100h))
        continue;
    std::vector<std::string> left;
    for (const archived_article& each : kept())
        left.push_back(each.what.title);
    EXPECT_EQ(left, (std::vector<std::string>{"Story 3", "Story 1"}));
}

TEST_F(a_news_desk, makes_no_news_of_what_it_let_go_and_the_feed_still_has)
{
    store_.follow({.keep = {.time = 1h}});
    visit(feed_, {1, 2});
    tidy(now + 100h);
    EXPECT_EQ(kept().size(), 0U);
    EXPECT_EQ(visit(feed_, {1, 2}, now + 100h).size(), 0U);
    EXPECT_EQ(visit(feed_, {1, 2}, now + 10'000h, " mended").size(), 0U);
}

TEST_F(a_news_desk, forgets_what_it_let_go_once_the_feed_has_it_no_more)
{
    store_.follow({.keep = {.time = 1h}});
    visit(feed_, {1, 2});
    tidy(now + 100h);
    visit(feed_, {2}, now + 100h + 31 * 24h);
    EXPECT_EQ(titles(visit(feed_, {1, 2}, now + 101h + 31 * 24h)), std::vector<std::string>{"Story 1"});
}

TEST_F(a_news_desk, keeps_the_store_below_the_size_it_may_have)
{
    const std::string words(10'000, 'x');
    for (int i = 0; i < 10; ++i) {
        std::vector<int> numbers(50);
        for (int j = 0; j < 50; ++j)
            numbers[static_cast<std::size_t>(j)] = i * 50 + j;
        visit(feed_, numbers, now + i * 1h, words);
        while (store_.index_some())
            continue;
    }
    const std::size_t before = kept().size();
    store_.follow({.size = 8'000'000});
    tidy(now + 24h);
    const std::size_t after = kept().size();
    EXPECT_EQ(before, 500U);
    EXPECT_LT(after, 300U);
    EXPECT_GT(after, 50U);
    EXPECT_TRUE(damages_of(directory_.path() / store::file_name, sqlite::access::read_write).empty());
}

TEST_F(a_news_desk, finds_nothing_by_words_that_are_gone)
{
    visit(feed_, {1});
    while (store_.index_some())
        continue;
    EXPECT_EQ(kept({.search = "story", .most = -1}).size(), 1U);
    store_.follow({.keep = {.time = 1h}});
    tidy(now + 100h);
    EXPECT_EQ(kept({.search = "story", .most = -1}).size(), 0U);
}

TEST_F(a_news_desk, folds_into_a_backup_what_was_told)
{
    visit(feed_, {1, 2});
    told_position(directory_.path()).note(1);
    const auto copy = directory_.path() / "copy.db";
    back_up(directory_.path(), copy);
    EXPECT_THROW(back_up(directory_.path(), copy), std::runtime_error);

    const testing::temporary_directory elsewhere;
    restore(copy, elsewhere.path());
    store again(elsewhere.path());
    EXPECT_EQ(titles(again.events_after(told_position::read(elsewhere.path()), 10)),
              std::vector<std::string>{"Story 2"});
    EXPECT_EQ(again.last_event(), store_.last_event());
    EXPECT_EQ(again.feeds().size(), 2U);
}

TEST_F(a_news_desk, restores_nothing_that_is_damaged_or_foreign)
{
    const testing::temporary_directory elsewhere;
    const auto junk = elsewhere.path() / "junk";
    std::ofstream(junk) << std::string(10'000, 'j');
    EXPECT_THROW(restore(junk, directory_.path()), std::exception);
    const auto foreign = elsewhere.path() / "foreign.db";
    sqlite::database(foreign, sqlite::access::read_write).execute("CREATE TABLE a (b)");
    EXPECT_THROW(restore(foreign, directory_.path()), std::exception);
    EXPECT_EQ(store(directory_.path(), sqlite::access::read_only).feeds().size(), 2U);
}

} // namespace
} // namespace rssmania
