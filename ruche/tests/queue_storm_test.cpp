#include "helpers/bytes_queue.hpp"
#include "helpers/forked.hpp"
#include "os/shared_mapping.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <random>

using namespace std::chrono_literals;
using helpers::bytes_queue;
using helpers::forked;
using ruche::deadline;

/// Processes that push and pop as fast as they can while one after the other is killed at a random moment. A ledger in
/// memory of its own counts, for each message, whether its push returned and how often it was popped.
namespace {

constexpr std::size_t most_messages = 1 << 25;

struct ledger {
    std::atomic<std::uint32_t> next{0};
    std::atomic<std::uint32_t> corrupt{0};
    std::array<std::atomic<std::uint8_t>, most_messages> pushed;
    std::array<std::atomic<std::uint8_t>, most_messages> popped;
};

class storm : public ::testing::Test {
protected:
    /// How many processes are killed in each of two storms, and five times as many as in the third: 20,000 in all; more
    /// on request. Under a sanitizer a fork costs many times more.
    static int kills()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        constexpr int usual = 700;
#else
        constexpr int usual = 9100;
#endif
        const char* const wanted = std::getenv("RUCHE_STORM_KILLS");
        return wanted ? std::atoi(wanted) : usual;
    }

    static std::string message(std::uint32_t id)
    {
        std::string text = std::to_string(id) + ":";
        text.append(id % 97 * (id % 1000 == 0 ? 100 : 1), static_cast<char>('a' + id % 26));
        return text;
    }

    void push_one()
    {
        const std::uint32_t id = book->next.fetch_add(1);
        if (id < most_messages && q.push(message(id), deadline(2ms)))
            book->pushed[id].store(1);
    }

    void note(const std::string& text) const
    {
        const auto id = static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 10));
        if (id >= most_messages || text != message(id))
            book->corrupt.fetch_add(1);
        else
            book->popped[id].fetch_add(1);
    }

    /// Runs six workers until `kills()` of them have died, starting a new one for each; then drains.
    void rage(const std::function<void()>& work)
    {
        std::mt19937 random(20261121); // the kills fall where the scheduler puts them; this only spreads them
        std::vector<forked> workers;
        const auto start = [&] {
            workers.emplace_back([&] {
                for (;;)
                    work();
                return 0;
            });
        };
        for (int i = 0; i < 6; ++i)
            start();
        std::deque<forked> dying; // each waits for a processor to die on; the storm doesn't
        const auto bury_the_first = [&] {
            EXPECT_EQ(dying.front().join(), -SIGKILL);
            dying.pop_front();
        };
        for (int i = 0; i < kills(); ++i) {
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
            std::swap(workers[random() % workers.size()], workers.back());
            workers.back().kill();
            dying.push_back(std::move(workers.back()));
            workers.pop_back();
            start();
            if (dying.size() > 8)
                bury_the_first();
        }
        while (!dying.empty())
            bury_the_first();
    }

    struct result {
        std::uint32_t pushed = 0;
        std::uint32_t lost = 0;
        std::uint32_t twice = 0;
    };
    result count() const
    {
        result all;
        for (std::uint32_t id = 0; id < std::min<std::uint32_t>(book->next, most_messages); ++id) {
            all.pushed += book->pushed[id];
            all.lost += book->pushed[id] && book->popped[id] == 0;
            all.twice += book->popped[id] > 1;
        }
        return all;
    }

    ruche::fd memory = ruche::os::make_memory("ledger", (sizeof(ledger) + 4095) & ~std::size_t{4095});
    ruche::os::shared_mapping mapping{memory, {{0, (sizeof(ledger) + 4095) & ~std::size_t{4095}}}};
    ledger* book = reinterpret_cast<ledger*>(mapping.data());
    bytes_queue q{16384};
};

} // namespace

TEST_F(storm, no_message_is_torn_or_doubled_and_only_what_a_victim_had_popped_is_lost)
{
    rage([&] {
        push_one();
        if (const auto text = q.try_pop())
            note(*text);
    });
    while (const auto text = q.pop(deadline(100ms)))
        note(*text);
    const result all = count();
    EXPECT_EQ(book->corrupt, 0U);
    EXPECT_EQ(all.twice, 0U);
    EXPECT_LE(all.lost, static_cast<std::uint32_t>(kills()));
    EXPECT_GT(all.pushed, 1000U);
    EXPECT_TRUE(q.empty());
    RecordProperty("messages", static_cast<int>(all.pushed));
    RecordProperty("lost with their poppers", static_cast<int>(all.lost));
}

TEST_F(storm, under_leases_no_message_is_lost)
{
    rage([&] {
        push_one();
        if (const auto item = q.try_pop_lease()) {
            note(item->text);
            q.done(*item);
        }
    });
    while (const auto item = q.pop_lease(deadline(300ms))) {
        note(item->text);
        q.done(*item);
    }
    const result all = count();
    EXPECT_EQ(book->corrupt, 0U);
    EXPECT_EQ(all.lost, 0U);
    EXPECT_LE(all.twice, static_cast<std::uint32_t>(kills()));
    EXPECT_GT(all.pushed, 1000U);
    EXPECT_TRUE(ruche::detail::wait_until_done(q.core(), {deadline(0ms), nullptr}));
    RecordProperty("messages", static_cast<int>(all.pushed));
    RecordProperty("delivered twice", static_cast<int>(all.twice));
}

TEST_F(storm, sleepers_are_woken_whoever_dies)
{
    // Ping and pong between two long-lived processes and a crowd that dies: no round may take longer than a death may
    // delay it.
    bytes_queue back;
    forked echo([&] {
        while (auto text = q.pop())
            back.push(*text);
        return 0;
    });
    std::mt19937 random(7);
    for (int i = 0; i < kills() / 5; ++i) {
        forked victim([&] {
            for (;;) {
                q.push("from a victim");
                (void)back.pop(deadline(200us));
            }
            return 0;
        });
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 1000));
        victim.kill();
        victim.join();
        while (back.try_pop())
            ;
        const std::string mine = std::to_string(i);
        q.push(mine);
        const auto begin = std::chrono::steady_clock::now();
        for (;;) {
            const auto text = back.pop(deadline(5s));
            ASSERT_TRUE(text) << "round " << i;
            if (*text == mine)
                break;
        }
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 300ms) << "round " << i;
    }
    q.close();
    EXPECT_EQ(echo.join(), 0);
}
