#include <ruche/sync.hpp>

#include "helpers/forked.hpp"
#include "os/shared_mapping.hpp"

#include <ruche/queue.hpp>
#include <ruche/shared.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <shared_mutex>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

using namespace std::chrono_literals;
using helpers::forked;

namespace {

template <class T>
T sent(const T& value)
{
    ruche::sink message;
    ruche::encode(message, value);
    std::vector<ruche::fd> descriptors;
    for (const auto& one : message.descriptors())
        descriptors.push_back(one->duplicate());
    ruche::source in(message.bytes(), std::move(descriptors));
    return ruche::decode<T>(in);
}

struct counts {
    long feeds = 0;
    long articles = 0;
};

} // namespace

static_assert(ruche::sendable<ruche::mutex> && ruche::sendable<ruche::shared_mutex> && ruche::sendable<ruche::event>);
static_assert(ruche::sendable<ruche::condition_variable> && ruche::sendable<ruche::counting_semaphore>);
static_assert(ruche::sendable<ruche::latch> && ruche::sendable<ruche::barrier> && ruche::sendable<ruche::once_flag>);
static_assert(ruche::sendable<ruche::shared<int>> && ruche::sendable<ruche::shared_array<int>>);
static_assert(ruche::sendable<ruche::synchronized<counts>>);
static_assert(!ruche::shareable<std::string> && !ruche::shareable<int*>);

// ---- mutex

// The C library has a locked mutex in a list of the thread's, and writes there with each later lock.
TEST(mutex, may_go_while_it_is_locked)
{
    ruche::mutex other;
    {
        ruche::mutex m;
        m.lock();
        ruche::recursive_mutex r;
        r.lock();
        ruche::shared_mutex s;
        s.lock();
    }
    for (int i = 0; i < 3; ++i)
        std::scoped_lock lock(other);
    EXPECT_FALSE(other.owner_died());
}

TEST(mutex, keeps_others_out)
{
    ruche::mutex m;
    ruche::shared<long> total(0);
    const auto add = [&] {
        for (int i = 0; i < 5000; ++i) {
            std::scoped_lock lock(m);
            *total += 1;
        }
        return 0;
    };
    forked a(add);
    forked b(add);
    EXPECT_EQ(a.join() + b.join(), 0);
    EXPECT_EQ(*total, 10000);
}

TEST(mutex, is_free_after_its_holder_died_and_says_so)
{
    ruche::mutex m;
    forked holder([&] {
        m.lock();
        return ::raise(SIGKILL);
    });
    EXPECT_EQ(holder.join(), -SIGKILL);
    {
        std::scoped_lock lock(m);
        EXPECT_TRUE(m.owner_died());
    }
    std::scoped_lock lock(m);
    EXPECT_FALSE(m.owner_died());
}

TEST(mutex, wakes_a_waiter_when_its_holder_dies)
{
    ruche::mutex m;
    ruche::event locked;
    forked holder([&] {
        m.lock();
        locked.set();
        return ::pause();
    });
    locked.wait();
    EXPECT_FALSE(m.try_lock());
    EXPECT_FALSE(m.try_lock_for(20ms));
    forked killer([&] {
        holder.kill();
        return 0;
    });
    EXPECT_TRUE(m.try_lock_for(5s));
    EXPECT_TRUE(m.owner_died());
    m.unlock();
}

TEST(mutex, refuses_what_would_wait_for_itself_or_is_not_held)
{
    ruche::mutex m;
    EXPECT_THROW(m.unlock(), std::system_error);
    m.lock();
    EXPECT_THROW(m.lock(), std::system_error);
    m.unlock();
    ruche::recursive_mutex again;
    again.lock();
    again.lock();
    again.unlock();
    forked other([&] { return again.try_lock() ? 1 : 0; });
    EXPECT_EQ(other.join(), 0);
    again.unlock();
    forked late([&] { return again.try_lock() ? 0 : 1; });
    EXPECT_EQ(late.join(), 0);
}

TEST(mutex, one_that_was_sent_is_the_same)
{
    ruche::mutex m;
    EXPECT_EQ(sent(m), m);
    EXPECT_FALSE(m == ruche::mutex());
}

TEST(mutex, a_handle_that_was_moved_from_throws)
{
    ruche::mutex m;
    const ruche::mutex taken = std::move(m);
    EXPECT_THROW(m.lock(), std::logic_error); // NOLINT(bugprone-use-after-move): the promise under test
}

// ---- shared_mutex

