#include <ruche/async.hpp>
#include <ruche/process.hpp>
#include <ruche/this_process.hpp>

#include "helpers/forked.hpp"
#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <numeric>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<ruche::process>);
static_assert(std::is_nothrow_move_constructible_v<ruche::process>);
static_assert(!std::is_copy_constructible_v<ruche::future<int>>);

namespace {

void nothing() {}
int id_here() { return ruche::this_process::id(); }
int id_of_starter() { return ruche::this_process::parent(); }
std::string name_here() { return ruche::this_process::name(); }
std::size_t length(std::string text) { return text.size(); }
int twice(int number) noexcept { return 2 * number; }

void until_stopped(ruche::stop_token stop) { helpers::wait_for_stop(stop); }

void deaf(ruche::stop_token)
{
    for (;;)
        ::pause();
}

void deaf_to_everything(ruche::stop_token)
{
    std::signal(SIGTERM, SIG_IGN);
    for (;;)
        ::pause();
}

void killed_by(int signal)
{
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

struct adder {
    int more;
    int operator()(int number) const { return number + more; }
};

} // namespace

TEST(process, runs_its_function_in_another_process)
{
    const int there = ruche::async(id_here).get();
    EXPECT_NE(there, ruche::this_process::id());
}

TEST(process, knows_who_started_it) { EXPECT_EQ(ruche::async(id_of_starter).get(), ruche::this_process::id()); }

TEST(process, has_the_name_it_was_given) { EXPECT_EQ(ruche::async({.name = "fetcher"}, name_here).get(), "fetcher"); }

TEST(process, converts_arguments_to_the_types_of_the_parameters) { EXPECT_EQ(ruche::async(length, "four").get(), 4U); }

TEST(process, runs_a_captureless_lambda)
{
    EXPECT_EQ(ruche::async([](int a, int b) { return a + b; }, 3, 4).get(), 7);
}

TEST(process, runs_an_object_with_members) { EXPECT_EQ(ruche::async(adder{5}, 2).get(), 7); }

TEST(process, runs_a_function_that_is_noexcept) { EXPECT_EQ(ruche::async(twice, 21).get(), 42); }

TEST(process, runs_a_generic_lambda_with_the_arguments_own_types)
{
    EXPECT_EQ(ruche::async([](auto a, auto b) { return a + b; }, std::string("ab"), std::string("cd")).get(), "abcd");
}

TEST(process, two_functions_of_one_type_are_told_apart)
{
    int (*first)(int) = [](int n) { return n + 1; };
    int (*second)(int) = [](int n) { return n + 2; };
    EXPECT_EQ(ruche::async(first, 0).get(), 1);
    EXPECT_EQ(ruche::async(second, 0).get(), 2);
}

TEST(process, carries_arguments_and_results_larger_than_a_socket_takes)
{
    const std::string large(5'000'000, 'x');
    EXPECT_EQ(ruche::async([](std::string text) { return text + text; }, large).get(), large + large);
}

TEST(process, that_returns_has_exit_code_0)
{
    ruche::process p(nothing);
    const auto status = p.join();
    EXPECT_TRUE(status.success());
    EXPECT_EQ(status.code(), 0);
    EXPECT_EQ(status.signal(), std::nullopt);
}

TEST(process, that_exits_keeps_its_code)
{
    ruche::process p([] { std::exit(3); });
    EXPECT_EQ(p.join().code(), 3);
}

TEST(process, that_leaves_without_ceremony_keeps_its_code)
{
    ruche::process p([] { ::_exit(4); });
    EXPECT_EQ(p.join().code(), 4);
}

TEST(process, that_dies_of_a_signal_says_which)
{
    for (const int signal : {SIGKILL, SIGTERM, SIGUSR1}) {
        ruche::process p(killed_by, signal);
        EXPECT_EQ(p.join().signal(), signal);
    }
}

TEST(process, join_may_be_called_again)
{
    ruche::process p([] { std::exit(5); });
    EXPECT_EQ(p.join().code(), 5);
    EXPECT_EQ(p.join().code(), 5);
}

TEST(process, reports_what_it_used)
{
    ruche::process p([] {
        std::vector<char> memory(64 << 20, 'x');
        volatile char last = memory.back();
        (void)last;
    });
    EXPECT_GT(p.join().peak_memory(), 64U << 20);
}

TEST(process, join_for_is_empty_while_it_runs)
{
    ruche::process p(until_stopped);
    EXPECT_FALSE(p.join_for(10ms).has_value());
    EXPECT_TRUE(p.is_alive());
    p.request_stop();
    EXPECT_TRUE(p.join().success());
    EXPECT_FALSE(p.is_alive());
}

TEST(process, its_native_handle_is_readable_once_it_has_ended)
{
    ruche::process p(until_stopped);
    EXPECT_FALSE(helpers::readable_within(p.native_handle(), 10ms));
    p.request_stop();
    EXPECT_TRUE(helpers::readable_within(p.native_handle(), 10s));
}

TEST(process, the_first_request_to_stop_says_so)
{
    ruche::process p(until_stopped);
    EXPECT_TRUE(p.request_stop());
    EXPECT_FALSE(p.request_stop());
}

TEST(process, the_destructor_asks_and_joins)
{
    int id = 0;
    {
        ruche::process p(until_stopped);
        id = p.id();
    }
    EXPECT_FALSE(helpers::exists(id));
}

TEST(process, one_that_outlasts_its_grace_is_terminated)
{
    int id = 0;
    {
        ruche::process p({.name = "deaf", .grace = 50ms}, deaf);
        id = p.id();
    }
    EXPECT_FALSE(helpers::exists(id));
}

TEST(process, one_that_ignores_termination_is_killed)
{
    int id = 0;
    {
        ruche::process p({.name = "stubborn", .grace = 50ms}, deaf_to_everything);
        id = p.id();
    }
    EXPECT_FALSE(helpers::exists(id));
}

TEST(process, terminate_and_kill_end_it)
{
    ruche::process first(deaf), second(deaf);
    first.terminate();
    second.kill();
    EXPECT_EQ(first.join().signal(), SIGTERM);
    EXPECT_EQ(second.join().signal(), SIGKILL);
}

TEST(process, killing_one_that_has_ended_does_nothing)
{
    ruche::process p(nothing);
    p.join();
    EXPECT_NO_THROW(p.kill());
}

TEST(process, using_no_process_is_a_logic_error)
{
    ruche::process none;
    EXPECT_FALSE(none.joinable());
    EXPECT_THROW(none.join(), std::logic_error);
    EXPECT_THROW((void)none.id(), std::logic_error);
    EXPECT_FALSE(none.request_stop());
}

TEST(process, inherits_the_working_directory_of_the_call)
{
    const helpers::scoped_directory elsewhere("/");
    EXPECT_EQ(ruche::async([] { return helpers::working_directory(); }).get(), "/");
}

TEST(process, inherits_the_environment_of_the_call)
{
    for (const char* value : {"first", "second"}) {
        ::setenv("RUCHE_TEST_SETTING", value, 1);
        EXPECT_EQ(ruche::async([] { return std::string(std::getenv("RUCHE_TEST_SETTING")); }).get(), value);
    }
    ::unsetenv("RUCHE_TEST_SETTING");
    EXPECT_FALSE(ruche::async([] { return std::getenv("RUCHE_TEST_SETTING") != nullptr; }).get());
}

TEST(process, sees_no_trace_of_the_fork_server_in_its_environment)
{
    EXPECT_FALSE(ruche::async([] { return std::getenv("RUCHE_FORK_SERVER") != nullptr; }).get());
}

TEST(process, inherits_the_file_mode_mask_of_the_call)
{
    const auto before = ::umask(027);
    EXPECT_EQ(ruche::async([] { return static_cast<int>(::umask(0)); }).get(), 027);
    ::umask(before);
}

TEST(process, inherits_the_signal_mask_of_the_calling_thread)
{
    sigset_t only, before;
    sigemptyset(&only);
    sigaddset(&only, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &only, &before);
    const auto blocked = [] {
        sigset_t now;
        pthread_sigmask(SIG_SETMASK, nullptr, &now);
        return sigismember(&now, SIGUSR2) == 1 && sigismember(&now, SIGCHLD) == 0;
    };
    EXPECT_TRUE(ruche::async(blocked).get());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(process, writes_to_the_standard_output_of_the_call)
{
    const helpers::captured_output output(STDOUT_FILENO);
    ruche::process([] { std::printf("no newline"); }).join();
    EXPECT_EQ(output.text(), "no newline");
}

TEST(process, a_closed_standard_stream_stays_closed)
{
    const helpers::closed_descriptor no_input(STDIN_FILENO);
    EXPECT_TRUE(ruche::async([] { return ::fcntl(STDIN_FILENO, F_GETFD) == -1; }).get());
}

TEST(process, has_no_descriptor_but_its_own)
{
    const ruche::fd ours(::open("/dev/null", O_RDONLY)); // without close-on-exec, as careless code leaves them
    const auto others = ruche::async([] { return helpers::open_files_outside_of_ruche(); }).get();
    EXPECT_EQ(others, std::vector<std::string>());
}

TEST(process, starts_leave_no_descriptor_and_no_child_behind)
{
    ruche::process(nothing).join(); // the fork server is there now
    const auto before = helpers::count_descriptors();
    for (int i = 0; i < 100; ++i)
        ruche::process(nothing).join();
    EXPECT_EQ(helpers::count_descriptors(), before);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST(process, leaves_the_hosts_own_signal_for_children_alone)
{
    static std::atomic<int> calls;
    calls = 0;
    const auto before = std::signal(SIGCHLD, [](int) { ++calls; });
    ruche::process(nothing).join();
    std::signal(SIGCHLD, before);
    EXPECT_EQ(calls, 0);
}

TEST(process, may_start_processes_itself)
{
    const auto in_a_grandchild = [] { return ruche::async(twice, 4).get(); };
    EXPECT_EQ(ruche::async(in_a_grandchild).get(), 8);
}

TEST(process, a_process_that_dies_takes_those_it_started_with_it)
{
    const auto starter = [](std::string path) {
        static ruche::process grandchild(deaf);
        std::ofstream(path) << grandchild.id() << std::endl;
        ::raise(SIGKILL);
    };
    const helpers::temporary_file file;
    ruche::process p(starter, file.path());
    EXPECT_EQ(p.join().signal(), SIGKILL);
    int grandchild = 0;
    std::ifstream(file.path()) >> grandchild;
    ASSERT_GT(grandchild, 0);
    EXPECT_TRUE(helpers::gone_within(grandchild, 10s));
}

TEST(process, what_it_forked_by_hand_ends_with_it)
{
    const auto forks_and_dies = [](std::string path) {
        const int grandchild = ::fork();
        if (grandchild == 0)
            for (;;)
                ::pause();
        std::ofstream(path) << grandchild << std::endl;
        ::raise(SIGKILL);
    };
    const helpers::temporary_file file;
    ruche::process(forks_and_dies, file.path()).join();
    int grandchild = 0;
    std::ifstream(file.path()) >> grandchild;
    ASSERT_GT(grandchild, 0);
    EXPECT_TRUE(helpers::gone_within(grandchild, 10s));
}

TEST(process, threads_may_start_processes_at_the_same_time)
{
    std::atomic<int> sum{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&sum, t] {
                for (int i = 0; i < 10; ++i)
                    sum += ruche::async(twice, t).get();
            });
    }
    EXPECT_EQ(sum, 10 * 2 * (0 + 1 + 2 + 3 + 4 + 5 + 6 + 7));
}

TEST(process, outlives_the_thread_that_started_it)
{
    ruche::process p;
    std::thread([&p] { p = ruche::process(until_stopped); }).join();
    EXPECT_FALSE(p.join_for(50ms).has_value());
    p.request_stop();
    EXPECT_TRUE(p.join().success());
}

TEST(process, a_copy_of_the_program_forked_by_hand_gets_a_fork_server_of_its_own)
{
    ruche::process(nothing).join();
    const int copy = ::fork();
    if (copy == 0)
        ::_exit(ruche::async(twice, 2).get());
    int status = 0;
    ::waitpid(copy, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 4);
}

TEST(process, a_copy_of_a_process_forked_by_hand_shares_the_familys_fork_server)
{
    const auto [ours, theirs] = ruche::async([] {
                                    int ends[2];
                                    if (::pipe(ends) != 0)
                                        throw std::runtime_error("no pipe");
                                    const helpers::forked copy([&] {
                                        const int server = ruche::async(::getppid).get();
                                        return ::write(ends[1], &server, sizeof server) == sizeof server ? 0 : 1;
                                    });
                                    int of_the_copy = 0;
                                    (void)!::read(ends[0], &of_the_copy, sizeof of_the_copy);
                                    return std::pair(::getppid(), of_the_copy);
                                }).get();
    EXPECT_EQ(theirs, ours);
}

TEST(process, ctrl_c_for_the_whole_group_is_left_to_the_program)
{
    ruche::process p(until_stopped);
    ::kill(p.id(), SIGINT);
    EXPECT_FALSE(p.join_for(50ms).has_value());
    p.request_stop();
    EXPECT_TRUE(p.join().success());
}

TEST(fork_server, when_killed_its_processes_are_reported_lost_and_another_starts)
{
    testing::internal::CaptureStderr();
    ruche::process p(deaf);
    ::kill(helpers::parent_of(p.id()), SIGKILL);
    EXPECT_TRUE(p.join().lost());
    EXPECT_EQ(ruche::async(twice, 1).get(), 2);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("the fork server of this program was killed"), std::string::npos);
    EXPECT_FALSE(helpers::exists(p.id()));
}

TEST(fork_server, is_called_after_its_program)
{
    ruche::process p(until_stopped);
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(helpers::parent_of(p.id())) + "/comm"), name);
    EXPECT_EQ(name, "process_test: f"); // the kernel keeps 15 characters
}

TEST(fork_server, survives_what_a_terminal_says_to_the_group)
{
    ruche::process p(until_stopped);
    const int server = helpers::parent_of(p.id());
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        ::kill(server, signal);
    EXPECT_EQ(ruche::async(twice, 1).get(), 2);
    EXPECT_EQ(helpers::parent_of(p.id()), server);
}

TEST(process, inherits_an_environment_larger_than_a_message)
{
    ::setenv("RUCHE_TEST_SETTING", std::string(100'000, 'x').c_str(), 1);
    EXPECT_EQ(ruche::async([] { return std::string(std::getenv("RUCHE_TEST_SETTING")).size(); }).get(), 100'000U);
    ::unsetenv("RUCHE_TEST_SETTING");
}
