#include "death_bell.hpp"
#include "helpers/bytes_queue.hpp"
#include "helpers/forked.hpp"
#include "queue/core.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace std::chrono_literals;
using helpers::bytes_queue;
using helpers::forked;
using ruche::deadline;
using ruche::detail::wait_end;

TEST(queue_lease, a_lease_that_is_done_is_gone)
{
    bytes_queue q;
    q.push("a");
    const auto lease = q.pop_lease();
    EXPECT_EQ(lease->text, "a");
    EXPECT_EQ(lease->place.deliveries, 1U);
    q.done(*lease);
    EXPECT_EQ(q.try_pop(), std::nullopt);
}

TEST(queue_lease, an_item_that_is_given_back_is_in_front_and_counts_its_deliveries)
{
    bytes_queue q;
    q.push("a");
    q.push("b");
    q.give_back(*q.pop_lease());
    EXPECT_EQ(q.size(), 2U);
    const auto again = q.pop_lease();
    EXPECT_EQ(again->text, "a");
    EXPECT_EQ(again->place.deliveries, 2U);
    q.done(*again);
    EXPECT_EQ(q.pop(), "b");
}

TEST(queue_lease, items_come_back_in_their_order)
{
    bytes_queue q;
    for (const auto* text : {"a", "b", "c", "d"})
        q.push(text);
    const auto a = *q.pop_lease();
    const auto b = *q.pop_lease();
    const auto c = *q.pop_lease();
    q.give_back(b);
    q.give_back(c);
    q.give_back(a);
    for (const auto* text : {"a", "b", "c", "d"})
        EXPECT_EQ(q.pop(), text);
}

TEST(queue_lease, a_lease_is_ended_once)
{
    bytes_queue q;
    q.push("a");
    const auto first = *q.pop_lease();
    q.done(first);
    q.push("b");
    const auto second = *q.pop_lease(); // very likely in the same place
    q.done(first);
    q.give_back(first);
    EXPECT_EQ(q.try_pop(), std::nullopt);
    q.give_back(second);
    EXPECT_EQ(q.try_pop(), "b");
}

TEST(queue_lease, what_a_dead_holder_held_comes_back_without_a_death_bell)
{
    bytes_queue q;
    q.push("a");
    forked holder([&] {
        (void)q.pop_lease();
        return 0;
    });
    ASSERT_EQ(holder.join(), 0);
    const auto begin = std::chrono::steady_clock::now();
    const auto again = q.pop_lease(deadline(5s));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text, "a");
    EXPECT_EQ(again->place.deliveries, 2U);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 300ms);
}

TEST(queue_lease, a_zombie_counts_as_dead)
{
    bytes_queue q;
    bytes_queue taken;
    q.push("a");
    forked holder([&] {
        (void)q.pop_lease();
        taken.push("x");
        return 0;
    });
    (void)taken.pop();
    EXPECT_TRUE(q.pop(deadline(5s))); // nobody has joined it yet
    EXPECT_EQ(holder.join(), 0);
}

TEST(queue_lease, a_stopped_holder_keeps_its_lease)
{
    bytes_queue q;
    bytes_queue ready;
    q.push("a");
    forked holder([&] {
        const auto lease = q.pop_lease();
        ready.push("x");
        ::raise(SIGSTOP);
        q.done(*lease);
        return 0;
    });
    (void)ready.pop();
    EXPECT_EQ(q.pop(deadline(250ms)), std::nullopt);
    holder.kill(SIGCONT);
    EXPECT_EQ(holder.join(), 0);
    EXPECT_EQ(q.pop(deadline(150ms)), std::nullopt);
}

TEST(queue_lease, the_death_bell_brings_it_back_at_once)
{
    auto mapping = ruche::os::make_memory("deaths", 4096);
    const ruche::os::shared_mapping page(mapping, {{0, 4096}});
    auto* bell = reinterpret_cast<ruche::os::futex_word*>(page.data());
    ruche::set_death_bell(bell);
    bytes_queue q;
    q.push("a");
    forked holder([&] {
        (void)q.pop_lease();
        return 0;
    });
    ASSERT_EQ(holder.join(), 0);
    std::chrono::steady_clock::time_point got;
    std::thread popper([&] {
        (void)q.pop_lease(); // looks once at first, then sleeps for a second
        EXPECT_EQ(q.pop(deadline(5s)), std::nullopt);
    });
    popper.join();
    // Another one dies while we sleep.
    q.push("b");
    bytes_queue started;
    forked second([&] {
        (void)q.pop_lease();
        started.push("x");
        return ::pause();
    });
    (void)started.pop();
    std::thread waiting([&] {
        EXPECT_EQ(q.pop(deadline(5s)), "b");
        got = std::chrono::steady_clock::now();
    });
    ASSERT_TRUE(helpers::eventually([&] { return q.core().memory().header().not_empty.is_armed(); }));
    second.kill();
    second.join();
    const auto died = std::chrono::steady_clock::now();
    bell->fetch_add(1);
    ruche::os::futex_wake_all(*bell);
    waiting.join();
    ruche::set_death_bell(nullptr);
    EXPECT_LT(got - died, 80ms);
}

