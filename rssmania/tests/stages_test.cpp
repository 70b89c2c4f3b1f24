// Each stage alone, in a process as it will run, between queues that the test holds.
#include "announce/teller.hpp"
#include "demo/sample_site.hpp"
#include "fetch/fetch_stage.hpp"
#include "parse/parse_stage.hpp"
#include "parse/processor_limit.hpp"
#include "schedule/schedule_stage.hpp"
#include "store/store_stage.hpp"
#include "temporary_directory.hpp"

#include <ruche/process.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time now = unix_time(1'700'000'000s);

class a_stage : public ::testing::Test {
protected:
    testing::temporary_directory directory_;
    pipeline_queues queues_ = make_queues();
};

using the_fetch_stage = a_stage;
using the_parse_stage = a_stage;

const fetch_options local{.http = {.limits = {}, .allow_local = true}};

TEST_F(the_fetch_stage, passes_a_body_on_to_be_parsed)
{
    const sample_site site{{}};
    const ruche::process stage(fetch_stage, queues_, local);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/hive.rss")});
    const auto answer = queues_.answers.pop_for(10s);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->feed, 5);
    EXPECT_EQ(answer->facts.fresh.etag, "W/\"hive.rss-3\"");
    EXPECT_EQ(answer->body_hash.size(), 16U);
}

TEST_F(the_fetch_stage, passes_everything_else_on_to_the_store)
{
    const sample_site site{{}};
    const ruche::process stage(fetch_stage, queues_, local);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/faults/status/404")});
    EXPECT_EQ(queues_.visits.pop_for(10s).value().wrong, (problem{problem_kind::http_status, "404"}));
    queues_.due_feeds.push({.feed = 5, .url = site.address("/hive.rss"), .known = {"W/\"hive.rss-3\"", ""}});
    EXPECT_EQ(queues_.visits.pop_for(10s).value().result, visit_result::unchanged);
}

TEST_F(the_fetch_stage, knows_a_body_by_its_hash_where_the_server_does_not)
{
    const sample_site site{{}};
    const ruche::process stage(fetch_stage, queues_, local);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/faults/plain")});
    const auto first = queues_.answers.pop_for(10s);
    ASSERT_TRUE(first);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/faults/plain"), .body_hash = first->body_hash});
    EXPECT_EQ(queues_.visits.pop_for(10s).value().result, visit_result::same_body);
}

TEST_F(the_fetch_stage, asks_again_what_a_killed_one_was_asking)
{
    const sample_site site{{}};
    ruche::process stage(fetch_stage, queues_, local);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/honey.rss")}); // takes seconds
    ASSERT_TRUE(site.wait_for_requests("/honey.rss", 1, 10s));
    stage.kill();
    stage = ruche::process(fetch_stage, queues_, local);
    EXPECT_TRUE(queues_.answers.pop_for(20s));
    EXPECT_EQ(site.requests_for("/honey.rss").size(), 2U);
}

TEST_F(the_fetch_stage, ends_at_once_when_asked_to_even_while_servers_are_slow)
{
    const sample_site site{{}};
    ruche::process stage(fetch_stage, queues_, local);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/faults/silent")});
    ASSERT_TRUE(site.wait_for_requests("/faults/silent", 1, 10s));
    stage.request_stop();
    const auto ended = stage.join_for(900ms);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success()) << ended->describe();
    EXPECT_EQ(queues_.due_feeds.size(), 1U); // nobody has it, so it waits again
}

TEST_F(the_fetch_stage, ends_at_once_when_asked_to_while_slow_servers_have_all_the_room)
{
    const sample_site site{{}};
    const fetch_options one_at_once{.http = {.limits = {}, .allow_local = true}, .at_once = 1};
    ruche::process stage(fetch_stage, queues_, one_at_once);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/faults/silent")});
    ASSERT_TRUE(site.wait_for_requests("/faults/silent", 1, 10s));
    stage.request_stop();
    const auto ended = stage.join_for(900ms);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success()) << ended->describe();
}

