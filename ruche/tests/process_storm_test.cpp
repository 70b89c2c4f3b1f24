// Whoever is killed, whenever: nobody is left. And thousands of starts leave everything as it was.

#include "helpers/forked.hpp"
#include "helpers/processes.hpp"
#include "helpers/storm.hpp"
#include "os/sanitizer.hpp"

#include <ruche/async.hpp>
#include <ruche/process.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

void nothing() {}

int from_environment(const char* name, int otherwise)
{
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : otherwise;
}

long resident_kib(int id)
{
    std::ifstream status("/proc/" + std::to_string(id) + "/status");
    for (std::string word; status >> word;)
        if (long kib = 0; word == "VmRSS:" && status >> kib)
            return kib;
    return 0;
}

std::size_t entries(const std::string& folder)
{
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

struct footprint {
    std::size_t descriptors, threads, children;
    friend bool operator==(const footprint&, const footprint&) = default;
};

footprint footprint_of(int id)
{
    const std::string folder = "/proc/" + std::to_string(id);
    std::ifstream list(folder + "/task/" + std::to_string(id) + "/children");
    return {entries(folder + "/fd"), entries(folder + "/task"),
            static_cast<std::size_t>(std::distance(std::istream_iterator<int>(list), {}))};
}

} // namespace

TEST(process_storm, whoever_is_killed_nobody_is_left)
{
    const int seed = from_environment("RUCHE_STORM_SEED", 7);
    const auto outcome =
        helpers::kill_at_random(from_environment("RUCHE_STORM_KILLS", ruche::os::under_sanitizer ? 300 : 3000),
                                static_cast<std::uint32_t>(seed));
    EXPECT_EQ(outcome.left_behind, "") << "outlived its program, after " << outcome.kills << " kills";
    std::printf("%d kills in %d programs; the last descendant was gone after at most %lld ms\n", outcome.kills,
                outcome.programs, static_cast<long long>(outcome.slowest_ms));
}

TEST(process_storm, starts_leave_descriptors_zombies_memory_and_threads_where_they_were)
{
    ruche::process first([] { ::pause(); });
    const int server = helpers::parent_of(first.id());
    const auto start_many = [](int count) {
        for (int i = 0; i < count; ++i)
            ruche::process(nothing).join();
    };
    start_many(200); // allocators have what they need, and the counts are those of a program at work
    const int us = static_cast<int>(::getpid());
    const auto ours = footprint_of(us);
    footprint theirs{};
    ASSERT_TRUE(helpers::eventually([&] { // until the spare for the next start is there, and its making is done
        theirs = footprint_of(server);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return theirs.children == 2 && footprint_of(server) == theirs;
    }));
    const long memory = resident_kib(us), servers_memory = resident_kib(server);
    start_many(from_environment("RUCHE_STORM_STARTS", ruche::os::under_sanitizer ? 1000 : 10'000));
    EXPECT_EQ(footprint_of(us), ours);
    EXPECT_TRUE(helpers::eventually([&] { return footprint_of(server) == theirs; }));
    if (!ruche::os::under_sanitizer) { // which keeps what was freed aside, to notice its use
        EXPECT_LE(resident_kib(us), memory + 256);
        EXPECT_LE(resident_kib(server), servers_memory + 256);
    }
    first.kill();
}
