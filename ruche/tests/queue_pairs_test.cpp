#include "channel/core.hpp"
#include "helpers/bytes_queue.hpp"
#include "helpers/stepping.hpp"
#include "queue/core.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace std::chrono_literals;
using helpers::bytes_queue;
using ruche::deadline;

/// Two processes, each stopped between two of its instructions, both killed there: the second on the way through what
/// the first has left half done. Then the ends of a channel, which has one process on each side of every ring.
namespace {

using texts = std::vector<std::string>;
using action = std::function<void(bytes_queue&)>;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t pairs_sampled = 3; // a step costs many times more
#else
constexpr std::size_t pairs_sampled = 6; // moments of each side; RUCHE_ALL_PAIRS=1 takes all
#endif

class queue_pairs : public ::testing::Test {
protected:
    void fresh()
    {
        q = std::make_unique<bytes_queue>();
        for (const auto* text : {"a", "b", "c"})
            q->push(text);
    }

    static void warm_up()
    {
        bytes_queue other;
        other.push("warm");
        other.done(*other.pop_lease());
        other.push("warm");
        (void)other.pop();
    }

    std::string shared() const
    {
        const auto& memory = q->core().memory();
        std::string bytes(reinterpret_cast<const char*>(&memory.header()), sizeof(ruche::detail::queue_header));
        bytes.append(reinterpret_cast<const char*>(memory.ring_at(0)), 512);
        return bytes.append(reinterpret_cast<const char*>(&memory.entry(0)), 2 * sizeof(ruche::detail::lease_entry));
    }

    std::vector<long> moments_of(const action& what)
    {
        auto all = helpers::moments_that_differ(
            {[&] { fresh(); }, warm_up, [&] { what(*q); }, [] {}, [&] { return shared(); }});
        if (std::getenv("RUCHE_ALL_PAIRS") || all.size() <= pairs_sampled)
            return all;
        std::vector<long> some;
        for (std::size_t i = 0; i < pairs_sampled; ++i)
            some.push_back(all[i * (all.size() - 1) / (pairs_sampled - 1)]);
        return some;
    }

    /// Everything that is in it, leases of the dead included.
    texts drain()
    {
        texts all;
        const auto begin = std::chrono::steady_clock::now();
        while (auto item =
                   q->pop(deadline(all.size() < 5 && q->core().memory().header().leases_taken != 0 ? 300ms : 0ms)))
            all.push_back(*item);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 700ms);
        return all;
    }

    /// `check` gets what is left of a, b, c and what the two have pushed.
    int kill_pairs(const action& first, const action& second, const std::function<void(const texts&)>& check)
    {
        const auto moments = moments_of(first);
        const auto moments_of_second = moments_of(second);
        int pairs = 0;
        for (const long i : moments)
            for (const long j : moments_of_second) {
                fresh();
                helpers::stepped one(warm_up, [&] { first(*q); });
                one.run(i);
                helpers::stepped two(warm_up, [&] { second(*q); });
                two.run_unless_it_would_sleep(j);
                one.kill();
                two.kill();
                SCOPED_TRACE("killed after " + std::to_string(i) + " and " + std::to_string(j));
                check(drain());
                EXPECT_TRUE(q->try_push("again"));
                EXPECT_EQ(q->try_pop(), "again");
                ++pairs;
                if (HasFailure())
                    return pairs;
            }
        return pairs;
    }

    std::unique_ptr<bytes_queue> q;
};

const action push_v = [](bytes_queue& one) { one.push("v"); };
const action push_w = [](bytes_queue& one) { one.push("w"); };
const action pop_one = [](bytes_queue& one) { (void)one.pop(); };
const action lease_one = [](bytes_queue& one) { (void)one.pop_lease(); };
const action work_on_one = [](bytes_queue& one) { one.done(*one.pop_lease()); };

/// `all` in order, with some left out at the front, and v and w in any order behind.
void expect_tail_of_abc(const texts& left, std::size_t most_missing)
{
    texts abc;
    texts pushed;
    for (const auto& text : left)
        (text == "v" || text == "w" ? pushed : abc).push_back(text);
    EXPECT_TRUE(std::is_sorted(abc.begin(), abc.end()));
    EXPECT_EQ(std::adjacent_find(abc.begin(), abc.end()), abc.end());
    EXPECT_GE(abc.size() + most_missing, 3U);
    EXPECT_TRUE(abc.empty() || abc.back() == "c");
    std::sort(pushed.begin(), pushed.end());
    EXPECT_EQ(std::adjacent_find(pushed.begin(), pushed.end()), pushed.end());
}

} // namespace

TEST_F(queue_pairs, two_that_push)
{
    EXPECT_GE(kill_pairs(push_v, push_w, [](const texts& left) { expect_tail_of_abc(left, 0); }), 9);
}

TEST_F(queue_pairs, one_that_pushes_and_one_that_pops)
{
    kill_pairs(push_v, pop_one, [](const texts& left) { expect_tail_of_abc(left, 1); });
    kill_pairs(pop_one, push_v, [](const texts& left) { expect_tail_of_abc(left, 1); });
}

