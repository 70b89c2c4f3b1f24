// What a feed costs the engine while nothing happens to it, and what a visit costs, from 1,000 feeds to 100,000: the
// schedule's memory, its start, its steps, and the store's. Prints a Markdown table.
#include "net/site.hpp"
#include "schedule/planner.hpp"
#include "store/store.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <malloc.h>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace rssmania;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

double milliseconds_since(clock_type::time_point begin)
{
    return std::chrono::duration<double, std::milli>(clock_type::now() - begin).count();
}

std::size_t heap_in_use() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

// A feed in five shares its site with others.
std::string address_of(int number)
{
    return number % 5 == 0 ? fmt::format("https://shared{}.example.org/feed/{}", number % 50, number)
                           : fmt::format("https://site{}.example.com/feed.xml", number);
}

struct figures {
    double start = 0;          // ms to take all in, from the database
    double bytes_per_feed = 0; // of the schedule
    double step = 0;           // µs to take a due feed and to plan its next visit
    double record = 0;         // µs to write an unchanged visit down, in batches of 32
};

figures measure(int feeds)
{
    const std::filesystem::path directory = std::filesystem::temp_directory_path() / fmt::format("scale-{}", feeds);
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    std::vector<std::string> urls;
    for (int i = 0; i < feeds; ++i)
        urls.push_back(address_of(i));
    const auto wall = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    store memory(directory);
    (void)memory.subscribe(urls, wall);
    urls = {};

    figures found;
    const auto now = boot_clock::now();
    const std::size_t before = heap_in_use();
    const auto begin = clock_type::now();
    auto plan = std::make_unique<planner>(pace{.site_gap = 0ns, .spread_gap = 0ns});
    memory.due_after(0, [&](const feed_due& feed) { plan->add(feed.id, site_of(feed.url), now); });
    found.start = milliseconds_since(begin);
    found.bytes_per_feed = static_cast<double>(heap_in_use() - before) / feeds;

    const auto steps_begin = clock_type::now();
    constexpr int steps = 200'000;
    auto moment = now;
    for (int i = 0; i < steps;) {
        const auto next = plan->take(moment);
        if (!next) {
            moment += 1s;
            continue;
        }
        plan->finished(*next, moment + std::chrono::minutes(15 + i % 1000), moment);
        ++i;
    }
    found.step = milliseconds_since(steps_begin) * 1000 / steps;

    const auto records_begin = clock_type::now();
    constexpr int records = 4'096;
    for (int i = 0; i < records; i += 32) {
        std::vector<visited> batch;
        for (int j = 0; j < 32; ++j)
            batch.push_back(
                {.feed = 1 + static_cast<feed_id>(i + j) * 7919 % feeds, .result = visit_result::unchanged});
        memory.record(batch, 1, wall);
    }
    found.record = milliseconds_since(records_begin) * 1000 / records;
    std::filesystem::remove_all(directory);
    return found;
}

} // namespace

int main()
{
    fmt::print("| feeds | start | schedule's memory a feed | take and plan | write down an unchanged visit |\n"
               "| ---: | ---: | ---: | ---: | ---: |\n");
    for (const int feeds : {1'000, 10'000, 100'000}) {
        const figures found = measure(feeds);
        fmt::print("| {} | {:.0f} ms | {:.0f} bytes | {:.2f} µs | {:.1f} µs |\n", feeds, found.start,
                   found.bytes_per_feed, found.step, found.record);
    }
}
