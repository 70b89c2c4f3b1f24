// A process is, in all that the kernel allows and shows it, what its program is at the call: also if the program has
// changed since its first start.

#include "helpers/family.hpp"
#include "helpers/forked.hpp"
#include "helpers/processes.hpp"

#include <ruche/async.hpp>
#include <ruche/process.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <sched.h>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace std::chrono_literals;

namespace {

using helpers::family;
using helpers::for_ever;

int group() { return static_cast<int>(::getegid()); }
int server() { return ::getppid(); }
int no_new_privileges() { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); }

std::string host_name()
{
    std::array<char, 65> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

constexpr int cannot = 77; ///< the program could not change as it was to

bool change_group() { return ::setresgid(65534, 65534, 65534) == 0; }
bool change_host_name() { return ::unshare(CLONE_NEWUTS) == 0 && ::sethostname("hive", 4) == 0; }
bool renounce_privileges() { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

class standing : public family {
protected:
    /// Runs a program that starts a process, changes itself, and then finds out whether all is as it should be.
    static void expect_of_a_program(bool (*change)(), const std::function<bool()>& finding)
    {
        helpers::forked program([&] {
            EXPECT_GT(ruche::async(server).get(), 0);
            if (!change())
                return cannot;
            return finding() ? 0 : 1;
        });
        const int code = program.join();
        if (code == cannot)
            GTEST_SKIP() << "this user may not change that here";
        EXPECT_EQ(code, 0);
        EXPECT_TRUE(nobody_left_within(10s));
    }
};

} // namespace

TEST_F(standing, a_process_has_the_group_of_the_call)
{
    expect_of_a_program(change_group, [] { return ruche::async(group).get() == 65534; });
}

TEST_F(standing, a_copy_has_a_guard_after_a_change_too)
{
    expect_of_a_program(change_group, [] { return ruche::async(ruche::forked, group).get() == 65534; });
}

TEST_F(standing, a_process_is_in_the_namespace_of_the_call)
{
    expect_of_a_program(change_host_name, [] { return ruche::async(host_name).get() == "hive"; });
}

TEST_F(standing, a_process_is_in_the_namespace_of_the_calling_thread)
{
    expect_of_a_program([] { return true; },
                        [] {
                            bool changed = false;
                            std::string there;
                            std::thread([&] {
                                changed = change_host_name();
                                there = ruche::async(host_name).get();
                            }).join();
                            if (!changed)
                                ::_exit(cannot);
                            return there == "hive" && ruche::async(host_name).get() == host_name();
                        });
}

TEST_F(standing, a_process_may_gain_no_more_than_its_program)
{
    expect_of_a_program(renounce_privileges, [] { return ruche::async(no_new_privileges).get() == 1; });
}

TEST_F(standing, a_program_of_two_identities_is_told_that_it_can_not_start_processes)
{
    expect_of_a_program([] { return ::setegid(65534) == 0; },
                        [] {
                            try {
                                ruche::process(for_ever).join();
                            } catch (const ruche::start_failed& error) {
                                return std::string(error.what()).find("other rights than its user") !=
                                       std::string::npos;
                            }
                            return false;
                        });
}

TEST_F(standing, without_a_change_the_fork_server_stays)
{
    expect_of_a_program([] { return true; }, [] { return ruche::async(server).get() == ruche::async(server).get(); });
}

TEST_F(standing, the_old_fork_server_stays_with_its_processes_and_then_goes)
{
    expect_of_a_program(renounce_privileges, [] {
        ruche::process old(for_ever); // of the second server already
        const int its_server = helpers::parent_of(old.id());
        if (!change_group())
            ::_exit(cannot);
        const bool replaced = ruche::async(server).get() != its_server;
        const bool stayed = !old.join_for(50ms) && helpers::exists(its_server);
        old.kill();
        return replaced && stayed && !old.join().lost() && helpers::gone_within(its_server, 10s);
    });
}

TEST_F(standing, the_old_fork_server_takes_what_its_processes_leave_behind_with_it)
{
    expect_of_a_program([] { return true; },
                        [] {
                            ruche::process old({.output = ruche::standard_stream::capture()}, [] {
                                const int left = ::fork();
                                if (left != 0)
                                    (void)!::write(STDOUT_FILENO, &left, sizeof left);
                                for_ever();
                            });
                            int left = 0;
                            if (::read(old.output().get(), &left, sizeof left) != sizeof left || !renounce_privileges())
                                return false;
                            ruche::process(group).join(); // of the new server
                            old.kill();
                            return !old.join().lost() && helpers::gone_within(left, 10s);
                        });
}

TEST_F(standing, a_process_of_the_family_may_change_too)
{
    helpers::forked program([] {
        ruche::process changed({.output = ruche::standard_stream::capture()}, [] {
            if (!change_group())
                std::exit(cannot);
            ruche::process its_own(for_ever);
            (void)!::write(STDOUT_FILENO, "", 1);
            its_own.join();
            std::exit(1); // its process was taken from it
        });
        char started = 'n';
        (void)!::read(changed.output().get(), &started, 1);
        for (int deaths = 0; deaths < 5; ++deaths)
            ruche::process(group).join();
        if (const auto ended = changed.join_for(100ms))
            return ended->code().value_or(1);
        changed.kill();
        return 0;
    });
    const int code = program.join();
    if (code == cannot)
        GTEST_SKIP() << "this user may not change that here";
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(nobody_left_within(10s));
}
