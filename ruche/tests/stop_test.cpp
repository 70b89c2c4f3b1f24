// What Ctrl+C and SIGTERM do to a program that called stop_on_signals. Each program is a forked copy of this one.

#include <ruche/process.hpp>
#include <ruche/stop.hpp>
#include <ruche/this_process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

namespace {

void until_stopped(ruche::stop_token stop) { helpers::wait_for_stop(stop); }

void throw_when_stopped(ruche::stop_token stop)
{
    helpers::wait_for_stop(stop);
    throw std::runtime_error("stopped in the middle");
}

void for_ever()
{
    for (;;)
        ::pause();
}

void deaf_to_everything(ruche::stop_token)
{
    std::signal(SIGTERM, SIG_IGN);
    for_ever();
}

const ruche::process_options hasty{.name = "hasty", .grace = 200ms};

/// A copy of this program in a process group of its own, whose standard error is captured.
class program {
public:
    /// Says that the program may now be sent signals.
    using announce = std::function<void()>;

    /// What `body` returns is the exit code.
    explicit program(const std::function<int(const announce&)>& body)
    {
        std::array<int, 2> ready{}, errors{};
        EXPECT_EQ(::pipe(ready.data()), 0);
        EXPECT_EQ(::pipe(errors.data()), 0);
        id_ = ::fork();
        if (id_ == 0) {
            ::setpgid(0, 0);
            ::dup2(errors[1], STDERR_FILENO);
            for (const int number : {ready[0], errors[0], errors[1]})
                ::close(number);
            std::_Exit(body([&] { EXPECT_EQ(::write(ready[1], "r", 1), 1); }));
        }
        ::close(ready[1]);
        ::close(errors[1]);
        ready_ = ruche::fd(ready[0]);
        errors_ = ruche::fd(errors[0]);
        wait_until_ready();
    }

    void wait_until_ready() const
    {
        char byte = 0;
        EXPECT_EQ(::read(ready_.get(), &byte, 1), 1);
    }

    void signal(int number) const { ::kill(id_, number); }
    void signal_group(int number) const { ::kill(-id_, number); }