TEST(shared_mutex, lets_readers_in_together_and_writers_alone)
{
    ruche::shared_mutex m;
    std::shared_lock mine(m);
    forked reader([&] { return m.try_lock_shared() ? 0 : 1; });
    EXPECT_EQ(reader.join(), 0);
    forked writer([&] { return m.try_lock_for(20ms) ? 1 : 0; });
    EXPECT_EQ(writer.join(), 0);
    mine.unlock();
    EXPECT_TRUE(m.try_lock_for(1s)); // the dead reader never signed out
    forked late([&] { return m.try_lock_shared() ? 1 : 0; });
    EXPECT_EQ(late.join(), 0);
    m.unlock();
}

TEST(shared_mutex, tells_readers_too_that_a_writer_died)
{
    ruche::shared_mutex m;
    forked writer([&] {
        m.lock();
        return ::raise(SIGKILL);
    });
    writer.join();
    {
        std::shared_lock reading(m);
        EXPECT_TRUE(m.owner_died());
    }
    m.lock();
    EXPECT_TRUE(m.owner_died());
    m.unlock();
    EXPECT_FALSE(m.owner_died());
}

// ---- condition_variable

TEST(condition_variable, wakes_another_process)
{
    ruche::mutex m;
    ruche::condition_variable changed;
    ruche::shared<int> value(0);
    forked waiter([&] {
        std::unique_lock lock(m);
        changed.wait(lock, [&] { return *value == 1; });
        *value = 2;
        changed.notify_all();
        return 0;
    });
    std::unique_lock lock(m);
    *value = 1;
    changed.notify_one();
    EXPECT_TRUE(changed.wait_for(lock, 5s, [&] { return *value == 2; }));
    EXPECT_EQ(waiter.join(), 0);
}

TEST(condition_variable, a_wait_ends_with_its_time_or_its_stop)
{
    ruche::mutex m;
    ruche::condition_variable changed;
    std::unique_lock lock(m);
    EXPECT_FALSE(changed.wait_for(lock, 10ms, [] { return false; }));
    ruche::stop_source source;
    std::thread stopper([&] { source.request_stop(); });
    EXPECT_FALSE(changed.wait(lock, source.get_token(), [] { return false; }));
    stopper.join();
}

// ---- counting_semaphore

TEST(counting_semaphore, gets_back_what_the_dead_held)
{
    ruche::counting_semaphore slots(2);
    forked holder([&] {
        slots.acquire();
        slots.acquire();
        return ::raise(SIGKILL);
    });
    EXPECT_EQ(holder.join(), -SIGKILL);
    EXPECT_TRUE(slots.try_acquire_for(1s));
    EXPECT_TRUE(slots.try_acquire());
    EXPECT_FALSE(slots.try_acquire());
    slots.release(2);
    EXPECT_EQ(slots.available(), 2U);
}

TEST(counting_semaphore, can_be_released_by_another_process)
{
    ruche::counting_semaphore signal(0);
    forked sender([&] {
        signal.release();
        return 0;
    });
    signal.acquire();
    EXPECT_EQ(sender.join(), 0);
    EXPECT_FALSE(signal.try_acquire());
}

TEST(counting_semaphore, wakes_a_waiter_when_the_holder_dies)
{
    ruche::counting_semaphore one(1);
    ruche::event taken;
    forked holder([&] {
        one.acquire();
        taken.set();
        return ::pause();
    });
    taken.wait();
    std::thread killer([&] {
        holder.kill();
        holder.join();
    });
    EXPECT_TRUE(one.try_acquire_for(5s));
    killer.join();
}

// ---- event, latch, barrier, once

TEST(event, wakes_all_who_wait)
{
    ruche::event ready;
    forked a([&] { return ready.wait_for(5s) ? 0 : 1; });
    forked b([&] { return ready.wait_for(5s) ? 0 : 1; });
    EXPECT_FALSE(ready.is_set());
    ready.set();
    EXPECT_EQ(a.join() + b.join(), 0);
    ready.clear();
    EXPECT_FALSE(ready.wait_for(1ms));
}

TEST(latch, opens_when_all_have_counted_down)
{
    ruche::latch loaded(3);
    forked a([&] {
        loaded.count_down(2);
        return 0;
    });
    EXPECT_EQ(a.join(), 0);
    EXPECT_FALSE(loaded.try_wait());
    EXPECT_FALSE(loaded.wait_for(1ms));
    loaded.arrive_and_wait();
    EXPECT_TRUE(loaded.try_wait());
}

TEST(barrier, keeps_rounds_together)
{
    constexpr int rounds = 50;
    ruche::barrier round(3);
    ruche::shared_array<std::atomic<int>> arrived(rounds);
    const auto work = [&] {
        for (std::size_t i = 0; i < rounds; ++i) {
            arrived[i].fetch_add(1);
            round.arrive_and_wait();
            if (arrived[i].load() != 3)
                return 1;
        }
        return 0;
    };
    forked a(work);
    forked b(work);
    EXPECT_EQ(work(), 0);
    EXPECT_EQ(a.join() + b.join(), 0);
}