TEST(queue_lease, a_forked_child_does_not_end_its_parents_lease)
{
    bytes_queue q;
    q.push("a");
    const auto lease = *q.pop_lease();
    forked child([&] {
        q.give_back(lease);
        q.done(lease);
        return 0;
    });
    EXPECT_EQ(child.join(), 0);
    EXPECT_EQ(q.try_pop(), std::nullopt);
    q.give_back(lease);
    EXPECT_EQ(q.try_pop(), "a");
}

TEST(queue_lease, large_items_are_leased_whole)
{
    bytes_queue q(4096, 0, 1 << 20);
    std::vector<bytes_queue::leased> held;
    for (int lap = 0; lap < 5; ++lap)
        for (const std::size_t size : {std::size_t{100}, std::size_t{600}, std::size_t{5000}, std::size_t{150'000}}) {
            q.push(std::string(size, static_cast<char>('a' + held.size())));
            held.push_back(*q.pop_lease());
        }
    for (std::size_t i = 0; i < held.size(); i += 2)
        q.give_back(held[i]);
    for (std::size_t i = 0; i < held.size(); i += 2)
        EXPECT_EQ(q.try_pop(), held[i].text);
    for (std::size_t i = 1; i < held.size(); i += 2)
        q.give_back(held[i]);
    for (std::size_t i = 1; i < held.size(); i += 2)
        EXPECT_EQ(q.try_pop(), held[i].text);
}

TEST(queue_lease, one_process_holds_many_and_then_waits_for_room)
{
    bytes_queue q(1 << 16);
    std::vector<bytes_queue::leased> held;
    for (std::uint32_t i = 0; i < ruche::detail::lease_limit; ++i) {
        ASSERT_TRUE(q.try_push(std::to_string(i)));
        held.push_back(*q.try_pop_lease());
    }
    q.push("one more");
    EXPECT_FALSE(q.pop_lease(deadline(20ms)));
    std::thread finisher([&] {
        ASSERT_TRUE(helpers::eventually([&] { return q.core().memory().header().not_empty.is_armed(); }));
        q.done(held[500]);
    });
    const auto begin = std::chrono::steady_clock::now();
    bytes_queue::leased more;
    {
        ruche::detail::incoming out;
        ASSERT_EQ(ruche::detail::pop_lease(q.core(), out, more.place, {deadline(5s), nullptr}), wait_end::done);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
    finisher.join();
    EXPECT_EQ(more.place.index, held[500].place.index);
}

TEST(queue_lease, a_closed_queue_is_not_drained_while_others_hold_leases)
{
    bytes_queue q;
    bytes_queue taken;
    q.push("a");
    forked holder([&] {
        (void)q.pop_lease();
        taken.push("x");
        return ::pause();
    });
    (void)taken.pop();
    q.close();
    std::thread killer([&] {
        ASSERT_TRUE(helpers::eventually([&] { return q.core().memory().header().not_empty.is_armed(); }));
        holder.kill();
    });
    EXPECT_EQ(q.pop(deadline(5s)), "a");
    killer.join();
    EXPECT_EQ(q.pop(), std::nullopt);
    EXPECT_EQ(q.end(), wait_end::closed);
}

TEST(queue_lease, waiting_until_done_waits_for_items_and_leases)
{
    bytes_queue q;
    const auto is_done = [&](auto patience) {
        return ruche::detail::wait_until_done(q.core(), {deadline(patience), nullptr});
    };
    EXPECT_TRUE(is_done(0ms));
    q.push("a");
    EXPECT_FALSE(is_done(10ms));
    const auto lease = *q.pop_lease();
    EXPECT_FALSE(is_done(10ms));
    std::thread finisher([&] {
        ASSERT_TRUE(helpers::eventually([&] { return q.core().memory().header().all_done.is_armed(); }));
        q.done(lease);
    });
    EXPECT_TRUE(is_done(5s));
    finisher.join();
}
