#include "helpers/bytes_queue.hpp"
#include "helpers/stepping.hpp"
#include "queue/core.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using helpers::bytes_queue;
using helpers::forked;
using ruche::deadline;

/// Each operation of a queue, killed after every one of its instructions, in every interesting state. Afterwards: what
/// was pushed is there once, in order and whole; what the victim was pushing is there or not; nobody is held up for
/// more than 100 ms; and the queue still works, over its whole capacity.
class queue_kill : public ::testing::Test {
protected:
    void fresh(std::size_t ring = 4096, std::size_t items = 0) { q = std::make_unique<bytes_queue>(ring, items); }

    void fill(std::initializer_list<const char*> texts)
    {
        for (const auto* text : texts)
            q->push(text);
    }

    /// Puts the ring's end somewhere in the next record.
    void almost_one_lap()
    {
        for (int i = 0; i < 4096 / 64 - 1; ++i) {
            q->push(std::string(48, 'l'));
            (void)q->pop();
        }
        q->push(std::string(24, 'l'));
        (void)q->pop();
    }

    /// Everything that is in it now, without waiting longer than a death may delay anybody.
    std::vector<std::string> drain()
    {
        std::vector<std::string> all;
        const auto begin = std::chrono::steady_clock::now();
        while (auto item = q->try_pop())
            all.push_back(*item);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 100ms);
        return all;
    }

    void expect_it_still_works()
    {
        std::size_t count = 0;
        while (q->try_push(std::to_string(count)))
            ++count;
        EXPECT_GE(count, q->core().memory().header().item_limit ? 1U : 100U);
        EXPECT_EQ(q->size(), count);
        for (std::size_t i = 0; i < count; ++i)
            ASSERT_EQ(q->try_pop(), std::to_string(i));
        EXPECT_TRUE(q->empty());
        ASSERT_TRUE(q->try_push("lease me"));
        const auto lease = q->try_pop_lease();
        ASSERT_TRUE(lease);
        q->done(*lease);
        EXPECT_TRUE(ruche::detail::wait_until_done(q->core(), {deadline(0ns), nullptr}));
    }

    /// What a victim does first, at full speed, so that nothing in it happens for the first time.
    static void warm_up()
    {
        static bytes_queue other;
        other.push("warm");
        other.done(*other.pop_lease());
        other.push("warm");
        (void)other.pop();
    }

    int kill_everywhere(helpers::killing what)
    {
        warm_up();
        what.look = [this] { return everything_shared(); };
        return helpers::kill_in_every_state(what);
    }

    /// All bytes that a victim of these tests may write.
    std::string everything_shared() const
    {
        const auto& memory = q->core().memory();
        std::string bytes(reinterpret_cast<const char*>(&memory.header()), sizeof(ruche::detail::queue_header));
        const auto add = [&](const void* from, std::size_t size) {
            bytes.append(static_cast<const char*>(from), size);
        };
        add(memory.ring_at(0), 4096);
        add(memory.large_at(0), 4096);
        add(&memory.entry(0), 2 * sizeof(ruche::detail::lease_entry));
        add(memory.slot(0), 64);
        return bytes;
    }

    void kill_one_after(long instructions, const std::function<void()>& act) const
    {
        helpers::stepped victim(warm_up, act);
        victim.run(instructions);
    }

    std::unique_ptr<bytes_queue> q;
};

namespace {
using texts = std::vector<std::string>;
const std::string victims(48, 'v');
} // namespace

