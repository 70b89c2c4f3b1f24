// What is left when a program, or any process of its family, is killed: nothing.

#include <ruche/async.hpp>
#include <ruche/process.hpp>

#include "helpers/family.hpp"
#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <poll.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace std::chrono_literals;

namespace {

using helpers::family;
using helpers::for_ever;

void a_generation(int depth)
{
    if (depth == 0)
        for_ever();
    const ruche::process first(a_generation, depth - 1), second(a_generation, depth - 1);
    for_ever();
}

} // namespace

TEST_F(family, nobody_outlives_a_program_that_is_killed)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const int program = run_as_program([&] {
        const ruche::process root(a_generation, 2);
        const char ready = 'r';
        (void)!::write(ends[1], &ready, 1);
        for_ever();
    });
    char ready = 0;
    ASSERT_EQ(::read(ends[0], &ready, 1), 1);
    ::close(ends[0]);
    ::close(ends[1]);
    ::kill(program, SIGKILL);
    EXPECT_TRUE(nobody_left_within(10s));
}

void stays(ruche::fd) { for_ever(); }

void leaves_one_behind(ruche::fd held)
{
    ruche::process(stays, std::move(held)).detach();
    ::_exit(0);
}

TEST_F(family, who_ends_because_its_starter_has_is_nothing_to_tell_of)
{
    const helpers::captured_output errors(STDERR_FILENO);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const ruche::fd until_it_is_gone(ends[0]);
    EXPECT_EQ(ruche::process(leaves_one_behind, ruche::fd(ends[1])).join().code(), 0);
    char none = 0;
    EXPECT_EQ(::read(until_it_is_gone.get(), &none, 1), 0);
    ruche::process([] {}).join(); // whose end the fork server sees after that one's
    EXPECT_EQ(errors.text(), "");
}

TEST_F(family, nobody_outlives_a_program_that_exits_without_waiting)
{
    run_as_program([] {
        ruche::process(for_ever).detach();
        ruche::process(a_generation, 1).detach();
        ::_exit(0);
    });
    EXPECT_TRUE(nobody_left_within(10s));
}

TEST_F(family, nobody_is_left_when_the_program_is_killed_at_any_moment_of_a_start)
{
    std::minstd_rand random(20);
    for (int round = 0; round < 60; ++round) {
        const int program = run_as_program([] {
            for (;;)
                ruche::process(a_generation, 1).detach();
        });
        ::poll(nullptr, 0, static_cast<int>(random() % 25)); // the random moment
        ::kill(program, SIGKILL);
        ASSERT_TRUE(nobody_left_within(10s)) << "in round " << round;
    }
}

TEST_F(family, a_program_goes_on_when_its_fork_server_is_killed_at_any_moment)
{
    std::minstd_rand random(21);
    const int program = run_as_program([&random] {
        ::close(STDERR_FILENO); // what the program says of its killed servers
        for (int round = 0; round < 20; ++round) {
            try {
                ruche::process p(for_ever);
                const int server = helpers::parent_of(p.id());
                ::poll(nullptr, 0, static_cast<int>(random() % 3));
                ::kill(server, SIGKILL);
                if (!p.join().lost())
                    ::_exit(2);
            } catch (const ruche::start_failed&) {
                // the server was killed during the start, and the program was told so
                if (round == 0)
                    ::_exit(3);
            }
        }
        ::_exit(ruche::async([] { return 7; }).get());
    });
    int status = 0;
    ASSERT_EQ(::waitpid(program, &status, 0), program);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_TRUE(nobody_left_within(10s));
}
