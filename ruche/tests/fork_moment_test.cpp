// Who is killed at the very moment between a fork and the first step of the new process. Handlers of pthread_atfork
// run just then, in the fork server's children too: it is this program. An environment variable tells them what to do.

#include "helpers/family.hpp"
#include "helpers/processes.hpp"

#include <ruche/async.hpp>
#include <ruche/process.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <pthread.h>
#include <string>
#include <string_view>
#include <unistd.h>

using namespace std::chrono_literals;
using ruche::start_method;

namespace {

using helpers::family;
using helpers::for_ever;

constexpr const char* variable = "RUCHE_TEST_AT_FORK";

int the_server = 0; ///< known in a program, and so in its copies

bool in_fork_server() { return std::string_view(program_invocation_name).ends_with(": fork server"); }

void until_stopped(ruche::stop_token stop) { helpers::wait_for_stop(stop); }

void kill_parent()
{
    const int parent = ::getppid();
    ::kill(parent, SIGKILL);
    while (::getppid() == parent)
        ::usleep(100);
}

void at_fork()
{
    const char* wanted = std::getenv(variable);
    const std::string_view what = wanted ? wanted : "";
    if (in_fork_server() && what == "kill the server")
        kill_parent();
    if (in_fork_server())
        return;
    if (what == "kill the copy")
        ::raise(SIGKILL);
    if (what.ends_with("kill its server"))
        ::kill(the_server, SIGKILL);
    if (what.starts_with("kill the starter"))
        kill_parent();
}

const int registered = ::pthread_atfork(nullptr, nullptr, at_fork);

/// Runs `start` in a program, whose exit code is 0 if that fails.
template <class Start>
[[noreturn]] void expect_failure(Start start)
{
    try {
        start();
    } catch (const ruche::start_failed&) {
        ::_exit(0);
    }
    ::_exit(1);
}

void start_without_server(start_method method)
{
    ::close(STDERR_FILENO); // what is said of the killed servers
    ::setenv(variable, "kill the server", 1);
    expect_failure([&] { ruche::process({.method = method}, for_ever).join(); });
}

/// Does `what` at the fork of a copy of the program.
void start_copy(const char* what)
{
    expect_failure([&] {
        const ruche::process other(until_stopped);
        the_server = helpers::parent_of(other.id());
        ::setenv(variable, what, 1);
        ruche::process(ruche::forked, for_ever).join();
    });
}

} // namespace

TEST_F(family, an_executed_process_does_not_outlive_a_server_killed_at_its_fork)
{
    run_as_program([] { start_without_server(start_method::exec); });
    EXPECT_TRUE(nobody_left_within(10s));
}

TEST_F(family, a_process_does_not_outlive_a_server_killed_at_its_fork)
{
    run_as_program([] { start_without_server(start_method::fresh); });
    EXPECT_TRUE(nobody_left_within(10s));
}

TEST_F(family, a_copy_killed_at_its_fork_fails_the_start)
{
    const int program = run_as_program([] { start_copy("kill the copy"); });
    EXPECT_TRUE(helpers::gone_within(program, 10s));
    ::kill(program, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(program, &status, 0), program);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_TRUE(nobody_left_within(10s));
}

TEST_F(family, a_copy_does_not_outlive_a_starter_killed_at_its_fork)
{
    run_as_program([] { start_copy("kill the starter"); });
    EXPECT_TRUE(nobody_left_within(10s));
}

TEST_F(family, a_copy_does_not_outlive_a_starter_and_a_server_killed_at_its_fork)
{
    run_as_program([] { start_copy("kill the starter and kill its server"); });
    EXPECT_TRUE(nobody_left_within(10s));
}
