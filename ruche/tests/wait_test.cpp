#include <ruche/wait.hpp>

#include "helpers/forked.hpp"
#include "helpers/processes.hpp"
#include "helpers/switches.hpp"

#include <ruche/async.hpp>
#include <ruche/channel.hpp>
#include <ruche/event.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/shared.hpp>

#include <gtest/gtest.h>

#include <list>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace std::chrono_literals;
using helpers::forked;
using helpers::voluntary_switches;

static_assert(ruche::waitable<ruche::queue<int>> && ruche::waitable<ruche::channel<int, int>>);
static_assert(ruche::waitable<ruche::event> && ruche::waitable<ruche::process>);
static_assert(ruche::waitable<ruche::future<int>> && ruche::waitable<ruche::fd>);
static_assert(!ruche::waitable<int> && !ruche::waitable_range<ruche::queue<int>>);
static_assert(ruche::waitable_range<std::vector<ruche::process>> && ruche::waitable_range<std::list<ruche::event>>);

namespace {

void nothing() {}
int six_times_seven() { return 42; }

void hold_and_die(ruche::queue<int> jobs, ruche::event held, ruche::event die)
{
    auto job = jobs.pop_lease();
    held.set();
    die.wait();
    ::kill(::getpid(), SIGKILL);
}

std::pair<ruche::fd, ruche::fd> pipe_ends()
{
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    return {ruche::fd(ends[0]), ruche::fd(ends[1])};
}

} // namespace

TEST(wait_any, waits_for_things_of_every_kind_at_once)
{
    ruche::queue<int> jobs;
    auto [here, there] = ruche::make_channel<int, int>();
    ruche::event ready;
    ruche::process worker(nothing);
    ruche::future<int> answer = ruche::async(six_times_seven);
    auto [reader, writer] = pipe_ends();

    EXPECT_TRUE(ruche::wait_all(5s, worker, answer));
    worker.join();
    EXPECT_EQ(answer.get(), 42);

    EXPECT_EQ(ruche::wait_any(1ms, jobs, here, ready, reader), std::nullopt);
    ASSERT_EQ(::write(writer.get(), "x", 1), 1);
    EXPECT_EQ(ruche::wait_any(jobs, here, ready, reader), 3U);
    ready.set();
    EXPECT_EQ(ruche::wait_any(jobs, here, ready, reader), 2U);
    there.send(1);
    EXPECT_EQ(ruche::wait_any(jobs, here, ready, reader), 1U);
    jobs.push(1);
    EXPECT_EQ(ruche::wait_any(jobs, here, ready, reader), 0U);
    ruche::wait_all(jobs, here, ready, reader);
}

TEST(wait_any, the_lowest_of_several_is_said_whatever_its_kind)
{
    auto [reader, writer] = pipe_ends();
    ASSERT_EQ(::write(writer.get(), "x", 1), 1);
    ruche::queue<int> jobs;
    jobs.push(1);
    EXPECT_EQ(ruche::wait_any(reader, jobs), 0U);
    EXPECT_EQ(ruche::wait_any(jobs, reader), 0U);
}

TEST(wait_any, takes_a_container_of_things)
{
    std::vector<ruche::event> lamps(5);
    EXPECT_EQ(ruche::wait_any(1ms, lamps), std::nullopt);
    lamps[3].set();
    EXPECT_EQ(ruche::wait_any(5s, lamps), 3U);
    EXPECT_FALSE(ruche::wait_all(1ms, lamps));
    for (auto& lamp : lamps)
        lamp.set();
    EXPECT_TRUE(ruche::wait_all(5s, lamps));
}

TEST(wait_any, ends_at_a_moment_or_a_stop_whichever_comes_first)
{
    ruche::event never;
    ruche::stop_source source;
    EXPECT_EQ(ruche::wait_any(1ms, source.get_token(), never), std::nullopt);
    EXPECT_EQ(ruche::wait_any_until(std::chrono::system_clock::now() + 1ms, never), std::nullopt);
    EXPECT_FALSE(ruche::wait_all_until(std::chrono::steady_clock::now() + 1ms, never));
    source.request_stop();
    never.set();
    EXPECT_EQ(ruche::wait_any(1h, source.get_token(), never), std::nullopt); // a stop wins
    EXPECT_FALSE(ruche::wait_all(1h, source.get_token(), never));
}

