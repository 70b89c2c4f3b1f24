#pragma once

#include "helpers/forked.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include <linux/futex.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

/// Stopping a process between any two of its instructions.
namespace helpers {

/// A child that stops itself right before `act`, is moved on one instruction at a time, and never gets further than its
/// tracer says. It has run `prepare` first, at full speed.
class stepped {
public:
    stepped(const std::function<void()>& prepare, const std::function<void()>& act) :
        child_([&] {
            prepare();
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::raise(SIGSTOP);
            act();
            ::_exit(0);
            return 0;
        })
    {
        wait();
    }

    /// Runs `count` instructions more. Returns false once the child has ended.
    bool run(long count)
    {
        for (long i = 0; i < count && !ended_; ++i) {
            ::ptrace(PTRACE_SINGLESTEP, child_.pid(), nullptr, nullptr);
            wait();
        }
        return !ended_;
    }

    /// The same, but stops where the next instruction would put it to sleep: somebody stopped may be what it waits for.
    bool run_unless_it_would_sleep(long count)
    {
        for (long i = 0; i < count && !ended_ && !would_sleep(); ++i)
            run(1);
        return !ended_;
    }

    [[nodiscard]] bool ended() const { return ended_; }

    /// The word that the kernel would look at first if it died now.
    [[nodiscard]] long announced() const
    {
        robust_list_head* head = nullptr; // at the same place as in its parent
        std::size_t size = 0;
        ::syscall(SYS_get_robust_list, 0, &head, &size);
        return ::ptrace(PTRACE_PEEKDATA, child_.pid(), &head->list_op_pending, nullptr);
    }

    /// Whether its last instruction was a system call.
    [[nodiscard]] bool called_the_kernel() const
    {
        return ::ptrace(PTRACE_PEEKUSER, child_.pid(), offsetof(user_regs_struct, orig_rax), nullptr) >= 0;
    }

    /// Ends it where it stands, and returns when every trace of it is gone.
    void kill()
    {
        if (ended_)
            return;
        child_.kill();
        ended_ = true;
        child_.join();
    }

    ~stepped() { kill(); }
    stepped(const stepped&) = delete;
    stepped& operator=(const stepped&) = delete;

private:
    [[nodiscard]] bool would_sleep() const
    {
        user_regs_struct now{};
        ::ptrace(PTRACE_GETREGS, child_.pid(), nullptr, &now);
        constexpr long system_call = 0x050F; // the bytes of the instruction
        if ((::ptrace(PTRACE_PEEKTEXT, child_.pid(), now.rip, nullptr) & 0xFFFF) != system_call)
            return false;
        constexpr unsigned long long wait_on_many = 449;
        const auto what = static_cast<int>(now.rsi) & FUTEX_CMD_MASK;
        return now.rax == wait_on_many || (now.rax == SYS_futex && (what == FUTEX_WAIT || what == FUTEX_WAIT_BITSET));
    }

    void wait()
    {
        int status = 0;
        ::waitpid(child_.pid(), &status, 0);
        ended_ = !WIFSTOPPED(status);
    }

    forked child_;
    bool ended_ = false;
};

/// An act in the middle of which a process dies, and what the others then see.
struct killing {
    std::function<void()> reset;   ///< a fresh world, before each kill
    std::function<void()> prepare; ///< in the victim, at full speed
    std::function<void()> act;     ///< in the victim, killed on its way through
    std::function<void()> check;   ///< in the survivor
    /// What others can see of the victim's doing: any change of it makes another state to be killed in.
    std::function<std::string()> look = {};
};

/// The numbers of instructions of `act` after which the world is another than before: shared memory has changed, the
/// kernel was called, or was told (through the robust list) to look at another word. Killed anywhere between two of
/// them, a process leaves exactly the same behind.
inline std::vector<long> moments_that_differ(const killing& what)
{
    what.reset();
    stepped victim(what.prepare, what.act);
    std::vector<long> moments{0};
    std::string seen = what.look();
    long pending = victim.announced();
    for (long step = 1; victim.run(1); ++step) {
        std::string now = what.look();
        const long announced = victim.announced();
        if (now != seen || announced != pending || victim.called_the_kernel())
            moments.push_back(step);
        seen = std::move(now);
        pending = announced;
    }
    return moments;
}

/// Kills the victim in each state that it goes through (with RUCHE_EVERY_INSTRUCTION set: after each instruction in
/// turn, which takes minutes and finds the same). Returns how many times it was killed.
inline int kill_in_every_state(const killing& what)
{
    std::vector<long> moments = moments_that_differ(what);
    if (std::getenv("RUCHE_EVERY_INSTRUCTION")) {
        const long last = moments.back() + 1;
        moments.resize(static_cast<std::size_t>(last));
        std::iota(moments.begin(), moments.end(), 0L);
    }
    int kills = 0;
    for (const long moment : moments) {
        what.reset();
        stepped victim(what.prepare, what.act);
        kills += victim.run(moment);
        victim.kill();
        SCOPED_TRACE("killed after instruction " + std::to_string(moment));
        what.check();
        if (::testing::Test::HasFailure())
            break;
    }
    return kills;
}

} // namespace helpers
