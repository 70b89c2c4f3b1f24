#include "helpers/forked.hpp"

#include <ruche/queue.hpp>
#include <ruche/shared.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

using helpers::forked;

/// Nobody starves: by counts, since on a busy machine times say nothing. Whoever pushes or pops without a break gets
/// its share, of small items and of large ones.
namespace {

constexpr std::size_t sides = 4;

struct share {
    std::size_t least = 0;
    std::size_t all = 0;
};

share of(const ruche::shared_array<std::atomic<std::size_t>>& counts)
{
    share found{counts[0].load(), 0};
    for (const auto& one : counts) {
        found.least = std::min(found.least, one.load());
        found.all += one.load();
    }
    return found;
}

/// Lets four push and four pop until `enough` says so of what each has done; false if that never comes.
template <class Enough>
bool all_get_on(std::size_t item_bytes, Enough enough)
{
    ruche::queue<std::string> q;
    const ruche::shared_array<std::atomic<std::size_t>> pushed(sides);
    const ruche::shared_array<std::atomic<std::size_t>> popped(sides);
    std::vector<forked> all;
    const std::string item(item_bytes, 'x');
    for (std::size_t i = 0; i < sides; ++i) {
        all.emplace_back([&, i] {
            for (;;) {
                q.push(item);
                pushed[i].fetch_add(1);
            }
            return 0;
        });
        all.emplace_back([&, i] {
            for (;;)
                popped[i].fetch_add(q.pop().has_value());
            return 0;
        });
    }
    return helpers::eventually([&] { return enough(of(pushed)) && enough(of(popped)); }, std::chrono::seconds(30));
}

} // namespace

TEST(queue_fairness, with_small_items_everybody_gets_on)
{
    EXPECT_TRUE(all_get_on(48, [](const share& now) { return now.least > 1000 && now.least * 50 > now.all; }));
}

TEST(queue_fairness, with_large_items_everybody_gets_on)
{
    EXPECT_TRUE(all_get_on(300'000, [](const share& now) { return now.least > 20 && now.least * 50 > now.all; }));
}
