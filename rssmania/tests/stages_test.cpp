// Each stage alone, in a process as it will run, between queues that the test holds.
#include "announce/teller.hpp"
#include "confine/network_only.hpp"
#include "demo/sample_site.hpp"
#include "fetch/fetch_stage.hpp"
#include "parse/parse_stage.hpp"
#include "schedule/schedule_stage.hpp"
#include "store/store_stage.hpp"
#include "temporary_directory.hpp"

#include <ruche/process.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
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

// What a fetcher that was taken over might try, within its walls.
void read_what_is_not_its_business()
{
    (void)allow_network_only();
    const int file = ::open("/etc/passwd", O_RDONLY);
    if (file >= 0 || errno != EACCES)
        throw std::runtime_error("it could be opened");
    if (::open("/tmp", O_TMPFILE | O_RDWR, 0600) >= 0)
        throw std::runtime_error("a file could be made");
    if (::open("/etc/hosts", O_RDONLY) < 0)
        throw std::runtime_error("the resolver's files can't be read");
}
void run_a_program()
{
    (void)allow_network_only();
    ::execl("/bin/true", "true", nullptr);
}
void become_two()
{
    (void)allow_network_only();
    if (::fork() == 0)
        ::_exit(0);
}
void become_a_server()
{
    (void)allow_network_only();
    ::listen(::socket(AF_INET, SOCK_STREAM, 0), 1);
}

bool has_walls()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false; // their runtimes could not live within
#endif
    return missing_for_network_only().empty();
}

TEST(a_fetcher, reads_only_certificates_and_what_names_need)
{
    if (!has_walls())
        GTEST_SKIP() << "this machine has not all walls";
    const auto status = ruche::process(read_what_is_not_its_business).join();
    EXPECT_TRUE(status.success()) << status.describe();
}

TEST(a_fetcher, starts_nothing_and_serves_nobody)
{
    if (!has_walls())
        GTEST_SKIP() << "this machine has not all walls";
    EXPECT_EQ(ruche::process(run_a_program).join().signal(), SIGSYS);
    EXPECT_EQ(ruche::process(become_two).join().signal(), SIGSYS);
    EXPECT_EQ(ruche::process(become_a_server).join().signal(), SIGSYS);
}

TEST_F(the_fetch_stage, ends_at_once_when_asked_to_while_slow_servers_have_all_the_room)
{
    const sample_site site{{}};
    const fetch_options one_at_once{.http = {.limits = {}, .allow_local = true, .at_once = 1}};
    ruche::process stage(fetch_stage, queues_, one_at_once);
    queues_.due_feeds.push({.feed = 5, .url = site.address("/faults/silent")});
    ASSERT_TRUE(site.wait_for_requests("/faults/silent", 1, 10s));
    stage.request_stop();
    const auto ended = stage.join_for(900ms);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success()) << ended->describe();
}

// As a keeper does that dies with an answer in its hands.
void take_one_and_die(pipeline_queues queues)
{
    const auto answer = queues.answers.pop_lease();
    std::raise(SIGKILL);
}

const std::string a_feed = "<rss version='2.0'><channel><title>Bees</title><item><guid>1</guid></item></channel></rss>";

template <class Stage>
ruche::process start(Stage stage, const pipeline_queues& queues, parse_options options)
{
    options.workers = 1;
    options.may_lack = ruche::sandbox::support().missing();
    return ruche::process(stage, queues, options);
}

ruche::process start_parsing(const pipeline_queues& queues) { return start(parse_stage, queues, {}); }

TEST_F(the_parse_stage, reads_in_a_worker_what_servers_sent)
{
    queues_.answers.push({.feed = 5, .body = a_feed, .body_hash = "hash", .facts = {.fresh = {"\"tag\"", ""}}});
    const ruche::process stage = start_parsing(queues_);
    const auto visit = queues_.visits.pop_for(10s);
    ASSERT_TRUE(visit);
    EXPECT_EQ(visit->feed, 5);
    EXPECT_EQ(visit->result, visit_result::read);
    EXPECT_EQ(visit->content.title, "Bees");
    EXPECT_EQ(visit->content.articles.size(), 1U);
    EXPECT_EQ(visit->body_hash, "hash");
    EXPECT_EQ(visit->facts.fresh.etag, "\"tag\"");
}

TEST_F(the_parse_stage, reads_an_answer_that_other_stages_died_with)
{
    queues_.answers.push({.feed = 5, .body = a_feed});
    for (int death = 0; death < 3; ++death)
        EXPECT_EQ(ruche::process(take_one_and_die, queues_).join().signal(), SIGKILL);
    const ruche::process stage = start_parsing(queues_);
    EXPECT_EQ(queues_.visits.pop_for(10s).value().result, visit_result::read);
}

TEST_F(the_parse_stage, gives_up_an_answer_that_twenty_stages_died_with)
{
    queues_.answers.push({.feed = 5, .body = a_feed});
    for (unsigned death = 0; death < most_deaths_in_company; ++death)
        EXPECT_EQ(ruche::process(take_one_and_die, queues_).join().signal(), SIGKILL);
    const ruche::process stage = start_parsing(queues_);
    EXPECT_EQ(queues_.visits.pop_for(10s).value().wrong, (problem{problem_kind::stage_died, "parse"}));
}