TEST(barrier, breaks_when_one_that_took_part_dies)
{
    ruche::barrier round(2);
    forked other([&] {
        round.arrive_and_wait();
        return ::raise(SIGKILL);
    });
    round.arrive_and_wait();
    EXPECT_THROW(round.arrive_and_wait(), ruche::broken_barrier);
    EXPECT_TRUE(round.is_broken());
}

TEST(barrier, counts_the_dead_out_where_that_was_chosen)
{
    ruche::barrier round(2, ruche::on_death::is_counted);
    forked other([&] {
        round.arrive_and_wait();
        return ::raise(SIGKILL);
    });
    round.arrive_and_wait();
    round.arrive_and_wait();
    round.arrive_and_wait();
    EXPECT_FALSE(round.is_broken());
}

TEST(barrier, one_who_drops_out_is_not_waited_for)
{
    ruche::barrier round(2);
    forked other([&] {
        round.arrive_and_drop();
        return 0;
    });
    EXPECT_EQ(other.join(), 0);
    EXPECT_TRUE(round.arrive_and_wait_for(1s));
    EXPECT_TRUE(round.arrive_and_wait_for(1s));
}

TEST(barrier, a_wait_that_ends_early_breaks_it)
{
    ruche::barrier round(2);
    EXPECT_FALSE(round.arrive_and_wait_for(1ms));
    EXPECT_THROW(round.arrive_and_wait(), ruche::broken_barrier);
}

TEST(once, is_done_once_by_whoever_lives_through_it)
{
    ruche::once_flag flag;
    ruche::shared<std::atomic<int>> calls(0);
    forked victim([&] {
        ruche::call_once(flag, [&] {
            calls->fetch_add(1);
            ::raise(SIGKILL);
        });
        return 0;
    });
    EXPECT_EQ(victim.join(), -SIGKILL);
    EXPECT_FALSE(flag.is_done());
    for (int i = 0; i < 3; ++i)
        ruche::call_once(flag, [&] { calls->fetch_add(1); });
    EXPECT_EQ(calls->load(), 2);
    EXPECT_THROW(ruche::call_once(*std::make_unique<ruche::once_flag>(), [] { throw 1; }), int);
}

// ---- shared

TEST(shared, is_one_object_for_all)
{
    ruche::shared<counts> here({1, 2});
    ruche::shared<counts> there = sent(here);
    EXPECT_EQ(here, there);
    there->articles = 7;
    EXPECT_EQ(here->articles, 7);
    forked child([&] {
        here->feeds = 9;
        return 0;
    });
    EXPECT_EQ(child.join(), 0);
    EXPECT_EQ(there->feeds, 9);
}

TEST(shared, one_type_is_not_taken_for_another)
{
    const ruche::shared<char> small('x');
    ruche::sink message;
    ruche::encode(message, small);
    std::vector<ruche::fd> descriptors;
    descriptors.push_back(message.descriptors().front()->duplicate());
    ruche::source in(message.bytes(), std::move(descriptors));
    EXPECT_THROW((void)ruche::decode<ruche::shared<counts>>(in), ruche::bad_message);
}

TEST(shared_array, is_a_contiguous_range_of_zeros)
{
    const ruche::shared_array<double> cells(1000);
    static_assert(std::ranges::contiguous_range<ruche::shared_array<double>>);
    EXPECT_EQ(cells.size(), 1000U);
    for (const double cell : cells)
        ASSERT_EQ(cell, 0);
    EXPECT_THROW((void)cells.at(1000), std::out_of_range);
    EXPECT_TRUE(ruche::shared_array<int>(0).empty());
}

TEST(shared_array, a_view_that_was_sent_can_not_be_written_to_whatever_one_tries)
{
    const ruche::shared_array<int> cells(10);
    const ruche::shared_array<const int> view = cells;
    static_assert(std::same_as<decltype(view[0]), const int&>);
    static_assert(!std::convertible_to<ruche::shared_array<const int>, ruche::shared_array<int>>);
    static_assert(ruche::sendable<ruche::shared_array<const int>>);
    const auto arrived = sent(view);
    EXPECT_EQ(arrived, view);
    cells[3] = 7;
    EXPECT_EQ(arrived[3], 7);
    forked writer([&] {
        ::signal(SIGSEGV, SIG_DFL);
        const_cast<int&>(arrived[3]) = 8;
        return 0;
    });
    EXPECT_EQ(writer.join(), -SIGSEGV);
    EXPECT_EQ(cells[3], 7);
    // Nor can its descriptor be mapped for writing.
    EXPECT_THROW((void)ruche::os::shared_mapping(*ruche::detail::descriptor_of(arrived.block()), {{0, 4096}}),
                 ruche::os_error);
}