TEST(wait_any, sleeps_through_until_a_stop_wakes_it)
{
    ruche::event never;
    ruche::stop_source source;
    std::atomic<long> before{-1}, after{0};
    std::thread waiter([&] {
        before = voluntary_switches();
        EXPECT_EQ(ruche::wait_any(source.get_token(), never), std::nullopt);
        after = voluntary_switches();
    });
    ASSERT_TRUE(helpers::eventually([&] { return before >= 0; }));
    std::this_thread::sleep_for(300ms); // the time over which wake-ups are counted
    const auto asked = std::chrono::steady_clock::now();
    source.request_stop();
    waiter.join();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 90ms);
    EXPECT_LE(after - before, 8); // at ten a second for a program without a family; polled it would be fifteen
}

TEST(wait_any, an_idle_waiter_of_a_family_wakes_once_a_second)
{
    ruche::process(nothing).join(); // from here on deaths are reported
    ruche::queue<int> jobs;
    auto [here, there] = ruche::make_channel<int, int>();
    ruche::stop_source source;
    (void)ruche::wait_any(1ms, source.get_token(), jobs, here); // what is made when it is first needed
    const long before = voluntary_switches();
    EXPECT_EQ(ruche::wait_any(2500ms, source.get_token(), jobs, here), std::nullopt);
    EXPECT_LE(voluntary_switches() - before, 4);
}

TEST(wait_any, idle_waiters_in_other_calls_wake_once_a_second_too)
{
    ruche::process(nothing).join();
    ruche::queue<int> jobs;
    ruche::event never;
    for (const auto& wait : std::vector<std::function<void()>>{[&] { EXPECT_FALSE(jobs.pop_for(1500ms)); },
                                                               [&] { EXPECT_FALSE(never.wait_for(1500ms)); }}) {
        const long before = voluntary_switches();
        wait();
        EXPECT_LE(voluntary_switches() - before, 3);
    }
}

TEST(wait_any, finds_what_a_dead_process_had_leased)
{
    ruche::queue<int> jobs;
    ruche::event held, die;
    jobs.push(1);
    ruche::process holder(hold_and_die, jobs, held, die);
    held.wait();
    EXPECT_EQ(ruche::wait_any(1ms, jobs), std::nullopt);
    die.set();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(ruche::wait_any(5s, jobs), 0U);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms);
    EXPECT_EQ(jobs.try_pop(), 1);
    EXPECT_EQ(holder.join().signal(), SIGKILL);
}

TEST(wait_any, hears_of_a_stop_in_a_process_that_was_started)
{
    ruche::queue<int> nothing_comes;
    ruche::process waiter(
        [](ruche::stop_token stop, ruche::queue<int> jobs) {
            while (ruche::wait_any(stop, jobs))
                ;
        },
        nothing_comes);
    EXPECT_FALSE(waiter.join_for(50ms));
    const auto begin = std::chrono::steady_clock::now();
    waiter.request_stop();
    EXPECT_TRUE(waiter.join().success());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms);
}

TEST(wait_any, a_copy_made_by_fork_hears_for_itself)
{
    ruche::stop_source source;
    ruche::event never;
    (void)ruche::wait_any(1ms, source.get_token(), never);
    forked child([&] {
        std::thread stopper([&] { source.request_stop(); });
        const bool ended = !ruche::wait_any(source.get_token(), never);
        stopper.join();
        return ended ? 0 : 1;
    });
    EXPECT_EQ(child.join(), 0);
}

TEST(wait_any, opens_nothing_that_stays_open)
{
    ruche::event never;
    ruche::stop_source source;
    (void)ruche::wait_any(1ms, source.get_token(), never);
    const auto before = helpers::count_descriptors();
    for (int i = 0; i < 100; ++i) {
        (void)ruche::wait_any(0ms, source.get_token(), never);
        std::thread([&] { (void)ruche::wait_any(0ms, source.get_token(), never); }).join();
    }
    EXPECT_EQ(helpers::count_descriptors(), before);
}

TEST(event, what_is_polled_is_readable_while_the_flag_is_set)
{
    ruche::event lamp;
    EXPECT_FALSE(helpers::readable_within(lamp.native_handle(), 0ms));
    lamp.set();
    EXPECT_TRUE(helpers::readable_within(lamp.native_handle(), 0ms));
    EXPECT_TRUE(lamp.ready());
    lamp.clear();
    EXPECT_FALSE(helpers::readable_within(lamp.native_handle(), 0ms));
    forked other([&] {
        lamp.set();
        return 0;
    });
    EXPECT_TRUE(helpers::readable_within(lamp.native_handle(), 5s));
    EXPECT_EQ(other.join(), 0);
}

TEST(event, one_that_was_set_before_anybody_polled_is_readable)
{
    ruche::event lamp;
    lamp.set();
    EXPECT_TRUE(helpers::readable_within(lamp.native_handle(), 0ms));
}
