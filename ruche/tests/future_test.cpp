#include <ruche/async.hpp>
#include <ruche/coroutine.hpp>
#include <ruche/future.hpp>
#include <ruche/futures.hpp>
#include <ruche/this_process.hpp>
#include <ruche/wait.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <future>
#include <latch>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;

namespace {

static_assert(!std::is_copy_constructible_v<ruche::future<int>>);
static_assert(ruche::sendable<ruche::future<int>>);
static_assert(ruche::waitable<ruche::future<int>>);

int square(int n) { return n * n; }
void nothing() {}
int fails() { throw std::out_of_range("too far"); }
int stuck()
{
    for (;;)
        std::this_thread::sleep_for(1h);
}
int stops(ruche::stop_token stop)
{
    helpers::wait_for_stop(stop);
    return 1;
}

template <class T>
std::vector<ruche::future<T>> futures_of(std::vector<ruche::promise<T>>& promises)
{
    std::vector<ruche::future<T>> futures;
    for (auto& one : promises)
        futures.push_back(one.get_future());
    return futures;
}

} // namespace

TEST(future, gives_what_a_promise_was_set_to)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    EXPECT_FALSE(later.ready());
    EXPECT_TRUE(answer.set_value(42));
    EXPECT_TRUE(later.ready());
    EXPECT_EQ(later.get(), 42);
    EXPECT_FALSE(later.valid());
}

TEST(future, that_was_taken_can_not_be_used)
{
    ruche::promise<void> answer;
    auto later = answer.get_future();
    answer.set_value();
    later.get();
    EXPECT_THROW(later.get(), std::logic_error);
    EXPECT_THROW(later.wait(), std::logic_error);
}

TEST(future, throws_what_a_promise_was_set_to)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    answer.set_exception(std::make_exception_ptr(std::out_of_range("too far")));
    EXPECT_THROW(later.get(), std::out_of_range);
}

TEST(future, is_settled_once)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    EXPECT_TRUE(answer.set_value(1));
    EXPECT_FALSE(answer.set_value(2));
    EXPECT_FALSE(answer.set_exception(std::make_exception_ptr(1)));
    EXPECT_EQ(later.get(), 1);
}

TEST(future, of_a_promise_that_went_is_broken)
{
    ruche::future<int> later;
    {
        ruche::promise<int> answer;
        later = answer.get_future();
    }
    EXPECT_THROW(later.get(), std::future_error);
}

TEST(future, wakes_a_thread_that_waits)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    std::jthread setter([&] { answer.set_value(7); });
    EXPECT_EQ(later.get(), 7);
}

TEST(future, a_wait_that_is_too_short_leaves_it_valid)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    EXPECT_THROW(later.get_for(1ms), ruche::deadline_exceeded);
    EXPECT_FALSE(later.wait_for(-1s));
    EXPECT_TRUE(later.valid());
    answer.set_value(3);
    EXPECT_EQ(later.get_for(10s), 3);
}

TEST(future, a_wait_ends_when_a_stop_is_requested)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    ruche::stop_source source;
    std::jthread stopper([&] { source.request_stop(); });
    EXPECT_FALSE(later.wait(source.get_token()));
}

TEST(future, of_async_ends_its_wait_when_a_stop_is_requested)
{
    auto later = ruche::async(stops);
    ruche::stop_source source;
    std::jthread stopper([&] { source.request_stop(); });
    EXPECT_FALSE(later.wait(source.get_token()));
}

TEST(future, error_gives_what_it_failed_with_and_leaves_it_valid)
{
    auto later = ruche::async(fails);
    EXPECT_NE(later.error(), nullptr);
    EXPECT_THROW(later.get(), std::out_of_range);
    auto fine = ruche::async(square, 2);
    EXPECT_EQ(fine.error(), nullptr);
    EXPECT_EQ(fine.get(), 4);
}

TEST(future, cancel_settles_a_promise_and_tells_it)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    bool told = false;
    answer.on_cancel([&] { told = true; });
    later.cancel();
    EXPECT_TRUE(told);
    EXPECT_FALSE(answer.set_value(1));
    EXPECT_THROW(later.get(), ruche::task_cancelled);
}

TEST(future, cancel_ends_an_async_call_that_takes_no_token)
{
    auto later = ruche::async(stuck);
    const int id = later.worker().id();
    later.cancel();
    EXPECT_THROW(later.get(), ruche::task_cancelled);
    EXPECT_TRUE(helpers::gone_within(id, 5s));
}

TEST(future, cancel_asks_an_async_call_that_takes_a_token)
{
    auto later = ruche::async({.grace = 1h}, stops);
    const int id = later.worker().id();
    later.cancel();
    EXPECT_THROW(later.get(), ruche::task_cancelled);
    EXPECT_TRUE(helpers::gone_within(id, 5s));
}