TEST(shared, a_view_that_was_sent_sees_what_others_write)
{
    const ruche::shared<counts> whole({1, 2});
    const auto view = sent(ruche::shared<const counts>(whole));
    whole->feeds = 5;
    EXPECT_EQ(view->feeds, 5);
    EXPECT_EQ(sent(view)->feeds, 5); // a view is passed on as a view
}

TEST(shared_array, its_size_can_not_be_changed)
{
    const ruche::shared_array<int> cells(10);
    const auto memory = ruche::detail::descriptor_of(cells.block());
    EXPECT_EQ(::ftruncate(memory->get(), 0), -1);
    EXPECT_EQ(::ftruncate(memory->get(), 1 << 20), -1);
}

TEST(shared_array, its_pages_are_reserved_when_it_is_made)
{
    const ruche::shared_array<int> cells(1 << 20);
    struct stat status {};
    ASSERT_EQ(::fstat(ruche::detail::descriptor_of(cells.block())->get(), &status), 0);
    EXPECT_GE(status.st_blocks * 512, 4 << 20);
}

TEST(permit, is_given_back_at_the_end_of_the_block)
{
    ruche::counting_semaphore slots(1);
    {
        const ruche::permit one(slots);
        EXPECT_EQ(slots.available(), 0U);
    }
    EXPECT_EQ(slots.available(), 1U);
}

TEST(sync_forms, all_end_at_their_moment_or_their_stop)
{
    ruche::stop_source source;
    const auto token = source.get_token();
    const auto soon = [] { return std::chrono::steady_clock::now() + 1ms; };
    ruche::event never;
    ruche::latch shut(1);
    ruche::counting_semaphore none(0);
    ruche::mutex m;
    ruche::recursive_mutex again;
    ruche::shared_mutex both;
    ruche::condition_variable changed;
    EXPECT_FALSE(never.wait_until(soon()));
    EXPECT_FALSE(never.wait_until(soon(), token));
    EXPECT_FALSE(shut.wait_until(soon()));
    EXPECT_FALSE(shut.wait_for(1ms, token));
    EXPECT_FALSE(none.try_acquire_until(soon()));
    EXPECT_FALSE(none.try_acquire_for(1ms, token));
    EXPECT_FALSE(ruche::barrier(2).arrive_and_wait_until(soon()));
    EXPECT_FALSE(ruche::barrier(2).arrive_and_wait_for(1ms, token));
    {
        std::unique_lock lock(m);
        EXPECT_FALSE(changed.wait_for(lock, 1ms, token, [] { return false; }));
        EXPECT_FALSE(changed.wait_until(lock, soon(), [] { return false; }));
    }
    const std::scoped_lock all(m, again, both);
    forked other([&] {
        return m.try_lock_until(soon()) || again.try_lock_until(soon()) || again.try_lock_for(1ms) ||
               both.try_lock_until(soon()) || both.try_lock_shared_until(soon()) || both.try_lock_shared_for(1ms);
    });
    EXPECT_EQ(other.join(), 0);
    source.request_stop();
    EXPECT_FALSE(never.wait(token));
    EXPECT_FALSE(shut.wait(token));
    EXPECT_FALSE(none.acquire(token));
    EXPECT_FALSE(ruche::barrier(2).arrive_and_wait(token));
}

TEST(shared_array, too_many_are_an_error)
{
    EXPECT_THROW(ruche::shared_array<double>(std::size_t{1} << 62), std::length_error);
    EXPECT_THROW(ruche::shared_array<double>(std::size_t{1} << 58), std::length_error);
}

TEST(shared_memory, more_than_the_machine_has_is_not_asked_of_the_kernel)
{
    // The kernel would start to kill processes before it said no, so what says no here is asked alone.
    EXPECT_FALSE(ruche::os::is_available(std::size_t{1} << 50));
    EXPECT_TRUE(ruche::os::is_available(std::size_t{1} << 20));
}

TEST(synchronized, counts_an_update_whole_or_not_at_all)
{
    ruche::synchronized<counts> seen(counts{1, 1});
    forked victim([&] {
        auto now = seen.lock();
        now->feeds = 100;
        return ::raise(SIGKILL);
    });
    EXPECT_EQ(victim.join(), -SIGKILL);
    EXPECT_EQ(seen.snapshot().feeds, 1);
    seen->articles += 3;
    EXPECT_EQ(seen.snapshot().articles, 4);
    EXPECT_THROW(([&] {
                     auto now = seen.lock();
                     now->articles = 0;
                     throw std::runtime_error("half way");
                 })(),
                 std::runtime_error);
    EXPECT_EQ(seen.snapshot().articles, 4);
    EXPECT_EQ(sent(seen), seen);
}
