#include <ruche/sync.hpp>

#include "helpers/stepping.hpp"

#include <ruche/shared.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <shared_mutex>

using namespace std::chrono_literals;
using helpers::forked;
using helpers::kill_in_every_state;

/// Each operation of what processes synchronise with, killed in every state that it goes through. Afterwards nobody is
/// held up, and the object does what its page says of the dead.
namespace {

constexpr auto soon = 400ms; // a death is known after 100 ms where nobody reports it; the rest is for a busy machine

template <class Handle>
std::string bytes_of(const Handle& handle)
{
    return {static_cast<const char*>(ruche::detail::data_of(*handle.block())), ruche::detail::size_of(*handle.block())};
}

/// Kills `act` on a fresh object everywhere, once it has been done at full speed on another.
template <class Handle>
int kill_everywhere(std::optional<Handle>& object, const std::function<Handle()>& make,
                    const std::function<void(Handle&)>& act, const std::function<void(Handle&)>& check)
{
    Handle other = make();
    return kill_in_every_state({[&] { object.emplace(make()); }, [&] { act(other); }, [&] { act(*object); },
                                [&] { check(*object); }, [&] { return bytes_of(*object); }});
}

} // namespace

TEST(sync_kill, a_mutex)
{
    std::optional<ruche::mutex> m;
    int died = 0;
    const int kills = kill_everywhere<ruche::mutex>(
        m, [] { return ruche::mutex(); },
        [](ruche::mutex& one) {
            one.lock();
            one.unlock();
        },
        [&](ruche::mutex& one) {
            ASSERT_TRUE(one.try_lock_for(soon));
            died += one.owner_died();
            one.unlock();
            forked next([&] { return one.try_lock() && !one.owner_died() ? 0 : 1; });
            EXPECT_EQ(next.join(), 0);
        });
    EXPECT_GT(kills, 4);
    EXPECT_GT(died, 0);
    EXPECT_LT(died, kills);
}

TEST(sync_kill, a_writer_of_a_shared_mutex)
{
    std::optional<ruche::shared_mutex> m;
    int died = 0;
    const int kills = kill_everywhere<ruche::shared_mutex>(
        m, [] { return ruche::shared_mutex(); },
        [](ruche::shared_mutex& one) {
            one.lock();
            one.unlock();
        },
        [&](ruche::shared_mutex& one) {
            ASSERT_TRUE(one.try_lock_shared_for(soon));
            one.unlock_shared();
            ASSERT_TRUE(one.try_lock_for(soon));
            died += one.owner_died();
            one.unlock();
            EXPECT_FALSE(one.owner_died());
        });
    EXPECT_GT(died, 0);
    EXPECT_LT(died, kills);
}

TEST(sync_kill, a_reader_of_a_shared_mutex_spoils_nothing)
{
    std::optional<ruche::shared_mutex> m;
    const int kills = kill_everywhere<ruche::shared_mutex>(
        m, [] { return ruche::shared_mutex(); },
        [](ruche::shared_mutex& one) {
            one.lock_shared();
            one.unlock_shared();
        },
        [&](ruche::shared_mutex& one) {
            ASSERT_TRUE(one.try_lock_for(soon));
            EXPECT_FALSE(one.owner_died());
            one.unlock();
            ASSERT_TRUE(one.try_lock_shared_for(soon));
            one.unlock_shared();
        });
    EXPECT_GT(kills, 8);
}

TEST(sync_kill, acquiring_and_releasing_a_semaphore)
{
    std::optional<ruche::counting_semaphore> s;
    const int kills = kill_everywhere<ruche::counting_semaphore>(
        s, [] { return ruche::counting_semaphore(2); },
        [](ruche::counting_semaphore& one) {
            one.acquire();
            one.release();
        },
        [&](ruche::counting_semaphore& one) {
            ASSERT_TRUE(one.try_acquire_for(soon));
            ASSERT_TRUE(one.try_acquire_for(soon));
            EXPECT_FALSE(one.try_acquire());
            one.release(2);
            EXPECT_EQ(one.available(), 2U);
        });
    EXPECT_GT(kills, 6);
}

TEST(sync_kill, adding_permits_to_a_semaphore)
{
    std::optional<ruche::counting_semaphore> s;
    int added = 0;
    const int kills = kill_everywhere<ruche::counting_semaphore>(
        s, [] { return ruche::counting_semaphore(0); }, [](ruche::counting_semaphore& one) { one.release(); },
        [&](ruche::counting_semaphore& one) {
            const std::size_t there = one.available();
            EXPECT_LE(there, 1U);
            added += there == 1;
            EXPECT_EQ(one.try_acquire(), there == 1);
        });
    EXPECT_GT(added, 0);
    EXPECT_LT(added, kills);
}

