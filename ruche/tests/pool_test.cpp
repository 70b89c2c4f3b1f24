#include <ruche/pool.hpp>
#include <ruche/queue.hpp>
#include <ruche/this_process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <latch>
#include <numeric>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>

// What is about processes: how workers end, and what that costs. What thread pools do too is in pool_calls_test.

using namespace std::chrono_literals;

namespace {

int square(int n) { return n * n; }
int id_here() { return ruche::this_process::id(); }
int crash() { return std::raise(SIGSEGV); }
int leave(int code) { std::exit(code); }
int stuck()
{
    for (;;)
        std::this_thread::sleep_for(1h);
}
int deaf(ruche::stop_token) { return stuck(); }
int listens(ruche::stop_token stop)
{
    helpers::wait_for_stop(stop);
    return 7;
}

/// Dies the first `times` times; the count is kept in a queue.
int dies_at_first(ruche::queue<int> count, int times)
{
    const int so_far = count.pop().value();
    count.push(so_far + 1);
    if (so_far < times)
        std::raise(SIGKILL);
    return so_far;
}

ruche::queue<int> counter()
{
    ruche::queue<int> count;
    count.push(0);
    return count;
}

struct not_decodable {
    int value = 0;
    int get_state() const { return value; }
    void set_state(int from)
    {
        value = from;
        if (from < 0)
            throw ruche::bad_message("negative", 0);
    }
};
struct not_encodable {
    int get_state() const { throw std::runtime_error("can't be told"); }
    void set_state(int) {}
};

template <class Error>
void fails_with(ruche::future<int>&& answer)
{
    EXPECT_THROW((void)answer.get_for(30s), Error);
}

} // namespace

TEST(pool, a_worker_that_crashes_costs_its_task_only)
{
    ruche::pool pool(2);
    std::vector<ruche::future<int>> fine;
    for (int i = 0; i < 50; ++i)
        fine.push_back(pool.submit(square, i));
    auto dead = pool.submit(crash);
    for (int i = 50; i < 100; ++i)
        fine.push_back(pool.submit(square, i));
    try {
        dead.get();
        FAIL() << "it lives";
    } catch (const ruche::process_died& error) {
        EXPECT_EQ(error.status().signal(), SIGSEGV);
    }
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(fine[static_cast<std::size_t>(i)].get_for(30s), i * i);
}

TEST(pool, a_crash_comes_with_its_stack)
{
    ruche::pool pool(1);
    auto dead = pool.submit(crash);
    try {
        dead.get();
        FAIL() << "it lives";
    } catch (const ruche::process_died& error) {
        EXPECT_NE(error.stack().find("crash"), std::string::npos) << error.stack();
    }
}

TEST(pool, a_task_that_exits_tells_its_code)
{
    ruche::pool pool(1);
    auto gone = pool.submit(leave, 3);
    auto next = pool.submit(square, 3);
    try {
        gone.get();
        FAIL() << "it stayed";
    } catch (const ruche::process_died& error) {
        EXPECT_EQ(error.status().code(), 3);
    }
    EXPECT_EQ(next.get_for(30s), 9);
}

TEST(pool, a_task_that_is_stuck_ends_at_its_deadline)
{
    ruche::pool pool(1);
    auto slow = pool.submit(ruche::deadline(50ms), stuck);
    auto next = pool.submit(square, 4);
    fails_with<ruche::deadline_exceeded>(std::move(slow));
    EXPECT_EQ(next.get_for(30s), 16);
}

TEST(pool, a_deadline_counts_the_waiting_too)
{
    ruche::pool pool(1);
    auto first = pool.submit(stuck);
    auto second = pool.submit(square, 1);
    auto third = pool.submit(ruche::deadline(20ms), square, 4);
    fails_with<ruche::deadline_exceeded>(std::move(third));
    first.cancel();
    EXPECT_EQ(second.get_for(30s), 1);
}

TEST(pool, a_running_task_is_cancelled)
{
    ruche::pool pool(1);
    auto unwanted = pool.submit(stuck);
    auto next = pool.submit(square, 5);
    std::this_thread::yield();
    unwanted.cancel();
    fails_with<ruche::task_cancelled>(std::move(unwanted));
    EXPECT_EQ(next.get_for(30s), 25);
}