    /// The exit code, or minus the number of the signal that ended it.
    int join()
    {
        std::array<char, 4096> part{};
        ssize_t count = 0;
        while ((count = ::read(errors_.get(), part.data(), part.size())) > 0) // until the last of the family has gone
            said_.append(part.data(), static_cast<std::size_t>(count));
        int status = 0;
        EXPECT_EQ(::waitpid(id_, &status, 0), id_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    [[nodiscard]] const std::string& said() const { return said_; }

private:
    int id_ = 0;
    ruche::fd ready_;
    ruche::fd errors_;
    std::string said_;
};

class stop_on_signals : public testing::Test {};

} // namespace

TEST_F(stop_on_signals, the_signal_asks_every_running_process_to_stop)
{
    program p([](auto ready) {
        (void)ruche::stop_on_signals();
        std::array<ruche::process, 3> family{ruche::process(until_stopped), ruche::process(until_stopped),
                                             ruche::process(until_stopped)};
        ready();
        int tidy = 0;
        for (auto& one : family)
            tidy += one.join().success() ? 1 : 0; // join itself asks nobody
        return tidy;
    });
    p.signal(SIGTERM);
    EXPECT_EQ(p.join(), 3);
    EXPECT_EQ(p.said(), "");
}

TEST_F(stop_on_signals, processes_started_before_the_call_are_asked_too)
{
    program p([](auto ready) {
        ruche::process early(until_stopped);
        (void)ruche::stop_on_signals();
        ready();
        return early.join().success() ? 0 : 1;
    });
    p.signal(SIGINT);
    EXPECT_EQ(p.join(), 0);
}

TEST_F(stop_on_signals, a_process_started_after_the_signal_is_asked_at_once)
{
    program p([](auto ready) {
        const auto stop = ruche::stop_on_signals();
        ready();
        helpers::wait_for_stop(stop);
        ruche::process late(until_stopped);
        return late.join().success() ? 0 : 1;
    });
    p.signal(SIGINT);
    EXPECT_EQ(p.join(), 0);
}

TEST_F(stop_on_signals, a_thread_in_join_hears_of_a_signal_that_another_thread_handles)
{
    program p([](auto ready) {
        (void)ruche::stop_on_signals();
        ruche::process endless(hasty, for_ever);
        int ended_by = 0;
        sigset_t all, before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        std::thread joiner([&] { ended_by = endless.join().signal().value_or(0); });
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        ready();
        joiner.join();
        return ended_by;
    });
    p.signal(SIGTERM);
    EXPECT_EQ(p.join(), SIGTERM);
}

TEST_F(stop_on_signals, many_stubborn_processes_share_one_deadline)
{
    program p([](auto ready) {
        const auto stop = ruche::stop_on_signals();
        steady::time_point signalled;
        {
            std::vector<ruche::process> family;
            for (int i = 0; i < 4; ++i)
                family.emplace_back(hasty, deaf_to_everything);
            ready();
            helpers::wait_for_stop(stop);
            signalled = steady::now();
        }
        // One after the other would take 4 times 1.2 seconds.
        return steady::now() - signalled < 3s ? 0 : 1;
    });
    p.signal(SIGINT);
    EXPECT_EQ(p.join(), 0);
    EXPECT_EQ(p.said(), "");
}

TEST_F(stop_on_signals, a_process_that_takes_no_token_is_ended_after_its_grace)
{
    program p([](auto ready) {
        (void)ruche::stop_on_signals();
        ruche::process endless(hasty, for_ever);
        ready();
        return endless.join().signal().value_or(0);
    });
    p.signal(SIGINT);
    EXPECT_EQ(p.join(), SIGTERM);
}

TEST_F(stop_on_signals, ctrl_c_for_the_whole_group_is_heard_by_the_program_alone)
{
    program p([](auto ready) {
        const auto stop = ruche::stop_on_signals();
        ruche::process busy([](ruche::stop_token own) {
            helpers::wait_for_stop(own);
            std::exit(7);
        });
        ready();
        helpers::wait_for_stop(stop);
        return busy.join().code().value_or(1);
    });
    p.signal_group(SIGINT);
    EXPECT_EQ(p.join(), 7);
    EXPECT_EQ(p.said(), "");
}

TEST_F(stop_on_signals, of_the_errors_that_follow_a_signal_one_is_printed)
{
    program p([](auto ready) {
        const auto stop = ruche::stop_on_signals();
        {
            ruche::process first(throw_when_stopped), second(throw_when_stopped), third(throw_when_stopped);
            ready();
            helpers::wait_for_stop(stop);
        }
        return 0;
    });
    p.signal(SIGINT);
    EXPECT_EQ(p.join(), 0);
    const auto first = p.said().find("stopped in the middle");
    EXPECT_NE(first, std::string::npos);
    EXPECT_EQ(p.said().find("stopped in the middle", first + 1), std::string::npos) << p.said();
}

TEST_F(stop_on_signals, the_second_signal_ends_everybody_at_once)
{
    program p([](auto ready) {
        const auto stop = ruche::stop_on_signals();
        ruche::process patient({.name = "patient", .grace = 1h}, deaf_to_everything);
        ready();
        helpers::wait_for_stop(stop);
        ready();
        return patient.join().signal().value_or(0);
    });
    p.signal(SIGINT);
    p.wait_until_ready();
    p.signal(SIGINT);
    EXPECT_EQ(p.join(), -SIGINT); // join has waited for the whole family
}

TEST_F(stop_on_signals, a_program_may_end_as_the_signal_would_have_ended_it)
{
    program p([](auto ready) -> int {
        const auto stop = ruche::stop_on_signals();
        ready();
        helpers::wait_for_stop(stop);
        ruche::end_as_signalled(3);
    });
    p.signal(SIGTERM);
    EXPECT_EQ(p.join(), -SIGTERM);
}

TEST_F(stop_on_signals, without_a_signal_the_program_ends_with_its_own_code)
{
    program p([](auto ready) -> int {
        (void)ruche::stop_on_signals();
        ready();
        ruche::end_as_signalled(ruche::exit_code(3));
    });
    EXPECT_EQ(p.join(), 3) << p.said();
}

TEST_F(stop_on_signals, the_exit_code_may_tell_the_signal_as_shells_do)
{
    program p([](auto ready) {
        const auto stop = ruche::stop_on_signals();
        ready();
        helpers::wait_for_stop(stop);
        return ruche::exit_code();
    });
    p.signal(SIGINT);
    EXPECT_EQ(p.join(), 128 + SIGINT);
}

TEST_F(stop_on_signals, touches_no_other_signal)
{
    program p([](auto ready) {
        std::signal(SIGCHLD, [](int) {});
        std::signal(SIGHUP, [](int) {});
        const auto handlers = [] {
            std::vector<void (*)(int)> all;
            for (int number = 1; number < NSIG; ++number) {
                struct sigaction action {};
                ::sigaction(number, nullptr, &action);
                all.push_back(action.sa_handler);
            }
            return all;
        };
        const auto before = handlers();
        (void)ruche::stop_on_signals();
        const auto after = handlers();
        int changed = 0;
        for (std::size_t i = 0; i < before.size(); ++i)
            changed += before[i] != after[i] ? static_cast<int>(i) + 1 : 0;
        ready();
        return changed;
    });
    EXPECT_EQ(p.join(), SIGINT + SIGTERM);
}

TEST_F(stop_on_signals, a_signal_that_was_ignored_stays_ignored)
{
    program p([](auto ready) {
        std::signal(SIGINT, SIG_IGN);
        const auto stop = ruche::stop_on_signals();
        std::raise(SIGINT);
        ready();
        return stop.stop_requested() ? 1 : 0;
    });
    EXPECT_EQ(p.join(), 0);
}

TEST_F(stop_on_signals, in_a_process_that_ruche_started_it_is_that_processs_own_token)
{
    ruche::process p([] { std::exit(ruche::stop_on_signals() == ruche::this_process::get_stop_token() ? 0 : 1); });
    EXPECT_TRUE(p.join().success());
}

TEST_F(stop_on_signals, a_copy_made_by_fork_has_signals_of_its_own)
{
    program p([](auto ready) {
        (void)ruche::stop_on_signals();
        ruche::process unasked(until_stopped);
        const int copy = ::fork();
        if (copy == 0) {
            std::raise(SIGTERM); // the copy's own
            ::_exit(ruche::stop_signal() == SIGTERM ? 0 : 1);
        }
        int status = 1;
        ::waitpid(copy, &status, 0);
        const bool waits = !unasked.join_for(50ms).has_value();
        unasked.request_stop();
        ready();
        return status == 0 && waits && !ruche::stop_signal() && unasked.join().success() ? 0 : 1;
    });
    EXPECT_EQ(p.join(), 0);
}