TEST(sync_kill, setting_an_event)
{
    std::optional<ruche::event> e;
    std::optional<forked> waiter;
    kill_in_every_state({[&] {
                             waiter.reset();
                             e.emplace();
                             waiter.emplace([&] { return e->wait_for(5s) ? 0 : 1; });
                         },
                         [] { ruche::event().set(); }, [&] { e->set(); },
                         [&] {
                             const auto begin = std::chrono::steady_clock::now();
                             if (!e->is_set())
                                 e->set();
                             EXPECT_EQ(waiter->join(), 0);
                             EXPECT_LT(std::chrono::steady_clock::now() - begin, soon);
                         },
                         [&] { return bytes_of(*e); }});
}

TEST(sync_kill, counting_a_latch_down)
{
    std::optional<ruche::latch> l;
    std::optional<forked> waiter;
    kill_in_every_state({[&] {
                             waiter.reset();
                             l.emplace(1);
                             waiter.emplace([&] { return l->wait_for(5s) ? 0 : 1; });
                         },
                         [] { ruche::latch(1).count_down(); }, [&] { l->count_down(); },
                         [&] {
                             const auto begin = std::chrono::steady_clock::now();
                             if (!l->try_wait())
                                 l->count_down();
                             EXPECT_EQ(waiter->join(), 0);
                             EXPECT_LT(std::chrono::steady_clock::now() - begin, soon);
                         },
                         [&] { return bytes_of(*l); }});
}

TEST(sync_kill, notifying_a_condition)
{
    std::optional<ruche::condition_variable> changed;
    ruche::mutex m;
    ruche::shared<std::atomic<int>> value(0);
    std::optional<forked> waiter;
    kill_in_every_state({[&] {
                             waiter.reset();
                             changed.emplace();
                             *value = 0;
                             waiter.emplace([&] {
                                 std::unique_lock lock(m);
                                 return changed->wait_for(lock, 5s, [&] { return value->load() == 1; }) ? 0 : 1;
                             });
                         },
                         [] { ruche::condition_variable().notify_one(); },
                         [&] {
                             value->store(1);
                             changed->notify_one();
                         },
                         [&] {
                             const auto begin = std::chrono::steady_clock::now();
                             value->store(1); // nobody else tells the waiter
                             EXPECT_EQ(waiter->join(), 0);
                             EXPECT_LT(std::chrono::steady_clock::now() - begin, soon);
                         },
                         [&] { return bytes_of(*changed); }});
}

TEST(sync_kill, waiting_for_a_condition)
{
    std::optional<ruche::condition_variable> changed;
    std::optional<ruche::mutex> m;
    const auto wait = [](ruche::condition_variable& condition, ruche::mutex& mutex) {
        std::unique_lock lock(mutex);
        (void)condition.wait_for(lock, 1ms);
    };
    kill_in_every_state({[&] {
                             changed.emplace();
                             m.emplace();
                         },
                         [&] {
                             ruche::condition_variable other;
                             ruche::mutex its;
                             wait(other, its);
                         },
                         [&] { wait(*changed, *m); },
                         [&] {
                             ASSERT_TRUE(m->try_lock_for(soon));
                             m->unlock();
                             forked waiter([&] {
                                 std::unique_lock lock(*m);
                                 return changed->wait_for(lock, 5s) == std::cv_status::no_timeout ? 0 : 1;
                             });
                             changed->notify_all();
                             EXPECT_EQ(waiter.join(), 0); // by the notification, or by looking for itself
                         },
                         [&] { return bytes_of(*changed) + bytes_of(*m); }});
}

namespace {

/// Two take part; one of them is killed in its second round. What becomes of the other: 0 it got through, 2 it was
/// told.
std::vector<int> ends_of_the_other(ruche::on_death policy)
{
    std::vector<int> ends;
    std::optional<ruche::barrier> round;
    std::optional<forked> other;
    kill_in_every_state({[&] {
                             other.reset();
                             round.emplace(2, policy);
                             other.emplace([&] {
                                 try {
                                     for (int i = 0; i < 2; ++i)
                                         if (!round->arrive_and_wait_for(5s))
                                             return 1;
                                     return 0;
                                 } catch (const ruche::broken_barrier&) {
                                     return 2;
                                 }
                             });
                         },
                         [&] { round->arrive_and_wait(); }, [&] { round->arrive_and_wait(); },
                         [&] { ends.push_back(other->join()); }, [&] { return bytes_of(*round); }});
    return ends;
}

} // namespace