// Parsers as they should not be: what a document says, they do.
reading obey(untrusted_body what)
{
    if (what.body == "crash")
        std::raise(SIGSEGV);
    if (what.body == "open")
        (void)::open("/etc/passwd", O_RDONLY);
    if (what.body == "compute")
        for (std::atomic<unsigned> i = 0;; ++i)
            continue;
    if (what.body == "devour")
        for (std::vector<std::string> all;; all.emplace_back(1U << 20U, 'x'))
            continue;
    if (what.body == "lie")
        return {.is_feed = true, .content = {.articles = {{.title = std::string(1U << 20U, 'x')}}}};
    return read_body(std::move(what));
}

void obeying_stage(ruche::stop_token stop, pipeline_queues queues, parse_options options)
{
    parse_by(obey, std::move(stop), std::move(queues), options);
}

class an_obedient_parser : public a_stage {
protected:
    // What becomes of a document, and that its neighbours are read all the same.
    problem verdict_on(const std::string& document)
    {
        const ruche::process stage =
            start(obeying_stage, queues_, {.most_time = 2s, .most_memory = std::uint64_t{64} << 20U});
        queues_.answers.push({.feed = 1, .body = a_feed});
        queues_.answers.push({.feed = 2, .body = document});
        queues_.answers.push({.feed = 3, .body = a_feed});
        problem found;
        for (int i = 0; i < 3; ++i) {
            const auto visit = queues_.visits.pop_for(30s);
            if (!visit)
                return {problem_kind::none, "no visit"};
            if (visit->feed == 2)
                found = visit->wrong;
            else
                EXPECT_EQ(visit->result, visit_result::read) << visit->feed << ": " << visit->wrong.detail;
        }
        EXPECT_TRUE(queues_.visits.empty());
        return found;
    }
};

TEST_F(an_obedient_parser, that_crashes_costs_its_feed_one_visit)
{
    const problem found = verdict_on("crash");
    EXPECT_EQ(found.kind, problem_kind::stage_died);
    EXPECT_NE(found.detail.find("Segmentation fault"), std::string::npos) << found.detail;
}

TEST_F(an_obedient_parser, that_opens_a_file_is_ended_and_named)
{
    if (ruche::sandbox::support().missing().contains(ruche::sandbox::layer::seccomp))
        GTEST_SKIP() << "no seccomp here";
    const problem found = verdict_on("open");
    EXPECT_EQ(found.kind, problem_kind::stage_died);
    EXPECT_NE(found.detail.find("openat"), std::string::npos) << found.detail;
}

TEST_F(an_obedient_parser, that_never_ends_is_ended)
{
    EXPECT_EQ(verdict_on("compute"), (problem{problem_kind::too_hard, "time"}));
}

TEST_F(an_obedient_parser, that_takes_all_memory_gets_no_more)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "no limit on memory under a sanitizer";
#endif
    EXPECT_EQ(verdict_on("devour"), (problem{problem_kind::too_hard, "memory"}));
}

TEST_F(an_obedient_parser, that_says_what_none_could_is_not_believed)
{
    EXPECT_EQ(verdict_on("lie").kind, problem_kind::stage_died);
}

TEST_F(the_parse_stage, ends_at_once_when_asked_to_even_while_a_document_is_read)
{
    ruche::process stage = start(obeying_stage, queues_, {});
    queues_.answers.push({.feed = 2, .body = "compute"});
    while (!queues_.answers.empty()) // it has been taken
        std::this_thread::yield();
    stage.request_stop();
    const auto ended = stage.join_for(5s);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->success()) << ended->describe();
    EXPECT_EQ(queues_.answers.size(), 1U); // nobody has it, so it waits again
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

TEST_F(the_schedule_stage, asks_for_a_whole_body_after_the_time_that_was_set)
{
    has_been_asked(visit(0));
    schedule_options options{.directory = directory_.path().string(), .run = 2, .how = {.once = true}};
    options.whole_after = 0s;
    const ruche::process stage(schedule_stage, queues_, options);
    const auto request = queues_.due_feeds.pop_for(10s);
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->known.empty());
}

TEST_F(the_schedule_stage, finds_the_password_where_it_is_said_to_be)
{
    const auto file = directory_.path() / "secret";
    std::ofstream(file) << "beeswax\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    store(directory_.path()).configure(feed_, {.user = "ann", .password_from = "file:" + file.string()});
    const ruche::process stage = start();
    const auto request = queues_.due_feeds.pop_for(10s);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->how.user, "ann");
    EXPECT_EQ(request->how.password, "beeswax");
}

TEST_F(the_schedule_stage, begins_nothing_for_a_while_when_there_is_no_network)
{
    const feed_id other = store(directory_.path()).subscribe("http://example.com/feed", now);
    const schedule_options options{
        .directory = directory_.path().string(), .run = 1, .how = {.most_under_way = 1, .spread_gap = 0ns}};
    const ruche::process stage(schedule_stage, queues_, options);
    const auto first = queues_.due_feeds.pop_for(10s);
    ASSERT_TRUE(first);
    queues_.outcomes.push({.feed = first->feed, .due = due_time(), .offline = true});
    EXPECT_EQ(queues_.due_feeds.pop_for(500ms), std::nullopt) << other;
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
