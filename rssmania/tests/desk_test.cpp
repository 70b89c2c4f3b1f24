// The real program and what a person sets: configuration, rules, programs, metrics, top, doctor, backups.
#include "store/schema.hpp"
#include "store/sqlite.hpp"
#include "watching.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>

namespace rssmania::testing {
namespace {

using namespace std::chrono_literals;

class a_desk : public a_watcher {
protected:
    struct result {
        ending code = 0;
        std::string out;
        std::string err;
    };

    [[nodiscard]] std::vector<std::string> placed(std::vector<std::string> words) const
    {
        words.insert(words.begin() + 1, {"--store", store()});
        if (std::filesystem::exists(config()))
            words.insert(words.end(), {"--config", config()});
        return words;
    }
    // Runs `rssmania COMMAND WORD…` on our store, with our configuration, to its end.
    [[nodiscard]] result run(const std::vector<std::string>& words, const program::environment& more = {})
    {
        program running(placed(words), more);
        const auto code = running.wait();
        return {code.value_or(-1000), running.out(), running.err()};
    }
    [[nodiscard]] result watch_once(const std::string& path, std::vector<std::string> more = {})
    {
        more.insert(more.begin(), {"watch", "--once", "--allow-local", site_.address(path)});
        return run(more);
    }
    void configure(const std::string& text) const { std::ofstream(config()) << text; }
    [[nodiscard]] std::string store() const { return (directory_.path() / "store").string(); }
    [[nodiscard]] std::string config() const { return (directory_.path() / "config.toml").string(); }
    [[nodiscard]] std::string file(const std::string& name) const { return (directory_.path() / name).string(); }
    [[nodiscard]] static std::string contents(const std::string& name)
    {
        std::ifstream in(name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
};

TEST_F(a_desk, tells_as_many_of_a_new_feed_as_one_wants)
{
    EXPECT_EQ(watch_once("/hive.rss", {"--first", "1"}).out,
              "Latest articles of The Hive Gazette:\n" + article("hive", 3));
    EXPECT_EQ(watch_once("/hive.rss", {"--first", "1"}).out, "");
}

TEST_F(a_desk, writes_articles_as_one_wants)
{
    EXPECT_EQ(watch_once("/hive.rss", {"--format", "{feed}|{link}", "--first", "1"}).out,
              "The Hive Gazette|" + site_.address("/articles/hive/3") + "\n");
}

TEST_F(a_desk, prints_only_what_matches_and_counts_the_rest_as_told)
{
    EXPECT_EQ(watch_once("/hive.rss", {"--match", "link ~ hive/2"}).out,
              "Latest articles of The Hive Gazette:\n" + article("hive", 2));
    EXPECT_EQ(watch_once("/hive.rss").out, "");
}

TEST_F(a_desk, does_what_the_configuration_says)
{
    configure("[news]\nfirst_visit = 2\n[[feed]]\nurl = \"" + site_.address("/hive.rss") +
              "\"\ntitle = \"My bees\"\nfolder = \"insects\"\n[[rule]]\nmatch = 'link ~ hive/3'\nstar = true\ntag = "
              "\"buzz\"\n[[rule]]\nmatch = 'link ~ hive/2'\ndrop = true\n");
    const result fetched = run({"fetch", "--all", "--allow-local"});
    EXPECT_EQ(fetched.out, "Latest articles of My bees:\n" + article("hive", 3)) << fetched.err;
    const auto starred = nlohmann::json::parse(run({"articles", "--starred", "--json"}).out);
    EXPECT_EQ(starred["tags"][0], "buzz");
    EXPECT_EQ(starred["folder"], "insects");
}

TEST_F(a_desk, says_where_a_configuration_is_wrong_whatever_the_command)
{
    configure("evry = \"1h\"\n");
    for (const char* command : {"watch", "list", "status", "config", "doctor"}) {
        program running({command, "--config", config()}, {{"XDG_STATE_HOME", file("state")}});
        EXPECT_EQ(running.wait(), 1) << command;
        EXPECT_NE((running.out() + running.err()).find("config.toml:1:1: evry is not known here"), std::string::npos)
            << running.out() << running.err();
    }
}

TEST_F(a_desk, reads_the_configuration_from_where_the_desktop_keeps_such)
{
    const auto home = directory_.path() / "xdg";
    std::filesystem::create_directories(home / "rssmania");
    std::ofstream(home / "rssmania" / "config.toml") << "store = \"" << store() << "\"\n";
    program running({"config"}, {{"XDG_CONFIG_HOME", home.string()}});
    EXPECT_EQ(running.wait(), 0);
    EXPECT_NE(running.out().find("the store is " + store()), std::string::npos) << running.out();
}

TEST_F(a_desk, gives_an_example_that_makes_sense)
{
    std::string example = run({"config", "--example"}).out;
    configure(example);
    EXPECT_EQ(run({"config"}).code, 0);
    // What it offers is right too, once it is no comment any more.
    std::string uncommented;
    std::istringstream lines(example);
    for (std::string line; std::getline(lines, line);) {
        const bool prose = line.find(" = ") == std::string::npos && line.find("[[") == std::string::npos;
        uncommented += (line.starts_with("# ") && !prose ? line.substr(2) : line) + "\n";
    }
    configure(uncommented);
    program running({"config", "--config", config()});
    EXPECT_EQ(running.wait(), 0) << running.err();
    EXPECT_NE(running.out().find("1 feeds, 1 rules"), std::string::npos) << running.out();
}

TEST_F(a_desk, runs_a_program_once_for_each_article)
{
    configure("[news]\nexec = [\"sh\", \"-c\", \"cat >> " + file("seen") + "\"]\n");
    EXPECT_EQ(watch_once("/waggle.json").code, 0);
    EXPECT_EQ(watch_once("/waggle.json").code, 0);
    std::istringstream lines(contents(file("seen")));
    std::vector<std::string> links;
    for (std::string line; std::getline(lines, line);) {
        const auto each = nlohmann::json::parse(line);
        links.push_back(each["link"]);
        EXPECT_TRUE(each.contains("content"));
    }
    EXPECT_EQ(links, (std::vector<std::string>{site_.address("/articles/waggle/3"), site_.address("/articles/waggle/2"),
                                               site_.address("/articles/waggle/1")}));
}

TEST_F(a_desk, runs_no_program_for_what_came_before_it_was_set)
{
    EXPECT_EQ(watch_once("/hive.rss").code, 0);
    site_.publish("/hive.rss");
    configure("[news]\nexec = [\"sh\", \"-c\", \"cat >> " + file("seen") + "\"]\n");
    EXPECT_EQ(watch_once("/hive.rss").code, 0);
    EXPECT_EQ(count(contents(file("seen")), "\n"), 1U);
}

TEST_F(a_desk, tells_of_a_program_that_fails_and_goes_on)
{
    const result once = watch_once("/hive.rss", {"--exec", "sh -c 'exit 3'"});
    EXPECT_EQ(once.code, 0);
    EXPECT_EQ(count(once.out, "\n- "), 3U);
    EXPECT_EQ(count(once.err, "it ended with code 3\n"), 3U) << once.err;
}

TEST_F(a_desk, goes_on_with_its_programs_when_their_process_is_killed)
{
    configure("[news]\nexec = [\"sh\", \"-c\", \"cat >> " + file("seen") + "\"]\n");
    program watcher(placed({"watch", "--allow-local", "--every", "200ms", site_.address("/hive.rss")}));
    ASSERT_TRUE(watcher.wait_for_out(article("hive", 1)));
    ASSERT_TRUE(watcher.kill("hooks"));
    site_.publish("/hive.rss");
    ASSERT_TRUE(watcher.wait_for_out(article("hive", 4)));
    for (int i = 0; i < 600 && contents(file("seen")).find("hive/4") == std::string::npos; ++i)
        (void)watcher.wait(50ms);
    watcher.signal(SIGINT);
    EXPECT_EQ(watcher.wait(), 0);
    for (int number = 1; number <= 4; ++number) {
        const auto times =
            count(contents(file("seen")), "\"link\":\"" + site_.address("/articles/hive/" + std::to_string(number)));
        EXPECT_GE(times, 1U) << number;
        EXPECT_LE(times, 2U) << number;
    }
}

TEST_F(a_desk, ends_at_once_though_a_program_would_go_on)
{
    program watcher(placed({"watch", "--allow-local", "--exec", "sleep 600", site_.address("/hive.rss")}));
    ASSERT_TRUE(watcher.wait_for_out(article("hive", 1)));
    watcher.signal(SIGINT);
    EXPECT_EQ(watcher.wait(10s), 0);
    EXPECT_TRUE(watcher.wait_until_nobody_is_left(10s));
}

TEST_F(a_desk, tells_what_is_wrong_as_json_too)
{
    const result once = watch_once("/faults/status/404", {"--log", "json"});
    const auto line = nlohmann::json::parse(once.err);
    EXPECT_EQ(line["problem"], "http_status");
    EXPECT_EQ(line["detail"], "404");
    EXPECT_EQ(line["level"], "warning");
    EXPECT_EQ(line["feed"], site_.address("/faults/status/404"));
}

TEST_F(a_desk, writes_metrics)
{
    EXPECT_EQ(watch_once("/hive.rss", {"--metrics", file("rssmania.prom")}).code, 0);
    const std::string text = contents(file("rssmania.prom"));
    EXPECT_NE(text.find("rssmania_polls_total{outcome=\"read\"} 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("rssmania_told_total 3\n"), std::string::npos) << text;
    EXPECT_THAT(text, ::testing::ContainsRegex("rssmania_received_bytes_total [1-9]"));
}

TEST_F(a_desk, shows_a_watcher_at_work)
{
    program watcher(placed({"watch", "--allow-local", "--every", "200ms", site_.address("/hive.rss")}));
    ASSERT_TRUE(watcher.wait_for_out(article("hive", 1)));
    const auto look = nlohmann::json::parse(run({"top", "--json"}).out);
    EXPECT_EQ(look["watching"], true);
    EXPECT_EQ(look["feeds"], 1);
    EXPECT_GE(look["polls"], 1);
    EXPECT_TRUE(look["queues"].contains("answers"));
    std::vector<std::string> names;
    for (const auto& each : look["processes"])
        names.push_back(each["name"]);
    EXPECT_NE(std::find(names.begin(), names.end(), "store"), names.end());
    EXPECT_EQ(run({"top"}).out.find('\x1b'), std::string::npos);
    EXPECT_NE(run({"doctor", "--offline"}).out.find("a watcher works on it"), std::string::npos);
    const std::string copy = file("copy.db");
    EXPECT_EQ(run({"backup", copy}).code, 0);
    EXPECT_EQ(run({"restore", copy}).code, 1); // not while it works
    watcher.signal(SIGTERM);
    EXPECT_EQ(watcher.wait(), 0);
    EXPECT_EQ(nlohmann::json::parse(run({"top", "--json"}).out)["watching"], false);
    EXPECT_EQ(run({"restore", copy}).code, 0);
    EXPECT_EQ(watch_once("/hive.rss").out, "");
}

TEST_F(a_desk, reads_a_store_of_an_earlier_version)
{
    std::filesystem::create_directories(store());
    {
        sqlite::database old(std::filesystem::path(store()) / "rssmania.db", sqlite::access::read_write);
        migrate(old, 3);
        old.execute("INSERT INTO feeds (url, added) VALUES ('https://example.org/', 1)");
    }
    const result listed = run({"list"});
    EXPECT_EQ(listed.out, "1\thttps://example.org/\thttps://example.org/\n") << listed.err;
    EXPECT_EQ(run({"articles"}).code, 0);
}

TEST_F(a_desk, finds_what_ails)
{
    EXPECT_EQ(run({"doctor", "--offline"}).code, 0);
    EXPECT_EQ(watch_once("/hive.rss").code, 0);
    EXPECT_EQ(run({"doctor", "--offline"}).code, 0);
    configure("[[rule]]\nrun = [\"/no/such/program\"]\n[[feed]]\nurl = \"https://a.example/\"\nuser = \"me\"\n"
              "password_env = \"RSSMANIA_TEST_UNSET\"\n");
    const result found = run({"doctor", "--offline"});
    EXPECT_EQ(found.code, 1);
    EXPECT_NE(found.out.find("/no/such/program is not there"), std::string::npos) << found.out;
    EXPECT_NE(found.out.find("RSSMANIA_TEST_UNSET"), std::string::npos) << found.out;
    std::ofstream(store() + "/rssmania.db", std::ios::binary) << "nonsense";
    std::istringstream lines(run({"doctor", "--offline", "--json"}).out);
    bool told = false;
    for (std::string line; std::getline(lines, line);) {
        const auto each = nlohmann::json::parse(line);
        told |= each["about"] == "store" && each["finding"] == "bad";
    }
    EXPECT_TRUE(told);
}

TEST_F(a_desk, shows_help_to_who_knows_nothing)
{
    program alone({});
    EXPECT_EQ(alone.wait(), 2);
    EXPECT_NE(alone.err().find("rssmania add"), std::string::npos) << alone.err();
    program french({"--help"}, {{"LC_ALL", "fr_FR.UTF-8"}});
    EXPECT_EQ(french.wait(), 0);
    for (const char* english : {"Usage", "Subcommands", "Print ", "Show "})
        EXPECT_EQ(french.out().find(english), std::string::npos) << english << french.out();
}

TEST_F(a_desk, completes_command_lines)
{
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        program running({"completion", shell});
        EXPECT_EQ(running.wait(), 0);
        const std::string script = running.out();
        for (const char* word : {"watch", "allow-local", "doctor", "unstar"})
            EXPECT_NE(script.find(word), std::string::npos) << shell << word;
    }
}

} // namespace
} // namespace rssmania::testing