TEST_F(queue_kill, a_push_into_an_empty_queue)
{
    int there = 0;
    const int kills = kill_everywhere({[&] { fresh(); }, warm_up, [&] { q->push(victims); },
                                       [&] {
                                           const texts all = drain();
                                           EXPECT_TRUE(all.empty() || all == texts{victims});
                                           there += !all.empty();
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
    EXPECT_GT(there, 1); // it was killed after the commit, too
    EXPECT_LT(there, kills);
}

TEST_F(queue_kill, a_push_behind_others_at_the_end_of_the_ring)
{
    const int kills = kill_everywhere({[&] {
                                           fresh();
                                           almost_one_lap();
                                           fill({"a", "b"});
                                       },
                                       warm_up, [&] { q->push(victims); },
                                       [&] {
                                           const texts all = drain();
                                           EXPECT_TRUE((all == texts{"a", "b"}) || (all == texts{"a", "b", victims}));
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
}

TEST_F(queue_kill, a_push_that_gets_the_last_room)
{
    const int kills = kill_everywhere({[&] {
                                           fresh(4096, 3);
                                           fill({"a", "b"});
                                       },
                                       warm_up, [&] { q->push(victims); },
                                       [&] {
                                           const texts all = drain();
                                           EXPECT_TRUE((all == texts{"a", "b"}) || (all == texts{"a", "b", victims}));
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
}

TEST_F(queue_kill, a_push_beside_the_ring)
{
    const std::string large(1100, 'L');
    const int kills = kill_everywhere({[&] {
                                           fresh();
                                           fill({"a"});
                                       },
                                       warm_up, [&] { q->push(large); },
                                       [&] {
                                           const texts all = drain();
                                           EXPECT_TRUE((all == texts{"a"}) || (all == texts{"a", large}));
                                           q->push(large);
                                           EXPECT_EQ(q->try_pop(), large);
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
}

TEST_F(queue_kill, a_push_to_a_sleeping_consumer)
{
    // A third process sleeps on the bell. Whether the item was added or not, it is awake within 100 ms of ours.
    std::optional<forked> sleeper;
    std::unique_ptr<bytes_queue> heard;
    kill_everywhere({[&] {
                         sleeper.reset();
                         fresh();
                         heard = std::make_unique<bytes_queue>();
                         sleeper.emplace([&] {
                             heard->push(q->pop().value_or("?"));
                             return 0;
                         });
                         ASSERT_TRUE(
                             helpers::eventually([&] { return q->core().memory().header().not_empty.is_armed(); }));
                     },
                     warm_up, [&] { q->push(victims); },
                     [&] {
                         const bool added = heard->pop(deadline(120ms)) == victims;
                         if (!added) {
                             EXPECT_EQ(drain(), texts{});
                             q->push("mine");
                             EXPECT_EQ(heard->pop(deadline(120ms)), "mine");
                         }
                         sleeper->join();
                         expect_it_still_works();
                     }});
}

TEST_F(queue_kill, a_pop)
{
    int taken = 0;
    const int kills = kill_everywhere({[&] {
                                           fresh();
                                           almost_one_lap();
                                           fill({"a", "b", "c"});
                                       },
                                       warm_up, [&] { (void)q->pop(); },
                                       [&] {
                                           const texts all = drain();
                                           EXPECT_TRUE((all == texts{"a", "b", "c"}) || (all == texts{"b", "c"}));
                                           taken += all.size() == 2;
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
    EXPECT_GT(taken, 1);
    EXPECT_LT(taken, kills);
}

TEST_F(queue_kill, a_push_of_a_range_is_in_whole_or_not_at_all)
{
    const std::string range = "111122223333";
    const auto push_range = [&](bytes_queue& to) {
        const auto bytes = std::as_bytes(std::span(range));
        ruche::detail::push(to.core(), ruche::detail::flat_items{bytes.data(), 4, 3}, {});
    };
    int there = 0;
    const int kills =
        kill_everywhere({[&] {
                             fresh();
                             almost_one_lap();
                             fill({"a"});
                         },
                         [&] {
                             bytes_queue other;
                             push_range(other);
                             warm_up();
                         },
                         [&] { push_range(*q); },
                         [&] {
                             const texts all = drain();
                             EXPECT_TRUE(all == texts{"a"} || (all == texts{"a", "1111", "2222", "3333"}));
                             there += all.size() > 1;
                             expect_it_still_works();
                         }});
    EXPECT_GT(there, 0);
    EXPECT_LT(there, kills);
}

TEST_F(queue_kill, a_pop_of_a_range_takes_all_of_it_or_nothing)
{
    const auto pop_three = [](bytes_queue& from) {
        std::array<std::byte, 12> place;
        (void)ruche::detail::pop_flat(from.core(), place, 4, {});
    };
    int taken = 0;
    const int kills =
        kill_everywhere({[&] {
                             fresh();
                             almost_one_lap();
                             fill({"1111", "2222", "3333", "4444"});
                         },
                         [&] {
                             bytes_queue other;
                             other.push("warm");
                             pop_three(other);
                             warm_up();
                         },
                         [&] { pop_three(*q); },
                         [&] {
                             const texts all = drain();
                             EXPECT_TRUE((all == texts{"1111", "2222", "3333", "4444"}) || all == texts{"4444"});
                             taken += all.size() == 1;
                             expect_it_still_works();
                         }});
    EXPECT_GT(taken, 0);
    EXPECT_LT(taken, kills);
}

TEST_F(queue_kill, a_pop_that_others_wait_for_room_behind)
{
    std::optional<forked> pusher;
    kill_everywhere({[&] {
                         pusher.reset();
                         fresh(4096, 1);
                         fill({"a"});
                         pusher.emplace([&] { return q->push("b") ? 0 : 1; });
                         ASSERT_TRUE(
                             helpers::eventually([&] { return q->core().memory().header().not_full.is_armed(); }));
                     },
                     warm_up, [&] { (void)q->pop(); },
                     [&] {
                         auto first = q->pop(deadline(150ms));
                         if (first == "a")
                             first = q->pop(deadline(150ms));
                         EXPECT_EQ(first, "b");
                         EXPECT_EQ(pusher->join(), 0);
                         expect_it_still_works();
                     }});
}

TEST_F(queue_kill, a_pop_lease)
{
    int leased = 0;
    const int kills = kill_everywhere({[&] {
                                           fresh();
                                           fill({"a", "b"});
                                           q->done(*q->pop_lease());
                                           fill({"c"});
                                       },
                                       warm_up, [&] { (void)q->pop_lease(); },
                                       [&] {
                                           const auto b = q->pop_lease(deadline(1s));
                                           ASSERT_TRUE(b);
                                           EXPECT_EQ(b->text, "b");
                                           EXPECT_LE(b->place.deliveries, 2U);
                                           leased += b->place.deliveries == 2;
                                           q->done(*b);
                                           EXPECT_EQ(drain(), texts{"c"});
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
    EXPECT_GT(leased, 1);
    EXPECT_LT(leased, kills);
}

TEST_F(queue_kill, the_first_pop_lease_of_all_with_a_large_item)
{
    const std::string large(1100, 'L');
    kill_everywhere({[&] {
                         fresh();
                         q->push(large);
                         fill({"c"});
                     },
                     warm_up, [&] { (void)q->pop_lease(); },
                     [&] {
                         const auto item = q->pop_lease(deadline(1s));
                         ASSERT_TRUE(item);
                         EXPECT_EQ(item->text, large);
                         q->done(*item);
                         EXPECT_EQ(drain(), texts{"c"});
                         expect_it_still_works();
                     }});
}

TEST_F(queue_kill, a_pop_lease_of_what_came_back)
{
    const int kills = kill_everywhere({[&] {
                                           fresh();
                                           fill({"a", "b"});
                                           q->give_back(*q->pop_lease());
                                       },
                                       warm_up, [&] { (void)q->pop_lease(); },
                                       [&] {
                                           const auto a = q->pop_lease(deadline(1s));
                                           ASSERT_TRUE(a);
                                           EXPECT_EQ(a->text, "a");
                                           EXPECT_GE(a->place.deliveries, 2U);
                                           EXPECT_LE(a->place.deliveries, 3U);
                                           q->done(*a);
                                           EXPECT_EQ(drain(), texts{"b"});
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
}

TEST_F(queue_kill, a_pop_of_what_came_back)
{
    kill_everywhere({[&] {
                         fresh();
                         fill({"a", "b"});
                         q->give_back(*q->pop_lease());
                     },
                     warm_up, [&] { (void)q->pop(); },
                     [&] {
                         const texts all = drain();
                         EXPECT_TRUE((all == texts{"a", "b"}) || (all == texts{"b"}));
                         expect_it_still_works();
                     }});
}

TEST_F(queue_kill, done)
{
    bytes_queue::leased lease;
    int ended = 0;
    const int kills = kill_everywhere({[&] {
                                           fresh();
                                           fill({"a", "b"});
                                       },
                                       [&] {
                                           warm_up();
                                           lease = *q->pop_lease();
                                       },
                                       [&] { q->done(lease); },
                                       [&] {
                                           auto next = q->pop_lease(deadline(1s));
                                           ASSERT_TRUE(next);
                                           if (next->text == "a") {
                                               EXPECT_EQ(next->place.deliveries, 2U);
                                               q->done(*next);
                                               next = q->pop_lease(deadline(1s));
                                           } else {
                                               ++ended;
                                           }
                                           ASSERT_TRUE(next);
                                           EXPECT_EQ(next->text, "b");
                                           q->done(*next);
                                           EXPECT_EQ(drain(), texts{});
                                           expect_it_still_works();
                                       }});
    EXPECT_GT(kills, 6);
    EXPECT_GT(ended, 1);
    EXPECT_LT(ended, kills);
}

TEST_F(queue_kill, giving_back)
{
    bytes_queue::leased lease;
    kill_everywhere({[&] {
                         fresh();
                         fill({"a", "b"});
                     },
                     [&] {
                         warm_up();
                         lease = *q->pop_lease();
                     },
                     [&] { q->give_back(lease); },
                     [&] {
                         EXPECT_EQ(q->pop(deadline(1s)), "a");
                         EXPECT_EQ(drain(), texts{"b"});
                         expect_it_still_works();
                     }});
}

TEST_F(queue_kill, a_close)
{
    kill_everywhere({[&] {
                         fresh();
                         fill({"a"});
                     },
                     warm_up, [&] { q->close(); },
                     [&] {
                         EXPECT_EQ(drain(), texts{"a"});
                         if (q->end() != ruche::detail::wait_end::closed)
                             expect_it_still_works();
                     }});
}

TEST_F(queue_kill, the_recovery_from_an_earlier_victim)
{
    // The first victim dies holding both locks, one after the other, with a lease half made: the second one repairs.
    const auto leave_a_mess = [&] {
        for (const long step : {150L, 220L, 260L}) {
            kill_one_after(step, [&] { (void)q->try_pop_lease(); });
            kill_one_after(step, [&] { (void)q->try_push("mess"); });
        }
    };
    kill_everywhere({[&] {
                         fresh();
                         fill({"a"});
                         leave_a_mess();
                     },
                     warm_up, [&] { (void)q->pop_lease(); },
                     [&] {
                         const auto a = q->pop_lease(deadline(1s));
                         ASSERT_TRUE(a);
                         EXPECT_EQ(a->text, "a");
                         q->done(*a);
                         for (const auto& text : drain())
                             EXPECT_EQ(text, "mess");
                         expect_it_still_works();
                     }});
}
