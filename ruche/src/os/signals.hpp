#pragma once

#include <ruche/fd.hpp>

#include <array>
#include <csignal>
#include <cstdint>

/// What a process does with signals (signal(7)).
namespace ruche::os {

/// Holds back all signals, in this thread and in those it makes from now on: a thread that took them would take the
/// fork server's, too. May be called before the C library is set up.
void hold_back_signals();

/// The fork server's signals: all held back for as long as it lives. It outlives what a terminal or an administrator
/// says to the whole group (its program decides, and it ends with its program), and a signal that reaches a new process
/// before that has set itself up waits for it instead of being lost, as it would be were it ignored (signal(7): a
/// blocked signal is never discarded).
class held_signals {
public:
    held_signals();

    /// Readable when a child has ended.
    [[nodiscard]] const fd& child_ended_notices() const noexcept { return notices_; }
    /// Takes the notices that have come.
    void clear_notices() const;

    /// In a child: what the program does about its own children's ends is in force again.
    void restore() const;

private:
    struct sigaction child_ended_before_ {};
    fd notices_;
};

/// Signals that came to a process while it was nobody's yet: taken off one by one, so that they don't meet whoever it
/// becomes. All signals must be held back in the calling thread.
class stray_signals {
public:
    stray_signals();
    /// Readable when one has come.
    [[nodiscard]] const fd& notices() const noexcept { return notices_; }
    /// Forgets those that have come.
    void drop() const;

private:
    fd notices_;
};

/// All signals held back in the calling thread, for as long as the object lives.
class blocked_signals {
public:
    blocked_signals()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~blocked_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;
    [[nodiscard]] const sigset_t& before() const noexcept { return before_; }

private:
    sigset_t before_{};
};

/// In a child: Ctrl+C goes to the whole foreground group, but it is for the program to say what then happens to its
/// processes. (A handler, not SIG_IGN: what the child executes gets the default back.)
void leave_interrupts_to_the_program();

/// Gives `signal` its default action and raises it. Async-signal-safe.
void reset_and_raise(int signal) noexcept;

/// Sends SIGINT to `process`, marked as meant for it alone: there it has its usual effect, unless a handler of the
/// program's own is called. Returns false if it has gone.
bool interrupt(const fd& process);

/// Ends this process as `signal` would have, had nobody handled it.
[[noreturn]] void end_by_signal(int signal);

} // namespace ruche::os