TEST(future, cancel_after_the_answer_changes_nothing)
{
    auto later = ruche::async(square, 3);
    later.wait();
    later.cancel();
    EXPECT_EQ(later.get(), 9);
}

TEST(future, callbacks_run_in_their_order_on_one_other_thread)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    std::latch done(3);
    std::vector<int> order;
    std::vector<std::thread::id> threads;
    for (int i = 0; i < 3; ++i)
        later.on_ready([&, i] {
            order.push_back(i);
            threads.push_back(std::this_thread::get_id());
            done.count_down();
        });
    answer.set_value(1);
    done.wait();
    EXPECT_EQ(order, (std::vector{0, 1, 2}));
    EXPECT_NE(threads[0], std::this_thread::get_id());
    EXPECT_EQ(threads[0], threads[2]);
}

TEST(future, a_callback_on_a_ready_future_runs_too)
{
    ruche::promise<int> answer;
    answer.set_value(1);
    std::latch done(1);
    answer.get_future().on_ready([&] { done.count_down(); });
    done.wait();
}

TEST(future, a_callback_that_throws_is_told_and_the_next_one_runs)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    std::latch done(1);
    const helpers::captured_output errors(2);
    later.on_ready([] { throw std::runtime_error("of no use"); });
    later.on_ready([&] { done.count_down(); });
    answer.set_value(1);
    done.wait();
    EXPECT_NE(errors.text().find("a callback threw: std::runtime_error: of no use"), std::string::npos);
}

TEST(future, a_callback_of_an_async_call_runs_without_anybody_waiting)
{
    std::latch done(1);
    auto later = ruche::async(square, 5);
    later.on_ready([&] { done.count_down(); });
    done.wait();
    EXPECT_EQ(later.get(), 25);
}

TEST(future, then_makes_a_future_of_what_comes_next)
{
    auto later = ruche::async(square, 3).then([](int n) { return std::to_string(n); }).then([](std::string text) {
        return text + "!";
    });
    EXPECT_EQ(later.get(), "9!");
}

TEST(future, an_error_passes_by_what_comes_next)
{
    bool called = false;
    auto later = ruche::async(fails).then([&](int) { called = true; });
    EXPECT_THROW(later.get(), std::out_of_range);
    EXPECT_FALSE(called);
}

TEST(future, what_comes_next_may_take_the_future_itself)
{
    auto later = ruche::async(fails).then([](ruche::future<int> ready) { return ready.error() != nullptr; });
    EXPECT_TRUE(later.get());
}

TEST(future, then_of_nothing_takes_nothing)
{
    EXPECT_EQ(ruche::async(nothing).then([] { return 1; }).get(), 1);
}

TEST(future, cancel_reaches_through_then)
{
    auto first = ruche::async(stuck);
    const int id = first.worker().id();
    auto later = std::move(first).then([](int n) { return n; });
    later.cancel();
    EXPECT_THROW(later.get(), ruche::task_cancelled);
    EXPECT_TRUE(helpers::gone_within(id, 5s));
}

TEST(future, is_waited_for_together_with_other_things)
{
    ruche::promise<int> slow, fast;
    auto first = slow.get_future();
    auto second = fast.get_future();
    std::jthread setter([&] { fast.set_value(1); });
    EXPECT_EQ(ruche::wait_any(10s, first, second), 1U);
    EXPECT_TRUE(second.ready());
}

TEST(future, wait_any_gives_the_place_of_a_ready_one)
{
    std::vector<ruche::promise<int>> promises(3);
    auto futures = futures_of(promises);
    EXPECT_EQ(ruche::wait_any(1ms, futures), std::nullopt);
    promises[2].set_value(1);
    EXPECT_EQ(ruche::wait_any(futures), 2U);
}

TEST(future, wait_all_says_whether_all_were_in_time)
{
    std::vector<ruche::promise<int>> promises(2);
    auto futures = futures_of(promises);
    promises[0].set_value(1);
    EXPECT_FALSE(ruche::wait_all(1ms, futures));
    promises[1].set_value(1);
    EXPECT_TRUE(ruche::wait_all(1h, futures));
}

TEST(future, as_completed_gives_them_in_the_order_of_their_ends)
{
    std::vector<ruche::promise<int>> promises(3);
    auto futures = futures_of(promises);
    for (const std::size_t i : {2U, 0U, 1U})
        promises[i].set_value(static_cast<int>(i));
    std::vector<int> order;
    ruche::as_completed all(futures);
    for (auto& one : all)
        order.push_back(one.get());
    EXPECT_EQ(order, (std::vector{0, 1, 2})); // all were ready: in their own order
    EXPECT_FALSE(futures[0].valid());
}

