// The live numbers of a watcher, and what Prometheus gets of them.
#include "metrics/observer.hpp"
#include "metrics/prometheus.hpp"

#include "temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

visited visit(visit_result how, std::chrono::milliseconds took, std::uint64_t bytes, problem_kind wrong = {})
{
    visited result{.feed = 1, .result = how, .wrong = {wrong, ""}};
    result.facts.took = took;
    result.facts.bytes = bytes;
    return result;
}

TEST(a_live_board, is_seen_by_those_who_look)
{
    const testing::temporary_directory directory;
    EXPECT_FALSE(live_board::look(directory.path()));
    const live_board board = live_board::make(directory.path());
    live_board::join(directory.path()).count(visit(visit_result::read, 20ms, 100));
    const auto seen = live_board::look(directory.path());
    ASSERT_TRUE(seen);
    EXPECT_EQ((*seen)->polls.at(static_cast<std::size_t>(visit_result::read)), 1U);
    EXPECT_EQ((*seen)->bytes, 100U);
    EXPECT_EQ((*seen)->process, static_cast<std::uint64_t>(::getpid()));
}

TEST(a_live_board, of_a_watcher_that_has_ended_is_not_looked_at)
{
    const testing::temporary_directory directory;
    const live_board board = live_board::make(directory.path());
    board->process = 0;
    EXPECT_FALSE(live_board::look(directory.path()));
}

TEST(a_live_board, that_is_damaged_or_of_another_version_is_none)
{
    const testing::temporary_directory directory;
    std::ofstream(directory.path() / "live") << "too short";
    EXPECT_FALSE(live_board::look(directory.path()));
    live_board::make(directory.path())->layout = 99;
    EXPECT_FALSE(live_board::look(directory.path()));
    EXPECT_NO_THROW(live_board::join(directory.path()).count(visit(visit_result::read, 1ms, 1)));
}

TEST(the_metrics, count_visits_by_how_they_went)
{
    const testing::temporary_directory directory;
    const live_board board = live_board::make(directory.path());
    board.count(visit(visit_result::read, 20ms, 100));
    board.count(visit(visit_result::unchanged, 300ms, 0));
    board.count(visit(visit_result::failed, 70s, 5, problem_kind::too_slow));
    const std::string text = prometheus_text(*board);
    for (const char* line :
         {"rssmania_polls_total{outcome=\"read\"} 1\n", "rssmania_polls_total{outcome=\"failed\"} 1\n",
          "rssmania_problems_total{kind=\"too_slow\"} 1\n", "rssmania_received_bytes_total 105\n",
          "rssmania_poll_seconds_bucket{le=\"0.01\"} 0\n", "rssmania_poll_seconds_bucket{le=\"0.025\"} 1\n",
          "rssmania_poll_seconds_bucket{le=\"0.5\"} 2\n", "rssmania_poll_seconds_bucket{le=\"60\"} 2\n",
          "rssmania_poll_seconds_bucket{le=\"+Inf\"} 3\n", "rssmania_poll_seconds_count 3\n",
          "rssmania_poll_seconds_sum 70.32\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(the_metrics, are_in_prometheus_own_format)
{
    const testing::temporary_directory directory;
    const live_board board = live_board::make(directory.path());
    board.count(visit(visit_result::failed, 1ms, 1, problem_kind::too_slow));
    std::istringstream lines(prometheus_text(*board));
    const auto form = ::testing::MatchesRegex(
        R"(# (HELP|TYPE) rssmania_[a-z_]+ .+|rssmania_[a-z_]+(\{[a-z]+="[^"\]*"\})? [0-9.e+]+)");
    for (std::string line; std::getline(lines, line);)
        EXPECT_THAT(line, form);
}

TEST(the_metrics, are_written_to_a_file_whole)
{
    const testing::temporary_directory directory;
    const auto file = directory.path() / "rssmania.prom";
    pipeline_queues queues = make_queues();
    ASSERT_TRUE(queues.due_feeds.try_push({.feed = 1}));
    observer eyes(live_board::make(directory.path()), queues, {.file = file.string()});
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(text.find("rssmania_queue_items{queue=\"due\"} 1\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("restarts_total 0\n"));
}

TEST(the_metrics, go_to_this_machine_only)
{
    EXPECT_EQ(parse_metrics_target("localhost:9464").port, 9464);
    EXPECT_EQ(parse_metrics_target(":9464").port, 9464);
    EXPECT_EQ(parse_metrics_target("numbers.prom").file, "numbers.prom");
    EXPECT_EQ(parse_metrics_target("/run/a:b").file, "/run/a:b");
    EXPECT_FALSE(parse_metrics_target("").any());
    EXPECT_THROW((void)parse_metrics_target("0.0.0.0:9464"), std::runtime_error);
    EXPECT_THROW((void)parse_metrics_target("example.org:9464"), std::runtime_error);
    EXPECT_THROW((void)parse_metrics_target("localhost:0"), std::runtime_error);
    EXPECT_THROW((void)parse_metrics_target("localhost:99999"), std::runtime_error);
}

} // namespace
} // namespace rssmania