TEST_F(queue_pairs, two_that_pop)
{
    kill_pairs(pop_one, pop_one, [](const texts& left) { expect_tail_of_abc(left, 2); });
}

TEST_F(queue_pairs, two_that_lease_lose_nothing)
{
    kill_pairs(lease_one, lease_one, [](const texts& left) { EXPECT_EQ(left, (texts{"a", "b", "c"})); });
}

TEST_F(queue_pairs, one_that_works_on_a_lease_and_one_that_pops)
{
    kill_pairs(work_on_one, pop_one, [](const texts& left) { expect_tail_of_abc(left, 2); });
    kill_pairs(pop_one, work_on_one, [](const texts& left) { expect_tail_of_abc(left, 2); });
}

namespace {

using ruche::detail::channel_core;

class channel_kill : public ::testing::Test {
protected:
    void fresh(std::size_t messages)
    {
        std::tie(here, there) = ruche::detail::make_channel_cores({.ring_bytes = 4096, .large_bytes = 1 << 16});
        for (std::size_t i = 0; i < messages; ++i)
            send(std::string(1, static_cast<char>('a' + i)));
    }

    void send(std::string_view text) const
    {
        const ruche::detail::outgoing item{std::as_bytes(std::span(text)), {}};
        ASSERT_EQ(ruche::detail::send(*here, item, {}), ruche::detail::wait_end::done);
    }

    [[nodiscard]] std::optional<std::string> receive() const
    {
        ruche::detail::incoming item;
        if (ruche::detail::receive(*there, item, ruche::detail::wait_bounds::none()) != ruche::detail::wait_end::done)
            return std::nullopt;
        return std::string(reinterpret_cast<const char*>(item.bytes.data()), item.bytes.size());
    }

    texts drain() const
    {
        texts all;
        while (auto text = receive())
            all.push_back(*text);
        return all;
    }

    /// After a death, whoever has the end next: the same memory, over its whole capacity.
    void expect_it_still_works() const
    {
        for (int i = 0; i < 300; ++i) {
            send(std::to_string(i));
            ASSERT_EQ(receive(), std::to_string(i));
        }
    }

    int kill_everywhere(std::size_t messages, const std::function<void()>& act, const std::function<void()>& check)
    {
        return helpers::kill_in_every_state({[&] { fresh(messages); }, [&] { channel_kill_warm_up(); }, act, check,
                                             [&] {
                                                 const auto& memory = here->out();
                                                 std::string bytes(reinterpret_cast<const char*>(&memory.header()),
                                                                   sizeof(ruche::detail::queue_header));
                                                 bytes.append(reinterpret_cast<const char*>(memory.ring_at(0)), 1024);
                                                 return bytes.append(reinterpret_cast<const char*>(memory.large_at(0)),
                                                                     2048);
                                             }});
    }

    void expect_a_kill_takes_one_or_none(const std::function<void()>& act)
    {
        int taken = 0;
        const int kills = kill_everywhere(2, act, [&] {
            const texts all = drain();
            EXPECT_TRUE((all == texts{"a", "b"}) || (all == texts{"b"}));
            taken += all.size() == 1;
            expect_it_still_works();
        });
        EXPECT_GT(taken, 0);
        EXPECT_LT(taken, kills);
    }

    static void channel_kill_warm_up()
    {
        auto [one, other] = ruche::detail::make_channel_cores({.ring_bytes = 4096, .large_bytes = 4096});
        const std::string_view text = "warm";
        const ruche::detail::outgoing item{std::as_bytes(std::span(text)), {}};
        ruche::detail::incoming into;
        (void)ruche::detail::send(*one, item, {});
        (void)ruche::detail::receive(*other, into, {});
    }

    std::shared_ptr<channel_core> here;
    std::shared_ptr<channel_core> there;
};

} // namespace

TEST_F(channel_kill, a_send)
{
    int in = 0;
    const int kills = kill_everywhere(
        2, [&] { send("v"); },
        [&] {
            const texts all = drain();
            EXPECT_TRUE((all == texts{"a", "b"}) || (all == texts{"a", "b", "v"}));
            in += all.size() == 3;
            expect_it_still_works();
        });
    EXPECT_GT(in, 0);
    EXPECT_LT(in, kills);
}

TEST_F(channel_kill, a_send_beside_the_ring)
{
    const std::string large(1500, 'L');
    kill_everywhere(
        1, [&] { send(large); },
        [&] {
            const texts all = drain();
            EXPECT_TRUE((all == texts{"a"}) || (all == texts{"a", large}));
            expect_it_still_works();
        });
}

TEST_F(channel_kill, a_receive_in_either_form)
{
    const auto receive_one = [&] {
        std::array<std::byte, 1> place;
        (void)ruche::detail::receive_into(*there, place, ruche::detail::wait_bounds::none());
    };
    for (const std::function<void()>& act :
         {std::function<void()>([&] { (void)receive(); }), std::function<void()>(receive_one)})
        expect_a_kill_takes_one_or_none(act);
}