TEST(future, as_completed_gives_the_later_ones_as_they_come)
{
    std::vector<ruche::promise<int>> promises(3);
    auto futures = futures_of(promises);
    std::vector<int> order;
    std::size_t next = 2;
    promises[next].set_value(static_cast<int>(next));
    ruche::as_completed all(futures);
    for (auto& one : all) {
        order.push_back(one.get());
        if (next > 0) {
            --next;
            promises[next].set_value(static_cast<int>(next));
        }
    }
    EXPECT_EQ(order, (std::vector{2, 1, 0}));
}

TEST(future, as_completed_says_how_many_are_missing)
{
    std::vector<ruche::promise<int>> promises(4);
    auto futures = futures_of(promises);
    promises[0].set_value(0);
    promises[1].set_value(1);
    int got = 0;
    ruche::as_completed all(futures, 1ms);
    try {
        for (auto& one : all)
            got += 1 + 0 * one.get();
        FAIL() << "it ended";
    } catch (const ruche::deadline_exceeded& error) {
        EXPECT_STREQ(error.what(), "2 of 4 futures are not ready");
    }
    EXPECT_EQ(got, 2);
}

TEST(future, when_all_gathers_the_values_in_their_order)
{
    std::vector<ruche::future<int>> squares;
    for (int i = 0; i < 4; ++i)
        squares.push_back(ruche::async(square, i));
    EXPECT_EQ(ruche::when_all(std::move(squares)).get(), (std::vector{0, 1, 4, 9}));
    EXPECT_TRUE(ruche::when_all(std::vector<ruche::future<int>>()).get().empty());
}

TEST(future, when_all_takes_futures_of_several_types)
{
    ruche::promise<std::string> word;
    word.set_value("four");
    const auto [number, text] = ruche::when_all(ruche::async(square, 2), word.get_future()).get();
    EXPECT_EQ(number, 4);
    EXPECT_EQ(text, "four");
}

TEST(future, when_all_throws_the_first_error)
{
    std::vector<ruche::future<int>> some;
    some.push_back(ruche::async(square, 1));
    some.push_back(ruche::async(fails));
    EXPECT_THROW(ruche::when_all(std::move(some)).get(), std::out_of_range);
}

// --- sent to another process ---

TEST(future, that_is_sent_is_settled_over_there)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    auto there = ruche::async([](ruche::future<int> arrived) { return arrived.get() + 1; }, std::move(later));
    answer.set_value(41);
    EXPECT_EQ(there.get(), 42);
}

TEST(future, that_is_sent_is_not_valid_here_any_more)
{
    ruche::promise<int> answer;
    auto later = answer.get_future();
    auto there = ruche::async([](ruche::future<int> arrived) { return arrived.get(); }, later);
    EXPECT_FALSE(later.valid());
    answer.set_value(1);
    EXPECT_EQ(there.get(), 1);
}

TEST(future, an_error_arrives_where_it_was_sent)
{
    auto there = ruche::async(
        [](ruche::future<int> arrived) {
            try {
                return arrived.get();
            } catch (const std::out_of_range&) {
                return -1;
            }
        },
        ruche::async(fails));
    EXPECT_EQ(there.get(), -1);
}

TEST(future, that_was_sent_is_cancelled_from_there)
{
    auto first = ruche::async(stuck);
    const int id = first.worker().id();
    auto there = ruche::async([](ruche::future<int> arrived) { arrived.cancel(); }, std::move(first));
    there.get();
    EXPECT_TRUE(helpers::gone_within(id, 5s));
}

TEST(future, of_a_process_that_died_is_an_error_where_it_was_sent)
{
    ruche::process middle;
    auto there = ruche::async([] {
        ruche::promise<int> never;
        auto answer =
            ruche::async([](ruche::future<int> arrived) { return arrived.error() != nullptr; }, never.get_future());
        std::this_thread::sleep_for(1h);
        return answer.get();
    });
    there.worker().kill();
    EXPECT_THROW(there.get(), ruche::process_died);
}

// --- in coroutines ---

namespace {

ruche::coroutine<int> add_squares(int a, int b)
{
    const int first = co_await ruche::async(square, a);
    const int second = co_await ruche::async(square, b);
    co_return first + second;
}

ruche::coroutine<std::string> show_squares(int a, int b) { co_return std::to_string(co_await add_squares(a, b)); }

ruche::coroutine<void> fail_later() { (void)co_await ruche::async(fails); }

} // namespace

TEST(future, is_awaited_in_a_coroutine) { EXPECT_EQ(add_squares(3, 4).get(), 25); }
TEST(future, a_coroutine_awaits_another) { EXPECT_EQ(show_squares(3, 4).get(), "25"); }
TEST(future, an_error_leaves_a_coroutine_as_it_would_a_function)
{
    EXPECT_THROW(fail_later().get(), std::out_of_range);
}
