#include "store/archive.hpp"

#include "store/store.hpp"
#include "store/word_index.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <array>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time now = unix_time(1'700'000'000s);

class the_archive : public ::testing::Test {
protected:
    void SetUp() override
    {
        add("http://bees.example/", now - 2h,
            {{.id = "1", .title = "The waggle dance", .content = "<p>Bees <b>dance</b>.</p>"},
             {.id = "2", .title = "Wasps", .author = "Élodie", .content = "No bees."}});
        add("http://ants.example/", now - 1h, {{.id = "1", .title = "Ants", .content = "Ants don't dance."}});
        while (store_.index_some())
            continue;
    }

    void add(const std::string& url, unix_time when, std::vector<article> articles)
    {
        visited visit{.feed = store_.subscribe(url, now), .result = visit_result::read};
        visit.content.articles = std::move(articles);
        store_.record({&visit, 1}, 1, when);
    }

    [[nodiscard]] std::vector<std::string> titles(const article_filter& which)
    {
        std::vector<std::string> found;
        archive_.find(which, [&](const archived_article& each) { found.push_back(each.what.title); });
        return found;
    }
    using names = std::vector<std::string>;

    testing::temporary_directory directory_;
    store store_{directory_.path()};
    archive archive_{directory_.path(), sqlite::access::read_write};
};

TEST_F(the_archive, gives_the_newest_first)
{
    EXPECT_EQ(titles({}), (names{"Ants", "Wasps", "The waggle dance"}));
    EXPECT_EQ(titles({.most = 1}), (names{"Ants"}));
}

TEST_F(the_archive, finds_by_words_the_best_first)
{
    EXPECT_EQ(titles({.search = "dance"}), (names{"The waggle dance", "Ants"}));
    EXPECT_EQ(titles({.search = "dance bees"}), (names{"The waggle dance"}));
    EXPECT_EQ(titles({.search = "dance -ants"}), (names{"The waggle dance"}));
    EXPECT_EQ(titles({.search = "\"no bees\""}), (names{"Wasps"}));
    EXPECT_EQ(titles({.search = "wag*"}), (names{"The waggle dance"}));
    EXPECT_EQ(titles({.search = "elodie"}), (names{"Wasps"})); // accents don't matter
    EXPECT_EQ(titles({.search = "b"}), names{});               // markup is no text
}

TEST_F(the_archive, shows_where_the_words_are)
{
    archive_.find({.search = "waggle"},
                  [](const archived_article& each) { EXPECT_EQ(each.excerpt, "The \x02waggle\x03 dance"); });
}

TEST_F(the_archive, takes_whatever_is_typed_as_words)
{
    for (const char* typed :
         {"\"", "AND", "dance AND", "(", "title:dance", "*", "-", "\"\"", "NEAR(a b)", "^dance", "a'b"})
        EXPECT_NO_THROW((void)titles({.search = typed})) << typed;
}

TEST_F(the_archive, knows_feeds_folders_and_times)
{
    const feed_id ants = store_.subscribe("http://ants.example/", now);
    EXPECT_EQ(titles({.feeds = {ants}}), (names{"Ants"}));
    EXPECT_EQ(titles({.since = now - 90min}), (names{"Ants"}));
    EXPECT_EQ(titles({.before = now - 90min}), (names{"Wasps", "The waggle dance"}));
    store_.put_in_folder(ants, "insects/small");
    EXPECT_EQ(titles({.folder = "insects"}), (names{"Ants"}));
    EXPECT_EQ(titles({.folder = "insects/small"}), (names{"Ants"}));
    EXPECT_EQ(titles({.folder = "insec"}), names{});
}

TEST_F(the_archive, remembers_what_was_read_and_starred)
{
    EXPECT_EQ(archive_.mark(std::array<std::int64_t, 2>{1, 99}, article_mark::read, now), 1);
    EXPECT_EQ(titles({.unread = true}), (names{"Ants", "Wasps"}));
    EXPECT_EQ(archive_.mark({.search = "dance", .most = -1}, article_mark::starred, now), 2);
    EXPECT_EQ(titles({.starred = true}), (names{"Ants", "The waggle dance"}));
    EXPECT_EQ(archive_.mark({.most = -1}, article_mark::unread, now), 3);
    EXPECT_EQ(archive_.count().unread, 3);
}

TEST_F(the_archive, finds_an_edited_article_by_its_new_words_only)
{
    add("http://ants.example/", now, {{.id = "1", .title = "Ants", .content = "Ants march."}});
    EXPECT_EQ(titles({.search = "march"}), (names{"Ants"}));
    EXPECT_EQ(titles({.search = "dance"}), (names{"The waggle dance"}));
}

TEST_F(the_archive, finds_what_came_later_once_it_is_indexed)
{
    add("http://ants.example/", now, {{.id = "2", .title = "Termites"}});
    EXPECT_EQ(titles({.search = "termites"}), names{});
    EXPECT_FALSE(store_.index_some());
    EXPECT_EQ(titles({.search = "termites"}), (names{"Termites"}));
    EXPECT_FALSE(store(directory_.path()).index_some()); // and doesn't begin anew
}

TEST(a_search, is_all_words_in_quotes)
{
    EXPECT_EQ(search_expression("a b"), "\"a\" AND \"b\"");
    EXPECT_EQ(search_expression("a -b -\"c d\""), "(\"a\") NOT (\"b\" OR \"c d\")");
    EXPECT_EQ(search_expression("say\"so"), "\"say\"\"so\"");
    EXPECT_EQ(search_expression("-b"), "");
    EXPECT_EQ(search_expression(" * "), "");
}

} // namespace
} // namespace rssmania
