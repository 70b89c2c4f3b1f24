// Programs of the user, and the calls that tell the desktop.
#include "hooks/command.hpp"

#include "hooks/desktop.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace rssmania {
namespace {

using namespace std::chrono_literals;
using kind = command_end::kind;

class a_command : public ::testing::Test {
protected:
    // Runs a script of sh(1), which is the user's program here.
    [[nodiscard]] command_end run(const std::string& script, const std::string& input = {},
                                  std::chrono::milliseconds patience = 20s)
    {
        return run_command({"sh", "-c", script, "sh", out().string()}, input, patience, stop_.get_token());
    }
    [[nodiscard]] std::filesystem::path out() const { return directory_.path() / "out"; }
    [[nodiscard]] std::string written() const
    {
        std::ifstream in(out(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    testing::temporary_directory directory_;
    ruche::stop_source stop_;
};

TEST_F(a_command, finds_its_input_whole_however_long_it_is)
{
    const std::string input(1 << 20, 'x');
    EXPECT_EQ(run("cat > \"$1\"", input).what, kind::well);
    EXPECT_EQ(written(), input);
}

TEST_F(a_command, that_reads_no_input_is_no_trouble)
{
    EXPECT_EQ(run("exit 0", std::string(1 << 20, 'x')).what, kind::well);
}

TEST_F(a_command, gets_its_words_as_they_are)
{
    const std::string odd = "$(touch /tmp/pwn); `id` | > \"' \\ * ~";
    EXPECT_EQ(
        run_command({"sh", "-c", "printf %s \"$2\" > \"$1\"", "sh", out().string(), odd}, {}, 20s, stop_.get_token())
            .what,
        kind::well);
    EXPECT_EQ(written(), odd);
}

TEST_F(a_command, tells_how_it_ended)
{
    EXPECT_EQ(run("exit 3").number, 3);
    EXPECT_EQ(run("exit 3").what, kind::code);
    const command_end killed = run("kill -9 $$");
    EXPECT_EQ(killed.what, kind::signal);
    EXPECT_EQ(killed.number, SIGKILL);
    EXPECT_EQ(run_command({"/no/such/program"}, {}, 1s, stop_.get_token()).what, kind::not_started);
}

TEST_F(a_command, that_takes_too_long_is_ended_with_all_that_it_has_started)
{
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(run("sleep 60 & echo $! > \"$1\"; wait", {}, 300ms).what, kind::too_slow);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
    const auto child = static_cast<pid_t>(std::atoi(written().c_str()));
    ASSERT_GT(child, 0);
    // Killed it is at once; who reaps it may take a moment.
    for (int i = 0; i < 1000 && ::kill(child, 0) == 0; ++i)
        (void)run("exit 0");
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    std::string line;
    std::getline(status, line);
    EXPECT_TRUE(line.empty() || line.find(") Z") != std::string::npos) << line;
}

TEST_F(a_command, that_heeds_no_sigterm_is_killed)
{
    EXPECT_EQ(run("trap '' TERM; while :; do sleep 0.05; done", {}, 200ms).what, kind::too_slow);
}

TEST_F(a_command, ends_at_a_stop)
{
    stop_.request_stop();
    EXPECT_EQ(run("sleep 60").what, kind::stopped);
}

TEST_F(a_command, has_a_clean_environment)
{
    ::setenv("RSSMANIA_TEST_SECRET", "hush", 1);
    ::setenv("LD_BIND_NOW", "1", 1);
    EXPECT_EQ(run("env > \"$1\"").what, kind::well);
    EXPECT_EQ(written().find("hush"), std::string::npos);
    EXPECT_EQ(written().find("LD_BIND_NOW"), std::string::npos);
    EXPECT_NE(written().find("PATH="), std::string::npos);
}

TEST_F(a_command, inherits_no_descriptor_of_ours)
{
    EXPECT_EQ(run("ls /proc/self/fd > \"$1\"").what, kind::well);
    // Three of its own, and the directory it reads.
    EXPECT_EQ(written(), "0\n1\n2\n3\n");
}

news article_of(event_id group, const std::string& title)
{
    return {.id = group,
            .group = group,
            .kind = news_kind::article,
            .feed_url = "https://example.org/",
            .feed_title = "The <b>Hive</b>\x1b[31m",
            .what = {.title = title}};
}

TEST(a_notification, is_one_for_all_that_came_together)
{
    const auto calls = notifications({article_of(1, "a"), article_of(1, "b"), article_of(2, "c")});
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].back(), "a\nb\n");
    EXPECT_EQ(calls[1].back(), "c\n");
}

TEST(a_notification, has_what_a_feed_says_behind_the_dashes_and_without_markup)
{
    const auto calls = notifications({article_of(1, "--output=/tmp/pwn <a href='x'>&")});
    const std::vector<std::string>& words = calls.at(0);
    ASSERT_EQ(words.size(), 6U);
    EXPECT_EQ(words[0], "notify-send");
    EXPECT_EQ(words[3], "--");
    EXPECT_EQ(words[4], "The <b>Hive</b>[31m");
    EXPECT_EQ(words[5], "--output=/tmp/pwn &lt;a href='x'&gt;&amp;\n");
}

TEST(a_notification, is_short_however_much_there_is)
{
    std::vector<news> many;
    for (int i = 0; i < 50; ++i)
        many.push_back(article_of(1, std::string(10'000, 'x')));
    const auto calls = notifications(many);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_LT(calls[0].back().size(), 2'000U);
    EXPECT_TRUE(calls[0].back().ends_with("and 45 more"));
}

} // namespace
} // namespace rssmania
