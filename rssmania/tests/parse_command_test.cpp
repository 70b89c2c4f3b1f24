// The real program, reading one document: a feed of a file, a pipe, a server; the feeds that a page names.
#include "watching.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

namespace rssmania::testing {
namespace {

class a_reader_of_one : public a_watcher {
protected:
    struct result {
        ending code = 0;
        std::string out;
        std::string err;
    };

    [[nodiscard]] static result run(const std::vector<std::string>& words)
    {
        program running(words);
        const auto code = running.wait();
        return {code.value_or(-1000), running.out(), running.err()};
    }
    [[nodiscard]] std::string file(const std::string& name, const std::string& content) const
    {
        const std::string path = (directory_.path() / name).string();
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    static constexpr const char* whole =
        R"(<rss version="2.0"><channel><title>Bees</title><link>http://bees.example/</link><description>All</description>)"
        R"(<item><title>Swarm</title><link>/swarm</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>)"
        R"(</channel></rss>)";
};

TEST_F(a_reader_of_one, prints_a_file_as_one_line_of_json)
{
    const result read = run({"parse", file("bees.rss", whole)});
    EXPECT_EQ(read.code, 0);
    EXPECT_EQ(count(read.out, "\n"), 1U);
    const auto json = nlohmann::json::parse(read.out);
    EXPECT_EQ(json.at("feed").at("title"), "Bees");
    EXPECT_EQ(json.at("version"), "rss20");
    EXPECT_EQ(json.at("entries").size(), 1U);
}

TEST_F(a_reader_of_one, takes_headers_as_if_it_had_come_with_them)
{
    const result read = run({"parse", "--header", "url: http://hive.example/feed", "--header",
                             "Content-Type: text/plain", file("bees.rss", whole)});
    const auto json = nlohmann::json::parse(read.out);
    EXPECT_EQ(json.at("href"), "http://hive.example/feed");
    EXPECT_EQ(json.at("entries").at(0).at("link"), "http://hive.example/swarm");
    EXPECT_EQ(json.at("bozo_exception").at("type"), "NonXMLContentType");
}

TEST_F(a_reader_of_one, asks_an_address_and_knows_what_its_server_said)
{
    const result read = run({"parse", "--allow-local", site_.address("/hive.rss")});
    EXPECT_EQ(read.code, 0) << read.err;
    const auto json = nlohmann::json::parse(read.out);
    EXPECT_EQ(json.at("href"), site_.address("/hive.rss"));
    EXPECT_EQ(json.at("entries").size(), 3U);
    EXPECT_TRUE(json.contains("etag"));
}

TEST_F(a_reader_of_one, decompresses_what_comes_and_stops_at_a_bomb)
{
    EXPECT_EQ(run({"parse", "--allow-local", site_.address("/faults/gzip")}).code, 0);
    const result bomb = run({"parse", "--allow-local", site_.address("/faults/bomb")});
    EXPECT_EQ(bomb.code, 1);
    EXPECT_EQ(bomb.out, "");
    EXPECT_NE(bomb.err.find("/faults/bomb: "), std::string::npos) << bomb.err;
}

TEST_F(a_reader_of_one, asks_no_local_address_unless_told_to)
{
    const result read = run({"parse", site_.address("/hive.rss")});
    EXPECT_EQ(read.code, 1);
    EXPECT_EQ(read.out, "");
    EXPECT_TRUE(site_.requests_for("/hive.rss").empty());
}

TEST_F(a_reader_of_one, summarises_for_people)
{
    const result read = run({"parse", "--summary", file("bees.rss", whole)});
    EXPECT_EQ(read.code, 0);
    EXPECT_TRUE(read.out.starts_with("Bees\nRSS 2.0, 1 entry, utf-8\n")) << read.out;
    EXPECT_NE(read.out.find("2026-01-05  Swarm"), std::string::npos) << read.out;
}

TEST_F(a_reader_of_one, explains_what_is_wrong_and_how_to_mend_it)
{
    const result read =
        run({"parse", "--explain", file("cut.rss", "<rss version='2.0'><channel>\n<title>a & b</title></channel>")});
    EXPECT_EQ(read.code, 0);
    EXPECT_NE(read.out.find("line 2, column 10: "), std::string::npos) << read.out;
    EXPECT_NE(read.out.find("the feed has no link\n"), std::string::npos) << read.out;
    EXPECT_NE(read.out.find("To mend it:\n"), std::string::npos) << read.out;
}

TEST_F(a_reader_of_one, names_the_file_that_is_not_there)
{
    const result read = run({"parse", (directory_.path() / "none.xml").string()});
    EXPECT_EQ(read.code, 1);
    EXPECT_NE(read.err.find("none.xml: no such file?"), std::string::npos) << read.err;
    EXPECT_EQ(run({"parse", directory_.path().string()}).code, 1) << "a directory";
}

TEST_F(a_reader_of_one, refuses_what_makes_no_sense)
{
    EXPECT_EQ(run({"parse", "--header", "no colon", "x"}).code, 2);
    EXPECT_EQ(run({"parse", "--batch", "--explain"}).code, 2);
    EXPECT_EQ(run({"parse", "--summary", "--explain", "x"}).code, 2);
    EXPECT_EQ(run({"parse", "--batch", "x"}).code, 2);
}

TEST_F(a_reader_of_one, names_the_feeds_of_a_page_in_its_order)
{
    const std::string page =
        file("page.html", "<title>P</title><base href='http://e.org/blog/'>"
                          "<link rel=alternate type=application/atom+xml href=a.xml title='The As'>"
                          "<link rel=alternate type=application/feed+json href=/b.json>");
    EXPECT_EQ(run({"discover", page}).out, "http://e.org/blog/a.xml\tapplication/atom+xml\tThe As\n"
                                           "http://e.org/b.json\tapplication/feed+json\t\n");
    const result json = run({"discover", "--json", page});
    EXPECT_EQ(nlohmann::json::parse(json.out.substr(0, json.out.find('\n'))).at("title"), "The As");
}

TEST_F(a_reader_of_one, finds_that_a_feed_is_its_own)
{
    const result found = run({"discover", "--allow-local", site_.address("/hive.rss")});
    EXPECT_EQ(found.code, 0) << found.err;
    EXPECT_TRUE(found.out.starts_with(site_.address("/hive.rss") + "\t")) << found.out;
    EXPECT_TRUE(found.out.ends_with("\tThe Hive Gazette\n")) << found.out;
}

TEST_F(a_reader_of_one, says_that_a_page_names_no_feed)
{
    const result found = run({"discover", "--allow-local", site_.address("/faults/page")});
    EXPECT_EQ(found.code, 1);
    EXPECT_EQ(found.out, "");
    EXPECT_NE(found.err.find("names no feed"), std::string::npos) << found.err;
}

TEST_F(a_reader_of_one, guesses_only_when_told_to)
{
    (void)run({"discover", "--allow-local", site_.address("/faults/page")});
    EXPECT_TRUE(site_.requests_for("/rss.xml").empty());
    const result found = run({"discover", "--guess", "--allow-local", site_.address("/faults/page")});
    EXPECT_EQ(found.code, 1);
    EXPECT_EQ(site_.requests_for("/rss.xml").size(), 1U);
}

} // namespace
} // namespace rssmania::testing
