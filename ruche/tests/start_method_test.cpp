// The ways in which a process comes to be, beside the default.

#include <ruche/async.hpp>
#include <ruche/process.hpp>
#include <ruche/this_process.hpp>

#include "helpers/forked.hpp"
#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using ruche::forked;
using ruche::standard_stream;
using ruche::start_method;
using namespace std::chrono_literals;

namespace {

const ruche::process_options executed{.method = start_method::exec};

int twice(int number) { return 2 * number; }
void until_stopped(ruche::stop_token stop) { helpers::wait_for_stop(stop); }
const void* address_of_stack()
{
    int here = 0;
    const void* volatile address = &here;
    return address;
}

std::uintptr_t stack_there() { return reinterpret_cast<std::uintptr_t>(address_of_stack()); }

bool has_robust_list()
{
    void* head = nullptr;
    std::size_t size = 0;
    return ::syscall(SYS_get_robust_list, 0, &head, &size) == 0 && head;
}

void for_ever()
{
    for (;;)
        ::pause();
}

} // namespace

TEST(exec, runs_a_function_with_its_arguments) { EXPECT_EQ(ruche::async(executed, twice, 21).get(), 42); }

TEST(exec, carries_what_is_larger_than_a_message)
{
    const std::string large(300'000, 'x');
    EXPECT_EQ(ruche::async(
                  executed, [](std::string text) { return text; }, large)
                  .get(),
              large);
}

TEST(exec, has_an_address_space_of_its_own)
{
    EXPECT_EQ(ruche::async(stack_there).get(), ruche::async(stack_there).get());
    EXPECT_NE(ruche::async(executed, stack_there).get(), ruche::async(executed, stack_there).get());
}

TEST(exec, finds_the_surroundings_of_the_call)
{
    auto options = executed;
    options.working_directory = "/proc";
    options.environment = {{"RUCHE_TEST", "value"}};
    options.output = standard_stream::capture();
    ruche::process p(options, [] {
        std::printf("%s %s %d", helpers::working_directory().c_str(), std::getenv("RUCHE_TEST"),
                    std::getenv("RUCHE_PROCESS") == nullptr);
    });
    EXPECT_EQ(ruche::read_to_end(p.output()), "/proc value 1");
}

TEST(exec, is_named_stopped_and_reported_as_any_other)
{
    auto options = executed;
    options.name = "executed";
    EXPECT_EQ(ruche::async(options, [] { return ruche::this_process::name(); }).get(), "executed");
    ruche::process p(options, until_stopped);
    p.request_stop();
    EXPECT_TRUE(p.join().success());
    ruche::process killed(executed, for_ever);
    killed.kill();
    EXPECT_EQ(killed.join().signal(), SIGKILL);
    EXPECT_THROW(ruche::async(executed, [] { throw std::out_of_range("there"); }).get(), std::out_of_range);
}

TEST(exec, has_no_descriptor_but_its_own)
{
    EXPECT_EQ(ruche::async(executed, [] { return helpers::open_files_outside_of_ruche(); }).get(),
              std::vector<std::string>());
}

TEST(exec, may_start_processes_itself)
{
    EXPECT_EQ(ruche::async(executed, [] { return ruche::async(executed, twice, 4).get(); }).get(), 8);
}

TEST(start_method, each_gives_a_process_a_robust_list)
{
    EXPECT_TRUE(ruche::async(has_robust_list).get());
    EXPECT_TRUE(ruche::async(executed, has_robust_list).get());
    EXPECT_TRUE(ruche::async(forked, has_robust_list).get());
}

TEST(forked, runs_a_lambda_that_captures)
{
    std::vector<int> numbers(100, 1);
    EXPECT_EQ(ruche::async(forked, [&] { return std::accumulate(numbers.begin(), numbers.end(), 0); }).get(), 100);
}

TEST(forked, takes_what_can_not_be_sent)
{
    auto owned = std::make_unique<int>(5);
    const int* raw = owned.get();
    EXPECT_EQ(ruche::async(
                  forked, [raw](std::unique_ptr<int> it) { return *it + *raw; }, std::move(owned))
                  .get(),
              10);
}

TEST(forked, what_it_changes_stays_its_own)
{
    int number = 1;
    ruche::process(forked, [&] { number = 2; }).join();
    EXPECT_EQ(number, 1);
}

TEST(forked, knows_its_name_and_its_starter)
{
    const auto told = ruche::async({.name = "copy"}, forked, [] {
                          return ruche::this_process::name() + std::to_string(ruche::this_process::parent());
                      }).get();
    EXPECT_EQ(told, "copy" + std::to_string(::getpid()));
}

TEST(forked, stops_when_asked)
{
    ruche::process p(forked, until_stopped);
    EXPECT_FALSE(p.join_for(10ms).has_value());
    p.request_stop();
    EXPECT_TRUE(p.join().success());
}

TEST(forked, an_exception_comes_back)
{
    EXPECT_THROW(ruche::async(forked, [] { throw std::out_of_range("there"); }).get(), std::out_of_range);
}

TEST(forked, a_crash_and_a_kill_are_reported)
{
    ruche::process crashed({.errors = standard_stream::discard()}, forked, [] { std::abort(); });
    const auto status = crashed.join();
    EXPECT_EQ(status.signal(), SIGABRT);
    EXPECT_NE(status.stack().find("abort"), std::string::npos);
    ruche::process killed(forked, for_ever);
    killed.kill();
    EXPECT_EQ(killed.join().signal(), SIGKILL);
}

TEST(forked, finds_what_the_options_say)
{
    ruche::process p({.environment = {{"RUCHE_TEST", "value"}},
                      .working_directory = "/proc",
                      .output = standard_stream::capture(),
                      .niceness = 3},
                     forked,
                     [] { std::printf("%s %s", helpers::working_directory().c_str(), std::getenv("RUCHE_TEST")); });
    EXPECT_EQ(ruche::read_to_end(p.output()), "/proc value");
    EXPECT_THROW(ruche::process({.processors = {60'000}}, forked, [] {}), ruche::start_failed);
}

TEST(forked, prints_nothing_twice)
{
    const helpers::captured_output output(STDOUT_FILENO);
    std::printf("before ");
    ruche::process(forked, [] { std::printf("within"); }).join();
    EXPECT_EQ(output.text(), "before within");
}

TEST(forked, may_start_processes_itself)
{
    EXPECT_EQ(ruche::async(forked, [] { return ruche::async(twice, 4).get(); }).get(), 8);
}

TEST(forked, leaves_no_zombie_and_no_descriptor)
{
    ruche::process(forked, [] {}).join();
    const auto before = helpers::count_descriptors();
    for (int i = 0; i < 20; ++i)
        ruche::process(forked, [] {}).join();
    EXPECT_EQ(helpers::count_descriptors(), before);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST(forked, survives_a_stolen_wait)
{
    ruche::process p(forked, [] { std::exit(7); });
    int status = 0;
    ASSERT_EQ(::waitpid(-1, &status, 0), p.id());
    EXPECT_EQ(p.join().code(), 7);
}

TEST(forked, survives_that_nobody_waits_for_children)
{
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 20; ++i) {
        ruche::process p(forked, [] { std::exit(7); });
        EXPECT_EQ(p.join().code(), 7);
        EXPECT_EQ(ruche::async(forked, [] { return 3; }).get(), 3);
    }
    std::signal(SIGCHLD, before);
}

TEST(forked, its_end_is_noticed_though_what_it_forked_lives_on)
{
    // The grandchild keeps the lifeline open; the end of the child is seen by its pidfd.
    ruche::process p(forked, [] {
        if (::fork() == 0) {
            ::alarm(5);
            for_ever();
        }
    });
    EXPECT_TRUE(p.join_for(4s).has_value());
}

TEST(forked, outlives_the_thread_that_started_it)
{
    ruche::process p;
    std::thread([&p] { p = ruche::process(forked, until_stopped); }).join();
    EXPECT_FALSE(p.join_for(50ms).has_value());
    p.request_stop();
    EXPECT_TRUE(p.join().success());
}

TEST(forked, threads_may_start_such_processes_at_the_same_time)
{
    std::atomic<int> sum{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&sum, t] {
                for (int i = 0; i < 10; ++i)
                    sum += ruche::async(forked, [t] { return ruche::active_children().empty() ? t : 100; }).get();
            });
    }
    EXPECT_EQ(sum, 10 * (0 + 1 + 2 + 3));
}

TEST(forked, dies_with_the_program_that_is_killed)
{
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    helpers::forked program([&] {
        const ruche::process copy(forked, for_ever);
        const int id = copy.id();
        (void)!::write(ends[1], &id, sizeof id);
        for_ever();
        return 0;
    });
    int id = 0;
    ASSERT_EQ(::read(ends[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
    ::close(ends[0]);
    ::close(ends[1]);
    program.kill();
    EXPECT_TRUE(helpers::gone_within(id, 10s));
    program.join();
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

TEST(forked, dies_with_the_process_that_started_it)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const ruche::fd reading(ends[0]);
    ruche::process starter({.output = ruche::fd(ends[1])}, [] {
        static const ruche::process copy(forked, for_ever);
        const int id = copy.id();
        (void)!::write(STDOUT_FILENO, &id, sizeof id);
        for_ever();
    });
    int id = 0;
    ASSERT_EQ(::read(reading.get(), &id, sizeof id), static_cast<ssize_t>(sizeof id));
    starter.kill();
    starter.join();
    EXPECT_TRUE(helpers::gone_within(id, 10s));
}

TEST(forked, dies_with_the_fork_server)
{
    const helpers::captured_output what_is_said_of_it(STDERR_FILENO);
    ruche::process other(for_ever), copy(forked, for_ever);
    ::kill(helpers::parent_of(other.id()), SIGKILL);
    EXPECT_TRUE(copy.join_for(10s).has_value());
    EXPECT_TRUE(other.join().lost());
}

TEST(forked, its_own_processes_live_on_when_others_of_the_family_end)
{
    ruche::process starter({.output = standard_stream::capture(), .errors = standard_stream::discard()}, [] {
        ruche::process(forked, [] {
            ruche::process its_own(for_ever);
            (void)!::write(STDOUT_FILENO, "", 1);
            its_own.join();
        }).join();
    });
    char started = 'n';
    ASSERT_EQ(::read(starter.output().get(), &started, 1), 1);
    for (int deaths = 0; deaths < 5; ++deaths)
        ruche::process(twice, 1).join();
    EXPECT_FALSE(starter.join_for(100ms).has_value());
    starter.kill();
}

TEST(forked, a_copy_of_a_copy_may_be_made)
{
    EXPECT_EQ(ruche::async(forked, [] { return ruche::async(forked, [] { return 8; }).get(); }).get(), 8);
}

TEST(forked, shares_the_fork_server_of_its_starter)
{
    ruche::process here(until_stopped);
    const int server = helpers::parent_of(here.id());
    EXPECT_EQ(ruche::async(forked, [] { return ruche::async(::getppid).get(); }).get(), server);
}
