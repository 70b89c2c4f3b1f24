// A program one of whose global objects starts a thread: its fork server has that thread too, and must not fork.

#include <ruche/async.hpp>
#include <ruche/process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

// What a careless library does. Constructed in the fork server and in each process that is executed.
const std::jthread idle([](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, stop, [] { return false; });
});

int twice(int number) { return 2 * number; }

std::size_t count(const std::string& text, const std::string& word)
{
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++found;
    return found;
}

/// Whether the process takes no processor for a moment, in which one that never sleeps would.
bool is_asleep(int id)
{
    clockid_t processor_time{};
    if (::clock_getcpuclockid(id, &processor_time) != 0)
        return false;
    timespec before{};
    timespec after{};
    ::clock_gettime(processor_time, &before);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::clock_gettime(processor_time, &after);
    return before.tv_sec == after.tv_sec && before.tv_nsec == after.tv_nsec;
}

} // namespace

TEST(threaded_server, executes_its_processes_and_says_so_once)
{
    const helpers::captured_output errors(2);
    EXPECT_EQ(ruche::async(twice, 1).get(), 2);
    EXPECT_EQ(ruche::async(twice, 2).get(), 4);
    EXPECT_EQ(count(errors.text(), "has started a thread in the fork server"), 1U) << errors.text();
}

TEST(threaded_server, sleeps_between_starts)
{
    const helpers::captured_output errors(2);
    int server = 0;
    for (int start = 0; start < 3; ++start)
        server = ruche::async([] { return static_cast<int>(::getppid()); }).get();
    EXPECT_TRUE(is_asleep(server) || is_asleep(server)); // twice: the first moment may be that of the last one's end
}