TEST(sync_kill, a_barrier_that_breaks)
{
    const auto ends = ends_of_the_other(ruche::on_death::breaks);
    EXPECT_EQ(std::count(ends.begin(), ends.end(), 1), 0);
    EXPECT_GT(std::count(ends.begin(), ends.end(), 2), 0); // killed before it arrived
}

TEST(sync_kill, a_barrier_that_counts_the_dead_out)
{
    const auto ends = ends_of_the_other(ruche::on_death::is_counted);
    EXPECT_EQ(std::count(ends.begin(), ends.end(), 0), static_cast<long>(ends.size()));
}

TEST(sync_kill, something_that_is_done_once)
{
    std::optional<ruche::once_flag> flag;
    ruche::shared<std::atomic<int>> calls(0);
    int done = 0;
    const int kills = kill_in_every_state({[&] {
                                               flag.emplace();
                                               *calls = 0;
                                           },
                                           [] {
                                               ruche::once_flag other;
                                               ruche::call_once(other, [] {});
                                           },
                                           [&] { ruche::call_once(*flag, [&] { calls->fetch_add(1); }); },
                                           [&] {
                                               const bool was_done = flag->is_done();
                                               const int before = calls->load();
                                               done += was_done;
                                               EXPECT_TRUE(!was_done || before == 1);
                                               ruche::call_once(*flag, [&] { calls->fetch_add(1); });
                                               EXPECT_EQ(calls->load(), before + !was_done);
                                               EXPECT_TRUE(flag->is_done());
                                           },
                                           [&] { return std::to_string(*calls) + (flag->is_done() ? "d" : ""); }});
    EXPECT_GT(done, 0);
    EXPECT_LT(done, kills);
}

// Found by reading: what the dead leave in tables of limited size.

TEST(counting_semaphore, a_table_full_of_the_dead_keeps_nobody_out)
{
    ruche::counting_semaphore many(1000);
    for (int i = 0; i < 256; ++i) {
        forked victim([&] {
            many.acquire();
            return 0; // ends without giving it back
        });
        ASSERT_EQ(victim.join(), 0);
    }
    EXPECT_TRUE(many.try_acquire());
}

namespace {

/// Kills a process while it waits, and says whether this one gets what that one waited for.
template <class Wait, class Give, class Take>
bool gets_what_the_dead_waited_for(Wait wait, Give give, Take take)
{
    ruche::event waits;
    forked victim([&] {
        waits.set();
        wait();
        return 0;
    });
    waits.wait();
    // Asleep, as far as the system can say; should it not be yet, the test has less to find.
    (void)helpers::eventually([&] { return helpers::state_of(victim.pid()) == 'S'; });
    victim.kill();
    give(); // its wake-up may go to the dying
    victim.join();
    return take();
}

} // namespace

TEST(sync_kill, a_waiter_for_a_mutex)
{
    ruche::mutex m;
    m.lock();
    EXPECT_TRUE(
        gets_what_the_dead_waited_for([&] { m.lock(); }, [&] { m.unlock(); }, [&] { return m.try_lock_for(soon); }));
    m.unlock();
}

TEST(sync_kill, a_waiter_for_a_shared_mutex)
{
    ruche::shared_mutex m;
    m.lock_shared();
    EXPECT_TRUE(gets_what_the_dead_waited_for([&] { m.lock(); }, [&] { m.unlock_shared(); },
                                              [&] { return m.try_lock_shared_for(soon); }));
    EXPECT_FALSE(m.owner_died()); // it never wrote
    m.unlock_shared();
}

TEST(sync_kill, a_waiter_for_a_permit)
{
    ruche::counting_semaphore one(1);
    one.acquire();
    EXPECT_TRUE(gets_what_the_dead_waited_for([&] { one.acquire(); }, [&] { one.release(); },
                                              [&] { return one.try_acquire_for(soon); }));
}

TEST(sync_kill, a_waiter_for_an_event_or_a_latch)
{
    ruche::event e;
    EXPECT_TRUE(gets_what_the_dead_waited_for([&] { e.wait(); }, [&] { e.set(); }, [&] { return e.wait_for(soon); }));
    ruche::latch l(1);
    EXPECT_TRUE(
        gets_what_the_dead_waited_for([&] { l.wait(); }, [&] { l.count_down(); }, [&] { return l.wait_for(soon); }));
}

TEST(sync_kill, one_that_waits_while_another_calls_once)
{
    ruche::once_flag flag;
    EXPECT_TRUE(gets_what_the_dead_waited_for([&] { ruche::call_once(flag, [] { ::pause(); }); }, [] {},
                                              [&] {
                                                  bool called = false;
                                                  ruche::call_once(flag, [&] { called = true; });
                                                  return called;
                                              }));
}
