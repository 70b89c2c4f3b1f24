#include <ruche/pool.hpp>
#include <ruche/thread_pool.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <list>
#include <numeric>
#include <ranges>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

// What pools of processes and pools of threads do alike.

using namespace std::chrono_literals;

namespace {

int square(int n) { return n * n; }
int add(int a, int b) { return a + b; }
int fails() { throw std::out_of_range("too far"); }
int fails_if_odd(int n)
{
    if (n % 2 != 0)
        throw std::out_of_range("odd");
    return n;
}
int listens(ruche::stop_token stop)
{
    helpers::wait_for_stop(stop);
    return 7;
}
std::uint64_t random_number(int) { return ruche::task_rng()(); }
int set_up_count() { return ++ruche::this_worker::state<int>(); }

template <class Pool>
class pools : public testing::Test {};
using both = testing::Types<ruche::pool, ruche::thread_pool>;
TYPED_TEST_SUITE(pools, both);

std::vector<int> numbers(int count)
{
    std::vector<int> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

} // namespace

TYPED_TEST(pools, does_what_it_is_given)
{
    TypeParam pool(2);
    auto one = pool.submit(square, 12);
    auto two = pool.submit(add, 3, 4);
    EXPECT_EQ(one.get(), 144);
    EXPECT_EQ(two.get(), 7);
}

TYPED_TEST(pools, ready_tells_without_anybody_waiting)
{
    TypeParam pool(1);
    auto one = pool.submit(square, 3);
    while (!one.ready())
        std::this_thread::yield();
    auto two = pool.submit(square, 4); // the pool is quiet now: nobody else looks
    while (!two.ready())
        std::this_thread::yield();
    EXPECT_EQ(two.get(), 16);
}

TYPED_TEST(pools, an_exception_arrives)
{
    TypeParam pool(1);
    EXPECT_THROW((void)pool.submit(fails).get(), std::out_of_range);
}

TYPED_TEST(pools, a_task_that_returns_nothing_has_a_future)
{
    TypeParam pool(1);
    pool.submit([] {}).get();
}

TYPED_TEST(pools, maps_in_order)
{
    TypeParam pool(2);
    int next = 0;
    for (int n : pool.map(square, numbers(10'000))) {
        ASSERT_EQ(n, next * next);
        ++next;
    }
    EXPECT_EQ(next, 10'000);
}

TYPED_TEST(pools, maps_with_any_chunk_and_look_ahead)
{
    TypeParam pool(2);
    for (std::size_t chunk : {1U, 3U, 50U})
        for (std::size_t look_ahead : {1U, 2U, 7U, 1000U}) {
            std::vector<int> got;
            for (int n : pool.map({.chunk = chunk, .look_ahead = look_ahead}, square, numbers(40)))
                got.push_back(n);
            ASSERT_EQ(got.size(), 40U);
            EXPECT_EQ(got[39], 39 * 39);
        }
}

TYPED_TEST(pools, maps_several_ranges_until_the_first_ends)
{
    TypeParam pool(2);
    std::vector<int> got;
    for (int n : pool.map(add, numbers(5), std::list{10, 20, 30}))
        got.push_back(n);
    EXPECT_EQ(got, (std::vector{10, 21, 32}));
}

TYPED_TEST(pools, maps_nothing)
{
    TypeParam pool(1);
    for (int n : pool.map(square, std::vector<int>()))
        FAIL() << n;
}

TYPED_TEST(pools, takes_no_more_of_a_range_than_it_may_look_ahead)
{
    TypeParam pool(2);
    int taken = 0;
    auto endless = std::views::iota(0) | std::views::transform([&](int n) {
                       ++taken;
                       return n;
                   });
    int got = 0;
    for (int n : pool.map({.chunk = 2, .look_ahead = 10}, square, endless)) {
        ASSERT_EQ(n, got * got);
        ASSERT_LE(taken, got + 11);
        if (++got == 100)
            break;
    }
}

TYPED_TEST(pools, an_error_is_thrown_in_its_place_and_the_next_results_follow)
{
    TypeParam pool(2);
    auto results = pool.map(fails_if_odd, numbers(100));
    int values = 0, errors = 0;
    for (auto at = results.begin(); at != results.end(); ++at) {
        try {
            EXPECT_EQ(*at, values + errors);
            ++values;
        } catch (const std::out_of_range&) {
            ++errors;
        }
    }
    EXPECT_EQ(values, 50);
    EXPECT_EQ(errors, 50);
}

TYPED_TEST(pools, maps_unordered)
{
    TypeParam pool(2);
    std::set<int> got;
    for (int n : pool.map_unordered(square, numbers(1000)))
        got.insert(n);
    EXPECT_EQ(got.size(), 1000U);
}

TYPED_TEST(pools, for_each_does_all_and_throws_the_first_error)
{
    TypeParam pool(2);
    pool.for_each(square, numbers(100));
    EXPECT_THROW(pool.for_each(fails_if_odd, numbers(100)), std::out_of_range);
}

TYPED_TEST(pools, tell_how_far_they_are)
{
    TypeParam pool(2);
    std::vector<std::size_t> done;
    std::optional<std::size_t> total;
    pool.for_each({.on_progress =
                       [&](const ruche::progress& now) {
                           done.push_back(now.done);
                           total = now.total;
                       }},
                  square, numbers(50));
    EXPECT_EQ(done.size(), 50U);
    EXPECT_EQ(done.back(), 50U);
    EXPECT_EQ(total, 50U);
}

TYPED_TEST(pools, a_task_that_fails_is_done_again_if_it_says_so)
{
    TypeParam pool(1);
    const auto fails_first = [] {
        if (set_up_count() < 3)
            throw std::runtime_error("not yet");
        return ruche::this_worker::state<int>();
    };
    EXPECT_EQ(pool.submit({.retry = {.times = 2, .first_delay = 1ms}}, fails_first).get_for(30s), 3);
}

TYPED_TEST(pools, only_errors_that_are_worth_it_are_tried_again)
{
    TypeParam pool(1);
    const auto fails_once = [] {
        if (set_up_count() == 1)
            throw std::runtime_error("no");
        return 1;
    };
    auto answer = pool.submit({.retry = {.times = 5, .when = ruche::retry_on<std::logic_error>()}}, fails_once);
    EXPECT_THROW((void)answer.get_for(30s), std::runtime_error);
}

TYPED_TEST(pools, a_task_that_waits_is_cancelled_without_being_begun)
{
    TypeParam pool(1);
    auto first = pool.submit(listens);
    std::vector<ruche::future<int>> waiting;
    for (int i = 0; i < 10; ++i)
        waiting.push_back(pool.submit(square, i));
    waiting[9].cancel();
    EXPECT_THROW((void)waiting[9].get_for(30s), ruche::task_cancelled);
    first.cancel();
    EXPECT_THROW((void)first.get_for(30s), ruche::task_cancelled);
    EXPECT_EQ(waiting[8].get_for(30s), 64);
}

TYPED_TEST(pools, a_task_is_not_done_after_its_deadline)
{
    TypeParam pool(1);
    auto slow = pool.submit({.deadline = ruche::deadline(20ms), .grace = 30s}, listens);
    auto next = pool.submit(square, 2);
    EXPECT_THROW((void)slow.get_for(30s), ruche::deadline_exceeded);
    EXPECT_EQ(next.get_for(30s), 4);
}

TYPED_TEST(pools, invoke_reaches_every_worker)
{
    TypeParam pool(4);
    auto answers = pool.invoke([] { return ruche::this_worker::index().value(); });
    std::set<std::uint32_t> workers;
    for (auto& one : answers)
        workers.insert(one.get());
    EXPECT_EQ(workers, (std::set<std::uint32_t>{0, 1, 2, 3}));
}

TYPED_TEST(pools, a_worker_keeps_its_state)
{
    TypeParam pool(1);
    for (int i = 1; i <= 3; ++i)
        EXPECT_EQ(pool.submit(set_up_count).get(), i);
}

TYPED_TEST(pools, random_numbers_are_the_same_for_any_number_of_workers)
{
    const auto draw = [](std::uint32_t workers) {
        typename std::conditional_t<std::is_same_v<TypeParam, ruche::pool>, std::type_identity<ruche::pool_options>,
                                    std::type_identity<ruche::thread_pool_options>>::type options;
        options.workers = workers;
        options.seed = 42;
        TypeParam pool(options);
        std::vector<ruche::future<std::uint64_t>> drawn;
        for (int i = 0; i < 100; ++i)
            drawn.push_back(pool.submit(random_number, i));
        return ruche::when_all(std::move(drawn)).get();
    };
    const auto one = draw(1), four = draw(4);
    EXPECT_EQ(one, four);
    EXPECT_EQ(std::set(one.begin(), one.end()).size(), one.size());
}

TYPED_TEST(pools, a_closed_one_takes_nothing_and_finishes_what_it_has)
{
    TypeParam pool(1);
    std::vector<ruche::future<int>> some;
    for (int i = 0; i < 10; ++i)
        some.push_back(pool.submit(square, i));
    pool.close();
    EXPECT_THROW((void)pool.submit(square, 1), ruche::pool_closed);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(some[static_cast<std::size_t>(i)].get_for(30s), i * i);
}

TYPED_TEST(pools, shutdown_waits_until_all_is_done)
{
    TypeParam pool(2);
    std::vector<ruche::future<int>> some;
    for (int i = 0; i < 50; ++i)
        some.push_back(pool.submit(square, i));
    pool.shutdown();
    for (auto& one : some)
        EXPECT_TRUE(one.ready());
    pool.shutdown(); // again
}

TYPED_TEST(pools, an_unused_one_ends) { const TypeParam pool(3); }

TYPED_TEST(pools, a_resized_one_works)
{
    TypeParam pool(1);
    pool.resize(4);
    EXPECT_EQ(pool.size(), 4U);
    EXPECT_EQ(pool.invoke(square, 2).size(), 4U);
    pool.resize(1);
    long sum = 0;
    for (int n : pool.map(square, numbers(100)))
        sum += n;
    EXPECT_EQ(sum, 328350);
}

TYPED_TEST(pools, callbacks_may_submit)
{
    TypeParam pool(1);
    std::latch done(1);
    auto first = pool.submit(square, 3);
    ruche::future<int> second;
    first.on_ready([&] {
        second = pool.submit(square, 4);
        done.count_down();
    });
    done.wait();
    EXPECT_EQ(second.get_for(30s), 16);
}

TYPED_TEST(pools, many_threads_may_use_one)
{
    TypeParam pool(2);
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> users;
        for (int user = 0; user < 4; ++user)
            users.emplace_back([&, user] {
                for (int i = 0; i < 300; ++i)
                    if (pool.submit(add, user, i).get() != user + i)
                        ++wrong;
            });
    }
    EXPECT_EQ(wrong, 0);
}

TYPED_TEST(pools, tell_what_they_have_done)
{
    typename std::conditional_t<std::is_same_v<TypeParam, ruche::pool>, std::type_identity<ruche::pool_options>,
                                std::type_identity<ruche::thread_pool_options>>::type options;
    options.workers = 1;
    options.trace = true;
    TypeParam pool(options);
    pool.submit({.name = "first \"one\""}, square, 1).get();
    pool.submit({.name = "second"}, square, 2).get();
    pool.shutdown();
    const auto status = pool.status();
    EXPECT_EQ(status.finished, 2U);
    EXPECT_EQ(status.slowest.size(), 2U);
    EXPECT_EQ(status.queued, 0U);
    std::ostringstream trace;
    pool.write_trace(trace);
    EXPECT_NE(trace.str().find("\"name\":\"first \\\"one\\\"\""), std::string::npos) << trace.str();
    EXPECT_NE(trace.str().find("\"ph\":\"X\""), std::string::npos);
}

// --- threads alone ---

TEST(thread_pool, a_task_may_wait_for_others_of_its_own_pool)
{
    ruche::thread_pool pool(1);
    std::function<int(int)> fibonacci = [&](int n) -> int {
        if (n < 2)
            return n;
        auto first = pool.submit(fibonacci, n - 1);
        auto second = pool.submit(fibonacci, n - 2);
        return first.get() + second.get();
    };
    EXPECT_EQ(pool.submit(fibonacci, 12).get_for(60s), 144);
}

TEST(thread_pool, a_task_that_does_not_listen_costs_its_thread_only)
{
    auto release = std::make_shared<std::latch>(1);
    auto left = std::make_shared<std::latch>(1);
    {
        ruche::thread_pool pool(1);
        auto stuck = pool.submit(ruche::deadline(20ms), [release, left] {
            release->wait();
            left->count_down();
        });
        auto next = pool.submit(square, 3);
        EXPECT_THROW(stuck.get_for(30s), ruche::deadline_exceeded);
        EXPECT_EQ(next.get_for(30s), 9);
    }
    release->count_down();
    left->wait();
}

TEST(thread_pool, takes_what_can_not_be_copied)
{
    ruche::thread_pool pool(1);
    auto one = pool.submit([](std::unique_ptr<int> n) { return n; }, std::make_unique<int>(5));
    EXPECT_EQ(*one.get(), 5);
}

TEST(thread_pool, a_set_up_that_throws_is_the_error_of_those_who_wait)
{
    ruche::thread_pool pool({.workers = 2, .set_up = [] { throw std::out_of_range("no licence"); }});
    try {
        pool.submit(square, 1).get_for(30s);
        FAIL() << "it was done";
    } catch (const ruche::worker_failed& error) {
        EXPECT_THROW(std::rethrow_if_nested(error), std::out_of_range);
    }
}

TEST(progress, is_told_in_words)
{
    const ruche::progress half{500, 1000, 5s, 100.0};
    EXPECT_EQ(ruche::to_text(half, 60), "  50 % [############-------------] 500/1000, 100/s, 5 s left");
    EXPECT_EQ(ruche::to_text({7, std::nullopt, 3s, 2.5}, 60), "7, 2.5/s, 3 s");
}