// As a parser does that an answer kills.
void take_one_and_die(pipeline_queues queues)
{
    const auto answer = queues.answers.pop_lease();
    std::raise(SIGKILL);
}

TEST_F(the_parse_stage, gives_up_an_answer_that_took_three_processes_with_it)
{
    queues_.answers.push({.feed = 5, .body = "<rss version='2.0'><channel/></rss>"});
    for (int death = 0; death < 3; ++death)
        EXPECT_EQ(ruche::process(take_one_and_die, queues_).join().signal(), SIGKILL);
    const ruche::process stage(parse_stage, queues_);
    const auto visit = queues_.visits.pop_for(10s);
    ASSERT_TRUE(visit);
    EXPECT_EQ(visit->feed, 5);
    EXPECT_EQ(visit->wrong, (problem{problem_kind::stage_died, "parse"}));
}

TEST_F(the_parse_stage, reads_an_answer_that_took_two_processes_with_it)
{
    queues_.answers.push({.feed = 5, .body = "<rss version='2.0'><channel/></rss>"});
    for (int death = 0; death < 2; ++death)
        EXPECT_EQ(ruche::process(take_one_and_die, queues_).join().signal(), SIGKILL);
    const ruche::process stage(parse_stage, queues_);
    EXPECT_EQ(queues_.visits.pop_for(10s).value().result, visit_result::read);
}

void compute_for_ever()
{
    const processor_limit limit(1s);
    for (std::atomic<unsigned> i = 0;; ++i)
        continue;
}

TEST_F(the_parse_stage, spends_no_more_than_so_much_time_on_one_answer)
{
    ruche::process busy(compute_for_ever);
    const auto status = busy.join_for(60s);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->signal(), SIGPROF);
}

// Tells into a pipe that is full and that nobody reads.
void tell_nobody(ruche::stop_token stop, ruche::queue<news> events, std::string directory)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::runtime_error("make a pipe");
    const std::string page(4096, 'x');
    while (::write(ends[1], page.data(), page.size()) > 0)
        continue;
    ::fcntl(ends[1], F_SETFL, 0); // from here on, writing to it waits
    ::dup2(ends[1], STDOUT_FILENO);
    told_position told(directory);
    tell_news(events, told, {}, stop);
}

TEST_F(a_stage, that_tells_ends_even_if_nobody_listens)
{
    ruche::process teller(tell_nobody, queues_.events, directory_.path().string());
    queues_.events.push({.id = 1, .group = 1, .what = {.link = "http://example.org/"}});
    EXPECT_FALSE(teller.join_for(300ms)); // it waits
    EXPECT_TRUE(queues_.events.empty());
    teller.request_stop();
    const auto ended = teller.join_for(5s);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success()) << ended->describe();
    EXPECT_EQ(told_position::read(directory_.path()), 0);
}

class with_a_store : public a_stage {
protected:
    void SetUp() override { feed_ = store(directory_.path()).subscribe("http://example.org/feed", now); }

    [[nodiscard]] visited visit(int articles) const
    {
        visited result{.feed = feed_, .result = visit_result::read, .facts = {.fresh = {"\"tag\"", ""}}};
        for (int i = 1; i <= articles; ++i)
            result.content.articles.push_back({.id = std::to_string(i)});
        return result;
    }
    [[nodiscard]] ruche::process start_store() const
    {
        return ruche::process(store_stage, queues_, store_options{directory_.path().string(), 1});
    }

    feed_id feed_ = 0;
};

using the_store_stage = with_a_store;

TEST_F(the_store_stage, passes_news_on_and_tells_the_schedule)
{
    const ruche::process stage = start_store();
    queues_.visits.push(visit(2));
    EXPECT_EQ(queues_.events.pop_for(10s).value().what.id, "1");
    EXPECT_EQ(queues_.events.pop_for(10s).value().what.id, "2");
    const auto result = queues_.outcomes.pop_for(10s);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->feed, feed_);
    EXPECT_GT(result->due, std::chrono::system_clock::now() + 1min);
    EXPECT_EQ(store(directory_.path(), sqlite::access::read_only).find(feed_)->known.etag, "\"tag\"");
}

