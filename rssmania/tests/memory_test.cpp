// What all processes of the program have in memory together, whatever servers send.
#include "demo/sample_site.hpp"
#include "program.hpp"
#include "temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace rssmania::testing {
namespace {

using namespace std::chrono_literals;

std::size_t shared_out_memory_of(pid_t id) // its part of what it shares: PSS
{
    std::ifstream file(fmt::format("/proc/{}/smaps_rollup", id));
    for (std::string word; file >> word;) {
        if (std::size_t kilobytes = 0; word == "Pss:" && file >> kilobytes)
            return kilobytes << 10U;
    }
    return 0;
}

server_reply hostile_answer(const seen_request& request)
{
    const auto feed_of = [](std::string filling) {
        return "<rss version='2.0'><channel><title>Large</title><!--" + std::move(filling) + "-->";
    };
    if (request.path.starts_with("/good/"))
        return {.body = fmt::format("<rss version='2.0'><channel><title>Good</title><item><link>http://good.example{}"
                                    "</link></item></channel></rss>",
                                    request.path)};
    if (request.path.starts_with("/large/")) // just below the limit
        return {.body = feed_of(std::string(15U << 20U, '<'))};
    if (request.path.starts_with("/many/")) {
        std::string body = "<rss version='2.0'><channel><title>Many</title>";
        while (body.size() < 8U << 20U)
            body += "<item/>";
        return {.body = body};
    }
    if (request.path.starts_with("/endless/"))
        return {.body = std::string(1U << 20U, 'x'), .repeat = 100'000};
    return fault_reply(request, "http://127.0.0.1");
}

TEST(the_memory_of_all_processes, stays_bounded_whatever_servers_send)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer takes memory of its own";
#endif
    constexpr std::size_t most = std::size_t{256} << 20U;
    const temporary_directory directory;
    const http_server server(0, hostile_answer);
    std::vector<std::string> words{"watch", "--once", "--allow-local", "--store",
                                   (directory.path() / "store").string()};
    for (int i = 0; i < 12; ++i) {
        for (const char* path : {"/large/{}", "/endless/{}", "/many/{}", "/faults/bomb?{}", "/good/{}"})
            words.push_back(server.address(fmt::format(fmt::runtime(path), i)));
    }
    program watcher(words);
    std::size_t highest = 0;
    std::string shares; // whose it was then
    std::atomic<bool> ended = false;
    std::atomic<bool> over = false;
    std::thread waiter([&] {
        ended = watcher.wait(100s).has_value();
        over = true;
    });
    while (!over) {
        std::size_t sum = 0;
        std::string who;
        for (const program::member& each : watcher.others()) {
            const std::size_t its = shared_out_memory_of(each.id);
            who += fmt::format(" {} {} MB;", each.name, its >> 20U);
            sum += its;
        }
        if (sum > highest) {
            highest = sum;
            shares = who;
        }
        std::this_thread::sleep_for(50ms); // between two looks
    }
    waiter.join();
    EXPECT_TRUE(ended);
    EXPECT_LT(highest, most) << shares;
    EXPECT_EQ(count(watcher.out(), "http://good.example/good/"), 12U) << watcher.err();
    std::cout << (highest >> 20U) << " MB at most:" << shares << '\n';
}

} // namespace
} // namespace rssmania::testing