TEST(pool, a_task_that_takes_a_token_is_asked_first_and_its_worker_lives)
{
    ruche::pool pool(1);
    const int before = pool.submit(id_here).get();
    auto asked = pool.submit({.grace = 1h}, listens);
    while (pool.status().running.empty())
        std::this_thread::yield();
    asked.cancel();
    fails_with<ruche::task_cancelled>(std::move(asked));
    EXPECT_EQ(pool.submit(id_here).get_for(30s), before);
}

TEST(pool, a_task_that_does_not_listen_is_ended_after_its_grace)
{
    ruche::pool pool(1);
    auto asked = pool.submit({.grace = 10ms}, deaf);
    auto next = pool.submit(square, 2);
    while (pool.status().running.empty())
        std::this_thread::yield();
    asked.cancel();
    fails_with<ruche::task_cancelled>(std::move(asked));
    EXPECT_EQ(next.get_for(30s), 4);
}

TEST(pool, a_worker_that_is_killed_from_outside_is_replaced)
{
    ruche::pool pool(1);
    const int first = pool.submit(id_here).get();
    ::kill(first, SIGKILL);
    EXPECT_TRUE(helpers::gone_within(first, 10s));
    EXPECT_NE(pool.submit({.retry = {.times = 3}}, id_here).get_for(30s), first);
}

TEST(pool, a_task_is_done_again_if_it_says_so)
{
    ruche::pool pool(2);
    EXPECT_EQ(pool.submit({.retry = {.times = 2, .first_delay = 1ms}}, dies_at_first, counter(), 2).get_for(30s), 2);
}

TEST(pool, a_task_that_kills_too_many_workers_is_quarantined)
{
    ruche::pool pool({.workers = 1, .quarantine_after = 2});
    fails_with<ruche::task_quarantined>(pool.submit({.retry = {.times = 9, .first_delay = 1ms}}, crash));
    EXPECT_EQ(pool.status().replaced, 2U);
}

TEST(pool, a_result_that_can_not_be_told_is_an_error_and_its_worker_lives)
{
    ruche::pool pool(1);
    const int before = pool.submit(id_here).get();
    auto bad = pool.submit([] { return not_encodable(); });
    EXPECT_THROW((void)bad.get(), std::runtime_error);
    EXPECT_EQ(pool.submit(id_here).get(), before);
}

TEST(pool, a_result_that_can_not_be_read_is_an_error)
{
    ruche::pool pool(1);
    auto bad = pool.submit([](int n) { return not_decodable{n}; }, -1);
    EXPECT_THROW((void)bad.get(), ruche::bad_message);
}

TEST(pool, an_argument_that_can_not_be_read_is_an_error)
{
    ruche::pool pool(1);
    auto bad = pool.submit([](not_decodable one) { return one.value; }, not_decodable{-1});
    fails_with<ruche::bad_message>(std::move(bad));
}

TEST(pool, carries_large_arguments_and_results)
{
    ruche::pool pool(2);
    const std::string large(5'000'000, 'x');
    auto one = pool.submit([](std::string text) { return text + text; }, large);
    auto two = pool.submit([](std::string text) { return text.size(); }, large);
    EXPECT_EQ(one.get().size(), 10'000'000U);
    EXPECT_EQ(two.get(), 5'000'000U);
}

TEST(pool, a_crash_while_a_large_argument_is_on_its_way_is_reported)
{
    ruche::pool pool(1);
    auto dead = pool.submit(crash);
    auto large =
        pool.submit([](std::string text) { return static_cast<int>(text.size()); }, std::string(5'000'000, 'x'));
    fails_with<ruche::process_died>(std::move(dead));
    EXPECT_EQ(large.get_for(30s), 5'000'000);
}

TEST(pool, tasks_may_be_sent_handles)
{
    ruche::pool pool(2);
    ruche::queue<int> numbers;
    for (int i = 0; i < 20; ++i)
        pool.submit([](ruche::queue<int> to, int n) { to.push(n); }, numbers, i).get();
    EXPECT_EQ(numbers.size(), 20U);
    auto back = pool.submit([](ruche::queue<int> same) { return same; }, numbers).get();
    EXPECT_TRUE(back == numbers);
}

