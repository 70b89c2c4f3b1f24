// The real program with its commands for feeds and articles, on a store of its own.
#include "watching.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace rssmania::testing {
namespace {

class a_library : public a_watcher {
protected:
    struct result {
        ending code = 0;
        std::string out;
        std::string err;
    };

    // Runs `rssmania COMMAND WORD…` on our store to its end.
    [[nodiscard]] result run(std::vector<std::string> words)
    {
        words.insert(words.begin() + 1, {"--store", store()});
        program running(words);
        const auto code = running.wait();
        return {code.value_or(-1000), running.out(), running.err()};
    }
    [[nodiscard]] std::string store() const { return (directory_.path() / "store").string(); }
    void add(const std::string& path) { EXPECT_EQ(run({"add", site_.address(path)}).code, 0); }
    void fetch() { EXPECT_EQ(run({"fetch", "--allow-local"}).code, 0); }
};

TEST_F(a_library, lists_the_feeds_that_were_added)
{
    const std::string hive = site_.address("/hive.rss");
    EXPECT_EQ(run({"add", hive, "--title", "My bees", "--folder", "insects"}).out, "1 feeds added, 0 were there\n");
    EXPECT_EQ(run({"add", hive}).out, "0 feeds added, 1 were there\n");
    EXPECT_EQ(run({"list"}).out, "1\t" + hive + "\tMy bees\tinsects\n");
    EXPECT_EQ(nlohmann::json::parse(run({"list", "--json"}).out).at("folder"), "insects");
}

TEST_F(a_library, forgets_a_feed_by_whatever_it_is_called)
{
    for (const std::string& word : {site_.address("/hive.rss"), std::string("1"), std::string("The Hive Gazette")}) {
        add("/hive.rss");
        fetch();
        const std::string number =
            std::to_string(nlohmann::json::parse(run({"list", "--json"}).out).at("id").get<int>());
        EXPECT_EQ(run({"remove", word == "1" ? number : word}).out, "The Hive Gazette and its articles are removed\n");
        EXPECT_EQ(run({"list"}).out, "");
        EXPECT_EQ(run({"articles"}).out, "");
    }
}

TEST_F(a_library, says_which_word_names_no_feed)
{
    add("/hive.rss");
    const result removed = run({"remove", "wasps"});
    EXPECT_EQ(removed.code, 1);
    EXPECT_EQ(removed.err, "rssmania: no feed is called wasps; \"rssmania list\" shows them all\n");
}

TEST_F(a_library, that_does_not_exist_is_said_so)
{
    const result none = run({"articles"});
    EXPECT_EQ(none.code, 1);
    EXPECT_NE(none.err.find("nothing was added or watched yet"), std::string::npos);
}

TEST_F(a_library, goes_out_as_opml_and_comes_in_again)
{
    (void)run({"add", site_.address("/hive.rss"), "--folder", "insects/bees"});
    const std::string file = (directory_.path() / "feeds.opml").string();
    EXPECT_EQ(run({"export", file}).code, 0);
    EXPECT_EQ(run({"remove", "1"}).code, 0);
    EXPECT_EQ(run({"import", file}).out, "1 feeds added, 0 were there, 0 refused\n");
    EXPECT_EQ(nlohmann::json::parse(run({"list", "--json"}).out).at("folder"), "insects/bees");
}

TEST_F(a_library, takes_in_the_good_lines_of_a_list_and_names_the_bad)
{
    const std::string file = (directory_.path() / "feeds.opml").string();
    std::ofstream(file)
        << R"(<opml><body><outline xmlUrl="gopher://old.example/"/><outline xmlUrl="good.example"/></body></opml>)";
    const result imported = run({"import", file});
    EXPECT_EQ(imported.code, 1);
    EXPECT_EQ(imported.out, "1 feeds added, 0 were there, 1 refused\n");
    EXPECT_NE(imported.err.find("gopher://old.example/"), std::string::npos);
}

TEST_F(a_library, asks_what_is_due_and_all_only_if_told_to)
{
    add("/hive.rss");
    fetch();
    fetch(); // nothing is due
    EXPECT_EQ(site_.requests_for("/hive.rss").size(), 1U);
    EXPECT_EQ(run({"fetch", "--allow-local", "--all"}).code, 0);
    EXPECT_EQ(run({"fetch", "--allow-local", "The Hive Gazette"}).code, 0);
    EXPECT_EQ(site_.requests_for("/hive.rss").size(), 3U);
}

TEST_F(a_library, finds_articles_and_remembers_marks)
{
    add("/hive.rss");
    fetch();
    const result all = run({"articles", "--json"});
    std::istringstream lines(all.out);
    std::vector<nlohmann::json> articles;
    for (std::string line; std::getline(lines, line);)
        articles.push_back(nlohmann::json::parse(line));
    ASSERT_EQ(articles.size(), 3U);
    const std::string number = articles[0].at("number").dump();
    std::string word = articles[0].at("title");
    EXPECT_NE(run({"articles", "\"" + word + "\""}).out.find(word), std::string::npos);

    EXPECT_EQ(run({"mark", "star", number}).out, "1 articles marked\n");
    EXPECT_EQ(nlohmann::json::parse(run({"articles", "--starred", "--json"}).out).at("number").dump(), number);
    EXPECT_EQ(run({"mark", "read", "--all"}).out, "3 articles marked\n");
    EXPECT_EQ(run({"articles", "--unread"}).out, "");
}

TEST_F(a_library, marks_nothing_without_being_told_what)
{
    add("/hive.rss");
    EXPECT_EQ(run({"mark", "read"}).code, 2);
    EXPECT_EQ(run({"mark", "read", "7", "--all"}).code, 2);
    EXPECT_EQ(run({"mark", "sing", "7"}).code, 2);
    EXPECT_EQ(run({"mark", "read", "7"}).code, 1);
}

} // namespace
} // namespace rssmania::testing
