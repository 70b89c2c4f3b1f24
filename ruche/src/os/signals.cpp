#include "os/signals.hpp"

#include "os/os_error.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace ruche::os {

void reset_and_raise(int signal) noexcept
{
    ::signal(signal, SIG_DFL);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::raise(signal);
}

held_signals::held_signals()
{
    sigset_t all, only;
    ::sigfillset(&all);
    check(::pthread_sigmask(SIG_SETMASK, &all, nullptr), "hold back all signals");
    // Were SIGCHLD ignored (execve keeps that), the kernel would reap our children and lose how they ended.
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    check(::sigaction(SIGCHLD, &usual, &child_ended_before_), "stop ignoring SIGCHLD");
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGCHLD);
    notices_ = own(::signalfd(-1, &only, SFD_CLOEXEC | SFD_NONBLOCK), "open a descriptor for SIGCHLD");
}

void held_signals::clear_notices() const
{
    signalfd_siginfo notice{};
    while (retry([&] { return ::read(notices_.get(), &notice, sizeof notice); }) > 0) {
    }
}

void held_signals::restore() const
{
    check(::sigaction(SIGCHLD, &child_ended_before_, nullptr), "restore what is done about SIGCHLD");
}

void leave_interrupts_to_the_program()
{
    struct sigaction nothing {};
    nothing.sa_handler = [](int) {};
    nothing.sa_flags = SA_RESTART;
    check(::sigaction(SIGINT, &nothing, nullptr), "leave SIGINT to the program");
}

void end_by_signal(int signal)
{
    reset_and_raise(signal);
    ::_exit(128 + signal); // only if the default action of that signal is not to end
}

} // namespace ruche::os