TEST(pool, set_up_runs_in_each_worker_before_its_first_task)
{
    ruche::pool pool(
        {.workers = 2, .set_up = ruche::worker_call([](int n) { ruche::this_worker::state<int>() = n; }, 5)});
    EXPECT_EQ(pool.submit([] { return ruche::this_worker::state<int>()++; }).get(), 5);
}

TEST(pool, a_set_up_that_throws_is_the_error_of_those_who_wait)
{
    ruche::pool pool({.workers = 2, .set_up = [] { throw std::out_of_range("no licence"); }});
    auto one = pool.submit(square, 1);
    try {
        one.get_for(30s);
        FAIL() << "it was done";
    } catch (const ruche::worker_failed& error) {
        EXPECT_THROW(std::rethrow_if_nested(error), std::out_of_range);
    }
    fails_with<ruche::worker_failed>(pool.submit(square, 2));
}

TEST(pool, a_set_up_that_crashes_is_the_error_of_those_who_wait)
{
    ruche::pool pool({.workers = 1, .set_up = [] { std::raise(SIGSEGV); }});
    fails_with<ruche::worker_failed>(pool.submit(square, 1));
}

TEST(pool, tear_down_runs_when_a_worker_leaves)
{
    ruche::queue<int> said;
    {
        ruche::pool pool(
            {.workers = 1, .tear_down = ruche::worker_call([](ruche::queue<int> to) { to.push(1); }, said)});
        pool.submit(square, 1).get();
        pool.shutdown();
    }
    EXPECT_EQ(said.try_pop(), 1);
}

TEST(pool, a_worker_is_replaced_after_its_number_of_tasks)
{
    ruche::pool pool({.workers = 1, .max_tasks_per_worker = 3});
    std::vector<int> ids;
    for (int i = 0; i < 7; ++i)
        ids.push_back(pool.submit(id_here).get());
    EXPECT_EQ(ids[0], ids[2]);
    EXPECT_NE(ids[2], ids[3]);
    EXPECT_EQ(std::set<int>(ids.begin(), ids.end()).size(), 3U);
}

TEST(pool, a_worker_that_has_used_too_much_memory_is_replaced)
{
    ruche::pool pool({.workers = 1, .max_memory_per_worker = 100U << 20});
    const int small = pool.submit(id_here).get();
    EXPECT_EQ(pool.submit(id_here).get(), small);
    const int large = pool.submit([] {
                              std::vector<char> much(200U << 20, 'x');
                              return much.back() == 'x' ? ruche::this_process::id() : 0;
                          })
                          .get();
    EXPECT_EQ(large, small);
    EXPECT_NE(pool.submit(id_here).get_for(30s), small);
}

TEST(pool, starts_no_more_workers_than_its_tasks_need)
{
    ruche::pool pool(4);
    std::set<int> ids;
    for (int i = 0; i < 10; ++i)
        ids.insert(pool.submit(id_here).get());
    EXPECT_EQ(ids.size(), 1U);
}

TEST(pool, idle_workers_leave)
{
    ruche::pool pool({.workers = 1, .idle_time = 10ms});
    const int id = pool.submit(id_here).get();
    EXPECT_TRUE(helpers::gone_within(id, 10s));
    EXPECT_NE(pool.submit(id_here).get(), id);
}

TEST(pool, leaves_no_process_and_no_descriptor)
{
    {
        ruche::pool(2).submit(square, 1).get();
    } // what is started once and stays
    const auto before = helpers::count_descriptors();
    {
        ruche::pool pool(3);
        for (int i = 0; i < 100; ++i)
            (void)pool.submit({.retry = {.times = 5, .first_delay = 0ms}}, i % 10 == 0 ? crash : id_here);
        auto stays = pool.submit(stuck);
    }
    EXPECT_EQ(helpers::count_descriptors(), before);
    EXPECT_TRUE(ruche::active_children().empty());
}

