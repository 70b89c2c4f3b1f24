#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace helpers {

[[noreturn]] inline void for_ever()
{
    for (;;)
        ::pause();
}

/// Tests of what a program leaves behind: the test adopts it, so it can see whether there is anything.
class family : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0); }

    /// Runs `program` in a copy of this process, which has a fork server of its own.
    template <class Program>
    static int run_as_program(Program program)
    {
        // What it throws must not leave the copy, which would go on as the test program that it is a copy of.
        const auto run = [&]() noexcept { program(); };
        const int copy = ::fork();
        if (copy == 0) {
            run();
            ::_exit(0);
        }
        return copy;
    }

    /// Whether all our descendants, adopted ones too, end within `patience`.
    static bool nobody_left_within(std::chrono::nanoseconds patience)
    {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < until) {
            if (::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD)
                return true;
            ::poll(nullptr, 0, 1);
        }
        return false;
    }
};

} // namespace helpers
