#include "death_bell.hpp"
#include "helpers/bytes_queue.hpp"
#include "helpers/forked.hpp"
#include "queue/core.hpp"

#include <ruche/error.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include <sys/resource.h>

using namespace std::chrono_literals;
using helpers::bytes_queue;
using helpers::forked;
using ruche::deadline;
using ruche::detail::wait_end;

TEST(queue_core, gives_back_what_was_pushed_in_order)
{
    bytes_queue q;
    q.push("a");
    q.push("");
    q.push("ccc");
    EXPECT_EQ(q.pop(), "a");
    EXPECT_EQ(q.pop(), "");
    EXPECT_EQ(q.pop(), "ccc");
    EXPECT_TRUE(q.empty());
}

TEST(queue_core, keeps_its_order_over_many_laps_of_the_ring)
{
    bytes_queue q;
    std::deque<std::string> expected;
    for (unsigned i = 0; i < 20000; ++i) {
        std::string item(i * 7919 % 700, static_cast<char>('a' + i % 26));
        while (!q.try_push(item)) {
            ASSERT_EQ(q.pop(), expected.front());
            expected.pop_front();
        }
        expected.push_back(std::move(item));
    }
    for (const auto& item : expected)
        ASSERT_EQ(q.pop(), item);
    EXPECT_TRUE(q.empty());
}

TEST(queue_core, size_counts_what_waits)
{
    bytes_queue q;
    EXPECT_EQ(q.size(), 0U);
    q.push("a");
    q.push("b");
    EXPECT_EQ(q.size(), 2U);
    (void)q.pop();
    EXPECT_EQ(q.size(), 1U);
}

TEST(queue_core, a_limit_of_items_holds)
{
    bytes_queue q(4096, 2);
    EXPECT_TRUE(q.try_push("a"));
    EXPECT_TRUE(q.try_push("b"));
    EXPECT_FALSE(q.try_push("c"));
    (void)q.pop();
    EXPECT_TRUE(q.try_push("c"));
}

TEST(queue_core, refuses_what_fits_only_by_overwriting)
{
    bytes_queue q;
    std::size_t count = 0;
    while (q.try_push("0123456789"))
        ++count;
    EXPECT_EQ(q.size(), count);
    for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(q.try_pop(), "0123456789");
    EXPECT_EQ(q.try_pop(), std::nullopt);
}

