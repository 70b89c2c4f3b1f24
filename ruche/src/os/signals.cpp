#include "os/signals.hpp"

#include "os/os_error.hpp"

#include <sys/signalfd.h>
#include <sys/syscall.h>
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

void hold_back_signals()
{
    sigset_t all;
    ::sigfillset(&all);
    check(::sigprocmask(SIG_SETMASK, &all, nullptr), "hold back all signals");
}

held_signals::held_signals()
{
    hold_back_signals();
    sigset_t only;
    // Were SIGCHLD ignored (execve keeps that), the kernel would reap our children and lose how they ended.
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    check(::sigaction(SIGCHLD, &usual, &child_ended_before_), "stop ignoring SIGCHLD");
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGCHLD);
    notices_ = own(::signalfd(-1, &only, SFD_CLOEXEC | SFD_NONBLOCK), "open a descriptor for SIGCHLD");
}

namespace {

void take_all(const fd& notices)
{
    signalfd_siginfo notice{};
    while (retry([&] { return ::read(notices.get(), &notice, sizeof notice); }) > 0) {
    }
}

} // namespace

void held_signals::clear_notices() const { take_all(notices_); }

void held_signals::restore() const
{
    check(::sigaction(SIGCHLD, &child_ended_before_, nullptr), "restore what is done about SIGCHLD");
}

stray_signals::stray_signals()
{
    sigset_t all;
    ::sigfillset(&all);
    notices_ = own(::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), "open a descriptor for signals");
}

void stray_signals::drop() const { take_all(notices_); }

namespace {

constexpr int meant_for_it_alone = 0x72756368; // what `interrupt` sends beside the signal; a terminal sends nothing

void on_interrupt(int signal, siginfo_t* info, void*)
{
    if (info->si_code == SI_QUEUE && info->si_value.sival_int == meant_for_it_alone)
        reset_and_raise(signal);
}

} // namespace

void leave_interrupts_to_the_program()
{
    struct sigaction action {};
    action.sa_sigaction = on_interrupt;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    check(::sigaction(SIGINT, &action, nullptr), "leave SIGINT to the program");
}

bool interrupt(const fd& process)
{
    siginfo_t info{};
    info.si_signo = SIGINT;
    info.si_code = SI_QUEUE;
    info.si_pid = ::getpid();
    info.si_uid = ::getuid();
    info.si_value.sival_int = meant_for_it_alone;
    if (::syscall(SYS_pidfd_send_signal, process.get(), SIGINT, &info, 0) == 0)
        return true;
    if (errno == ESRCH)
        return false;
    throw_errno("interrupt a process");
}

void end_by_signal(int signal)
{
    reset_and_raise(signal);
    ::_exit(128 + signal); // only if the default action of that signal is not to end
}

} // namespace ruche::os