TEST_F(the_store_stage, passes_on_again_what_was_not_told)
{
    {
        ruche::process stage = start_store();
        queues_.visits.push(visit(3));
        ASSERT_TRUE(queues_.outcomes.pop_for(10s));
        while (queues_.events.try_pop()) // lost on the way
            continue;
        told_position(directory_.path()).note(1);
        stage.kill();
    }
    const ruche::process stage = start_store();
    EXPECT_EQ(queues_.events.pop_for(10s).value().id, 2);
    EXPECT_EQ(queues_.events.pop_for(10s).value().id, 3);
}

class the_schedule_stage : public with_a_store {
protected:
    [[nodiscard]] ruche::process start(std::optional<std::chrono::milliseconds> every = {}, bool once = false,
                                       run_id run = 1) const
    {
        const schedule_options options{.directory = directory_.path().string(),
                                       .run = run,
                                       .feeds = {feed_},
                                       .every = every,
                                       .how = {.once = once}};
        return ruche::process(schedule_stage, queues_, options);
    }
    // As if the feed had been asked in `run` just now.
    void has_been_asked(const visited& visit, run_id run = 1) const
    {
        store(directory_.path())
            .record({&visit, 1}, run, std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    }
};

TEST_F(the_schedule_stage, asks_a_new_feed_at_once)
{
    const ruche::process stage = start();
    const auto request = queues_.due_feeds.pop_for(10s);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->url, "http://example.org/feed");
}

TEST_F(the_schedule_stage, leaves_what_was_asked_in_peace_whoever_asked_it)
{
    has_been_asked(visit(0));
    const ruche::process stage = start({}, false, 2);
    EXPECT_EQ(queues_.due_feeds.pop_for(300ms), std::nullopt);
}

TEST_F(the_schedule_stage, asks_in_a_round_what_is_not_due_with_what_the_store_knows)
{
    has_been_asked(visit(0));
    const ruche::process stage = start({}, true, 2);
    const auto request = queues_.due_feeds.pop_for(10s);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->known.etag, "\"tag\"");
}

TEST_F(the_schedule_stage, that_is_started_anew_in_a_round_repeats_nothing)
{
    has_been_asked(visit(0));
    ruche::process stage = start({}, true, 1);
    EXPECT_TRUE(stage.join_for(10s));
    EXPECT_TRUE(queues_.due_feeds.empty());
}

TEST_F(the_schedule_stage, lets_a_shorter_interval_hold_at_once)
{
    has_been_asked(visit(0));
    const ruche::process stage = start(100ms);
    EXPECT_TRUE(queues_.due_feeds.pop_for(10s));
}

TEST_F(the_schedule_stage, keeps_the_wait_that_a_server_asked_for_whatever_the_interval)
{
    visited busy{.feed = feed_, .wrong = {problem_kind::http_status, "429"}, .facts = {.status = 429}};
    has_been_asked(busy);
    const ruche::process stage = start(100ms, false, 2);
    EXPECT_EQ(queues_.due_feeds.pop_for(300ms), std::nullopt);
}

TEST_F(the_schedule_stage, asks_again_when_the_store_says_so)
{
    const ruche::process stage = start();
    ASSERT_TRUE(queues_.due_feeds.pop_for(10s));
    has_been_asked(visit(0));
    queues_.outcomes.push({.feed = feed_, .due = due_time()});
    const auto again = queues_.due_feeds.pop_for(10s);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->known.etag, "\"tag\"");
}

TEST_F(the_schedule_stage, returns_after_its_one_round)
{
    ruche::process stage = start({}, true);
    ASSERT_TRUE(queues_.due_feeds.pop_for(10s));
    queues_.outcomes.push({.feed = feed_});
    const auto ended = stage.join_for(10s);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success());
}

} // namespace
} // namespace rssmania
