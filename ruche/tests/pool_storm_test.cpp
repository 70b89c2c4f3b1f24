#include <ruche/pool.hpp>
#include <ruche/process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

// A storm over a running pool: a random worker is killed every few milliseconds, and each task must have exactly one
// outcome all the same. RUCHE_STORM says how many tasks; tools/storm runs the full hundred thousand.

using namespace std::chrono_literals;

namespace {

std::size_t tasks()
{
    const char* wanted = std::getenv("RUCHE_STORM");
    return wanted ? std::strtoull(wanted, nullptr, 10) : 4000;
}

int work(int n)
{
    // Some take a while, so that they are hit.
    const auto end = std::chrono::steady_clock::now() + (n % 50 == 0 ? 2ms : 20us);
    while (std::chrono::steady_clock::now() < end)
        continue;
    return n + 1;
}

/// Kills a random worker of `pool` every few milliseconds, for as long as it lives.
class killer {
public:
    explicit killer(ruche::pool& pool) : thread_([this, &pool](const std::stop_token& stop) { run(pool, stop); }) {}
    [[nodiscard]] int killed() const { return killed_; }

private:
    void run(ruche::pool& pool, const std::stop_token& stop)
    {
        std::mt19937 random(7);
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1 + random() % 5));
            const auto workers = pool.status().workers;
            if (!workers.empty() && ::kill(workers[random() % workers.size()].process, SIGKILL) == 0)
                ++killed_;
        }
    }

    std::atomic<int> killed_ = 0;
    std::jthread thread_;
};

} // namespace

TEST(pool_storm, each_task_has_exactly_one_outcome_and_nothing_is_left)
{
    {
        ruche::pool(1).submit(work, 1).get();
    } // what is started once and stays
    const auto before = helpers::count_descriptors();
    std::atomic<std::size_t> told = 0;
    std::size_t done = 0, died = 0;
    int killed = 0;
    {
        ruche::pool pool({.workers = 4, .idle_time = 1h});
        killer storm(pool);
        std::vector<ruche::future<int>> answers;
        for (std::size_t i = 0; i < tasks(); ++i) {
            ruche::task_options options;
            if (i % 3 == 0)
                options.retry = {.times = 2, .first_delay = 0ms};
            answers.push_back(pool.submit(std::move(options), work, static_cast<int>(i)));
            answers.back().on_ready([&told] { ++told; });
        }
        for (std::size_t i = 0; i < answers.size(); ++i) {
            try {
                ASSERT_EQ(answers[i].get_for(60s), static_cast<int>(i) + 1);
                ++done;
            } catch (const ruche::process_died&) {
                ++died;
            }
        }
        killed = storm.killed();
        pool.shutdown();
    }
    EXPECT_EQ(done + died, tasks());
    EXPECT_GT(killed, 5);
    EXPECT_LE(died, static_cast<std::size_t>(killed));
    std::cout << tasks() << " tasks: " << done << " done, " << died << " died with one of " << killed << " workers\n";
    EXPECT_EQ(helpers::count_descriptors(), before);
    EXPECT_TRUE(ruche::active_children().empty());
    ruche::promise<void> all_told; // what was posted before has run when this has
    auto later = all_told.get_future();
    ruche::promise<void> reached;
    auto end = reached.get_future();
    later.on_ready([&] { reached.set_value(); });
    all_told.set_value();
    end.get();
    EXPECT_EQ(told, tasks());
}

TEST(pool_storm, each_call_of_a_map_has_exactly_one_outcome)
{
    std::size_t next = 0, died = 0;
    ruche::pool pool({.workers = 4});
    killer storm(pool);
    auto results = pool.map(work, std::views::iota(0, static_cast<int>(tasks())));
    for (auto at = results.begin(); at != results.end(); ++at, ++next) {
        try {
            ASSERT_EQ(*at, static_cast<int>(next) + 1);
        } catch (const ruche::process_died&) {
            ++died;
        }
    }
    EXPECT_EQ(next, tasks());
    EXPECT_LE(died, static_cast<std::size_t>(storm.killed()) + 1);
}
