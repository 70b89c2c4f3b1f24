// What can be run in another process, and what a process can tell of itself and of those it started.

#include <ruche/async.hpp>
#include <ruche/process.hpp>
#include <ruche/this_process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sched.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using ruche::fn;

namespace {

int twice(int number) { return 2 * number; }
int chosen(int) { return 1; }
int chosen(const std::string&) { return 2; }
int with_token(ruche::stop_token stop, int number) { return stop.stop_possible() ? number : -1; }

struct counter {
    int value = 0;
    int add(int more) { return value += more; }
    [[nodiscard]] int get() const noexcept { return value; }
};

void until_stopped(ruche::stop_token stop) { helpers::wait_for_stop(stop); }

std::vector<int> ids_of(const std::vector<ruche::active_child>& children)
{
    std::vector<int> ids;
    for (const auto& child : children)
        ids.push_back(child.id);
    return ids;
}

} // namespace

TEST(callable, a_function_named_as_a_type_runs) { EXPECT_EQ(ruche::async(fn<twice>, 21).get(), 42); }

TEST(callable, a_function_named_as_a_type_converts_its_arguments)
{
    EXPECT_EQ(ruche::async(fn<twice>, 21.9).get(), 42);
}

TEST(callable, a_function_named_as_a_type_takes_a_stop_token) { EXPECT_EQ(ruche::async(fn<with_token>, 5).get(), 5); }

TEST(callable, a_cast_chooses_among_functions_of_one_name)
{
    EXPECT_EQ(ruche::async(fn<static_cast<int (*)(int)>(chosen)>, 0).get(), 1);
    EXPECT_EQ(ruche::async(fn<static_cast<int (*)(const std::string&)>(chosen)>, "text").get(), 2);
    EXPECT_EQ(ruche::async([](std::string text) { return chosen(text); }, "text").get(), 2);
}

TEST(callable, a_member_function_takes_its_object_first)
{
    EXPECT_EQ(ruche::async(fn<&counter::add>, counter{40}, 2).get(), 42);
    EXPECT_EQ(ruche::async(fn<&counter::get>, counter{7}).get(), 7);
}

TEST(this_process, counts_the_processors_it_may_run_on)
{
    cpu_set_t before;
    ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
    const auto count = ruche::this_process::cpu_count();
    EXPECT_GE(count, 1U);
    EXPECT_LE(count, static_cast<unsigned>(CPU_COUNT(&before)));
    std::size_t first = 0;
    while (!CPU_ISSET(first, &before))
        ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(ruche::this_process::cpu_count(), 1U);
    ::sched_setaffinity(0, sizeof before, &before);
}

TEST(this_process, a_control_group_with_less_time_counts_fewer_processors)
{
    const std::filesystem::path group = "/sys/fs/cgroup/cpu/ruche-test-" + std::to_string(::getpid());
    std::error_code refused;
    if (!std::filesystem::create_directory(group, refused) || !exists(group / "cpu.cfs_quota_us"))
        GTEST_SKIP() << "no control group with a share of processor time can be made here";
    std::ofstream(group / "cpu.cfs_quota_us") << 50'000 << std::flush;
    const auto counted = [](std::string folder) {
        std::ofstream(folder + "/cgroup.procs") << ::getpid() << std::flush;
        return ruche::this_process::cpu_count();
    };
    EXPECT_EQ(ruche::async(counted, group.string()).get(), 1U);
    std::filesystem::remove(group, refused);
}

TEST(active_children, are_those_that_run)
{
    const auto before = ruche::active_children().size();
    ruche::process first({.name = "first"}, until_stopped), second({.name = "second"}, until_stopped);
    EXPECT_EQ(ruche::active_children().size(), before + 2);
    EXPECT_EQ(ruche::active_children().back().name, "second");
    second.request_stop();
    second.join();
    EXPECT_EQ(ids_of(ruche::active_children()).back(), first.id());
}

TEST(active_children, of_a_copy_forked_by_hand_are_none)
{
    const ruche::process p(until_stopped);
    const int copy = ::fork();
    if (copy == 0)
        ::_exit(static_cast<int>(ruche::active_children().size()));
    int status = -1;
    ::waitpid(copy, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(interrupt, ends_a_process_that_has_no_handler)
{
    ruche::process p(until_stopped);
    p.interrupt();
    EXPECT_EQ(p.join().signal(), SIGINT);
}

TEST(interrupt, calls_the_handler_of_the_process)
{
    auto ends = [](ruche::stop_token stop) {
        std::signal(SIGINT, [](int) { ::_exit(8); });
        std::cout << "ready" << std::endl;
        helpers::wait_for_stop(stop);
    };
    ruche::process p({.output = ruche::standard_stream::capture()}, ends);
    ASSERT_TRUE(helpers::readable_within(p.output().get(), std::chrono::seconds(10)));
    p.interrupt();
    EXPECT_EQ(p.join().code(), 8);
}