TEST(queue_core, passes_items_larger_than_the_ring)
{
    bytes_queue q(4096, 0, 1 << 20);
    for (int lap = 0; lap < 20; ++lap) {
        const std::string big(300'000, static_cast<char>('a' + lap));
        q.push("before");
        q.push(big);
        q.push(big + "!");
        q.push("after");
        EXPECT_EQ(q.pop(), "before");
        EXPECT_EQ(q.pop(), big);
        EXPECT_EQ(q.pop(), big + "!");
        EXPECT_EQ(q.pop(), "after");
    }
}

TEST(queue_core, an_item_as_large_as_the_limit_fits_and_a_larger_one_never)
{
    bytes_queue q(4096, 0, 1 << 20);
    const std::string most(1 << 20, 'm');
    EXPECT_TRUE(q.try_push(most));
    EXPECT_FALSE(q.try_push(most));
    EXPECT_EQ(q.pop(), most);
    EXPECT_TRUE(q.try_push(most));
    EXPECT_EQ(q.pop(), most);
    EXPECT_THROW(q.push(most + "."), ruche::too_large);
    EXPECT_TRUE(q.empty());
}

TEST(queue_core, a_closed_queue_refuses_new_values_and_gives_the_old)
{
    bytes_queue q;
    q.push("last");
    q.close();
    EXPECT_THROW(q.push("more"), ruche::queue_closed);
    EXPECT_EQ(q.pop(), "last");
    EXPECT_EQ(q.pop(), std::nullopt);
    EXPECT_EQ(q.end(), wait_end::closed);
}

TEST(queue_core, closing_ends_waits_on_both_sides)
{
    bytes_queue empty;
    bytes_queue full(4096, 1);
    full.push("x");
    forked popper([&] { return empty.pop() ? 1 : 0; });
    forked pusher([&] {
        try {
            full.push("y");
            return 1;
        } catch (const ruche::queue_closed&) {
            return 0;
        }
    });
    empty.close();
    full.close();
    EXPECT_EQ(popper.join(), 0);
    EXPECT_EQ(pusher.join(), 0);
}

TEST(queue_core, a_timed_pop_ends_empty_and_not_early)
{
    bytes_queue q;
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(q.pop(deadline(30ms)), std::nullopt);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
    EXPECT_EQ(q.end(), wait_end::expired);
}

TEST(queue_core, a_timed_push_to_a_full_queue_ends)
{
    bytes_queue q(4096, 1);
    q.push("x");
    EXPECT_FALSE(q.push("y", deadline(20ms)));
    EXPECT_EQ(q.size(), 1U);
}

TEST(queue_core, a_stop_wins_over_items_that_wait)
{
    bytes_queue q;
    q.push("x");
    ruche::stop_source source;
    source.request_stop();
    const ruche::stop_token token = source.get_token();
    EXPECT_EQ(q.pop({}, &token), std::nullopt);
    EXPECT_EQ(q.end(), wait_end::stopped);
    EXPECT_FALSE(q.push("y", {}, &token));
    EXPECT_EQ(q.size(), 1U);
}

TEST(queue_core, a_stop_ends_a_wait_at_once)
{
    bytes_queue q;
    ruche::stop_source source;
    const ruche::stop_token token = source.get_token();
    std::chrono::steady_clock::time_point ended;
    std::thread waiting([&] {
        (void)q.pop({}, &token);
        ended = std::chrono::steady_clock::now();
    });
    auto& bell = q.core().memory().header().not_empty;
    ASSERT_TRUE(helpers::eventually([&] { return bell.is_armed(); }));
    std::this_thread::sleep_for(5ms); // from arming to sleeping
    const auto begin = std::chrono::steady_clock::now();
    source.request_stop();
    waiting.join();
    EXPECT_LT(ended - begin, 50ms);
}

TEST(queue_core, passes_items_between_processes_both_ways)
{
    bytes_queue there;
    bytes_queue back;
    forked echo([&] {
        while (auto item = there.pop())
            back.push(*item + "!");
        return 0;
    });
    for (int i = 0; i < 2000; ++i) {
        there.push(std::to_string(i));
        ASSERT_EQ(back.pop(), std::to_string(i) + "!");
    }
    there.close();
    EXPECT_EQ(echo.join(), 0);
}

TEST(queue_core, every_item_arrives_once_from_many_producers_to_many_consumers)
{
    constexpr int producers = 3;
    constexpr int consumers = 3;
    constexpr int each = 5000;
    bytes_queue q;
    bytes_queue seen(1 << 20);
    std::vector<forked> workers;
    for (int p = 0; p < producers; ++p)
        workers.emplace_back([&, p] {
            for (int i = 0; i < each; ++i)
                q.push(std::to_string(p * each + i));
            return 0;
        });
    for (int c = 0; c < consumers; ++c)
        workers.emplace_back([&] {
            while (auto item = q.pop())
                seen.push(*item);
            return 0;
        });
    std::vector<int> count(producers * each);
    for (int i = 0; i < producers * each; ++i)
        ++count.at(static_cast<std::size_t>(std::stoi(seen.pop(deadline(20s)).value())));
    q.close();
    for (auto& worker : workers)
        EXPECT_EQ(worker.join(), 0);
    EXPECT_EQ(count, std::vector<int>(producers * each, 1));
    EXPECT_TRUE(seen.empty());
}

TEST(queue_core, several_items_go_in_and_out_at_once)
{
    bytes_queue q;
    const std::string_view texts[] = {"one", "two", "three"};
    std::vector<ruche::detail::outgoing> items;
    for (const auto text : texts)
        items.push_back({std::as_bytes(std::span(text)), {}});
    EXPECT_EQ(ruche::detail::push(q.core(), items, {}).pushed, 3U);
    ruche::detail::incoming out;
    EXPECT_EQ(ruche::detail::pop(q.core(), out, 2, {}), wait_end::done);
    EXPECT_EQ(out.parts.size(), 2U);
    EXPECT_EQ(out.bytes.size(), 6U);
    EXPECT_EQ(q.pop(), "three");
}

TEST(queue_core, a_range_larger_than_the_queue_goes_in_pieces)
{
    bytes_queue q;
    const std::string text(100, 'x');
    const std::vector<ruche::detail::outgoing> items(1000, {std::as_bytes(std::span(text)), {}});
    forked pusher([&] { return ruche::detail::push(q.core(), items, {}).pushed == 1000 ? 0 : 1; });
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(q.pop(), text);
    EXPECT_EQ(pusher.join(), 0);
}

TEST(queue_core, the_same_queue_received_twice_is_one_object)
{
    bytes_queue q;
    const auto receive = [&] {
        std::vector<ruche::fd> descriptors;
        for (const auto& one : ruche::detail::descriptors_of(q.handle()))
            descriptors.push_back(one->duplicate());
        return ruche::detail::open_queue(std::move(descriptors), 0);
    };
    EXPECT_EQ(receive(), q.handle());
    EXPECT_EQ(receive(), receive());
}

TEST(queue_core, a_descriptor_of_something_else_is_no_queue)
{
    std::vector<ruche::fd> one;
    one.push_back(ruche::os::make_memory("not-a-queue", 8192));
    one.push_back(one.front().duplicate());
    EXPECT_THROW(ruche::detail::open_queue(std::move(one), 0), ruche::bad_message);
}

TEST(queue_core, a_queue_of_other_items_is_refused)
{
    bytes_queue q;
    std::vector<ruche::fd> descriptors;
    for (const auto& one : ruche::detail::descriptors_of(q.handle()))
        descriptors.push_back(one->duplicate());
    EXPECT_THROW(ruche::detail::open_queue(std::move(descriptors), 42), ruche::bad_message);
}

TEST(queue_core, an_idle_waiter_wakes_at_most_once_a_second_when_deaths_are_reported)
{
    ruche::os::futex_word bell{0};
    ruche::set_death_bell(&bell);
    bytes_queue q;
    rusage before{};
    rusage after{};
    std::thread waiting([&] {
        ::getrusage(RUSAGE_THREAD, &before);
        (void)q.pop(deadline(1500ms));
        ::getrusage(RUSAGE_THREAD, &after);
    });
    waiting.join();
    ruche::set_death_bell(nullptr);
    EXPECT_LE(after.ru_nvcsw - before.ru_nvcsw, 3); // to sleep, once a second, and at its end
}

TEST(queue_core, a_stopped_consumer_does_not_hold_up_producers)
{
    bytes_queue q;
    forked stopped([&] {
        while (q.pop())
            ;
        return 0;
    });
    for (int i = 0; i < 100; ++i)
        q.push("x");
    stopped.kill(SIGSTOP);
    EXPECT_TRUE(q.push("y", deadline(5s)));
}

TEST(queue_core, no_wake_up_is_lost_while_nobody_dies)
{
    // With a death bell sleepers look by themselves once a second only, so a lost wake-up shows.
    ruche::os::futex_word bell{0};
    ruche::set_death_bell(&bell);
    bytes_queue there(4096, 1);
    bytes_queue back(4096, 1);
    forked echo([&] {
        while (auto item = there.pop())
            back.push(*item);
        return 0;
    });
    std::chrono::nanoseconds longest{};
    for (int i = 0; i < 20000; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        there.push("x");
        (void)back.pop();
        longest = std::max<std::chrono::nanoseconds>(longest, std::chrono::steady_clock::now() - begin);
    }
    there.close();
    EXPECT_EQ(echo.join(), 0);
    ruche::set_death_bell(nullptr);
    EXPECT_LT(longest, 900ms);
}

namespace {

ruche::detail::pop_end pop_flat(const bytes_queue& q, std::string& place, std::size_t each)
{
    return ruche::detail::pop_flat(q.core(), std::as_writable_bytes(std::span(place)), each,
                                   ruche::detail::wait_bounds::none());
}

} // namespace

TEST(queue_core, items_of_one_size_come_out_as_many_as_there_are_and_fit)
{
    bytes_queue q;
    for (const auto* text : {"11", "22", "33"})
        q.push(text);
    std::string place(4, '.');
    EXPECT_EQ(pop_flat(q, place, 2).popped, 2U);
    EXPECT_EQ(place, "1122");
    EXPECT_EQ(pop_flat(q, place, 2).popped, 1U);
    EXPECT_EQ(place, "3322");
    EXPECT_EQ(pop_flat(q, place, 2).end, wait_end::expired);
}

TEST(queue_core, an_item_of_another_size_is_refused_and_the_next_one_comes)
{
    bytes_queue q;
    for (const auto* text : {"11", "not two", "33"})
        q.push(text);
    std::string place(6, '.');
    EXPECT_EQ(pop_flat(q, place, 2).popped, 1U);
    EXPECT_THROW((void)pop_flat(q, place, 2), ruche::bad_message);
    EXPECT_EQ(pop_flat(q, place, 2).popped, 1U);
    EXPECT_EQ(place, "33....");
}

TEST(queue_core, items_of_every_small_size_are_copied_whole)
{
    bytes_queue q;
    for (std::size_t size = 0; size < 200; ++size) {
        std::string text(size, '.');
        for (std::size_t i = 0; i < size; ++i)
            text[i] = static_cast<char>('a' + i % 26);
        std::string place = '(' + std::string(size, '.') + ')';
        q.push(text);
        if (size != 0) {
            const auto room = std::as_writable_bytes(std::span(place)).subspan(1, size);
            EXPECT_EQ(ruche::detail::pop_into(q.core(), room, {}), wait_end::done);
            EXPECT_EQ(place, '(' + text + ')');
        } else {
            EXPECT_EQ(q.pop(), text);
        }
    }
}