TEST(pool, destruction_gives_up_what_is_not_done_within_its_bound)
{
    const auto start = std::chrono::steady_clock::now();
    ruche::future<int> running, asked, waiting;
    {
        ruche::pool pool({.workers = 1, .grace = 100ms});
        running = pool.submit(stuck);
        asked = pool.submit({.grace = 100ms}, deaf);
        waiting = pool.submit(square, 1);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
    fails_with<ruche::task_cancelled>(std::move(running));
    fails_with<ruche::task_cancelled>(std::move(asked));
    fails_with<ruche::task_cancelled>(std::move(waiting));
}

TEST(pool, may_be_destroyed_from_a_callback)
{
    auto pool = std::make_unique<ruche::pool>(2);
    std::latch done(1);
    auto first = pool->submit(square, 1);
    auto stays = pool->submit(stuck);
    first.on_ready([&] {
        pool.reset();
        done.count_down();
    });
    done.wait();
    fails_with<ruche::task_cancelled>(std::move(stays));
}

TEST(pool, a_dropped_future_lets_its_task_run)
{
    ruche::queue<int> said;
    ruche::pool pool(1);
    {
        auto dropped = pool.submit([](ruche::queue<int> to) { to.push(1); }, said);
    }
    EXPECT_EQ(said.pop_for(30s), 1);
}

TEST(pool, two_hundred_workers_work)
{
    ruche::pool pool(200);
    const auto answers = pool.invoke(square, 3);
    EXPECT_EQ(answers.size(), 200U);
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 0);
    long sum = 0;
    for (int n : pool.map(square, numbers))
        sum += n;
    EXPECT_EQ(sum, 332833500);
}

TEST(pool, a_task_may_have_a_pool_of_its_own)
{
    ruche::pool pool(1);
    EXPECT_EQ(pool.submit([] {
                      ruche::pool inner(1);
                      return inner.submit(square, 6).get();
                  })
                  .get_for(30s),
              36);
}

TEST(pool, a_call_of_a_map_that_dies_costs_no_other)
{
    ruche::pool pool(2);
    std::vector<int> numbers(2000);
    std::iota(numbers.begin(), numbers.end(), 0);
    auto results = pool.map(
        {.chunk = 100},
        [](int n) {
            if (n % 500 == 7)
                std::raise(SIGKILL);
            return n;
        },
        numbers);
    int expected = 0, died = 0;
    for (auto at = results.begin(); at != results.end(); ++at, ++expected) {
        try {
            EXPECT_EQ(*at, expected);
        } catch (const ruche::process_died&) {
            EXPECT_EQ(expected % 500, 7);
            ++died;
        }
    }
    EXPECT_EQ(expected, 2000);
    EXPECT_EQ(died, 4);
}

TEST(pool, tells_what_runs_where)
{
    ruche::pool pool(1);
    auto one = pool.submit({.name = "long one"}, stuck);
    while (pool.status().running.empty())
        std::this_thread::yield();
    const auto status = pool.status();
    ASSERT_EQ(status.running.size(), 1U);
    EXPECT_EQ(status.running[0].name, "long one");
    EXPECT_GT(status.running[0].process, 0);
    ASSERT_EQ(status.workers.size(), 1U);
    EXPECT_EQ(status.workers[0].process, status.running[0].process);
}

TEST(pool, a_sandboxed_worker_that_has_used_too_much_memory_is_replaced)
{
    ruche::pool pool({.workers = 1,
                      .max_memory_per_worker = 100U << 20,
                      .sandbox = ruche::sandbox::compute({.memory = 512U << 20}, ruche::sandbox::layers::all())});
    const int small = pool.submit(id_here).get();
    EXPECT_EQ(pool.submit(id_here).get(), small);
    EXPECT_TRUE(pool.submit([] { return std::vector<char>(200U << 20, 'x').back() == 'x'; }).get());
    EXPECT_NE(pool.submit(id_here).get_for(30s), small);
}

TEST(pool, a_sandboxed_pool_computes)
{
    ruche::pool pool({.workers = 2, .sandbox = ruche::sandbox::compute({}, ruche::sandbox::layers::all())});
    std::vector<int> numbers(100);
    std::iota(numbers.begin(), numbers.end(), 0);
    long sum = 0;
    for (int n : pool.map(square, numbers))
        sum += n;
    EXPECT_EQ(sum, 328350);
    fails_with<ruche::process_died>(pool.submit(crash));
    EXPECT_EQ(pool.submit(square, 4).get_for(30s), 16);
}
