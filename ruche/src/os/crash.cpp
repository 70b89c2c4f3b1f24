#include "os/crash.hpp"

#include "os/os_error.hpp"

#include <array>
#include <csignal>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

namespace ruche::os {

namespace {

// A signal handler gets nothing but what the kernel hands it, so its record must be found from here.
std::atomic<crash_record*> current{nullptr};

// The unwinder needs about 10 KiB. One stack is enough: it is the main thread's, and only its overflow needs another.
constexpr std::size_t crash_stack_bytes = 64 * 1024;

/// A mapping of its own: at the end of a thread the address sanitizer unmaps whatever alternate stack it finds there.
void* crash_stack()
{
    static void* const start =
        ::mmap(nullptr, crash_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        throw_errno("make a stack for reports of crashes");
    return start;
}

constexpr std::array crash_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

constexpr int refused_by_filter = 1; // SYS_SECCOMP of <asm-generic/siginfo.h>, which glibc's headers don't give

std::uintptr_t interrupted_at(const void* context) noexcept
{
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
    return machine.pc;
#else
    (void)machine;
    return 0;
#endif
}

void on_crash(int signal, siginfo_t* info, void* context)
{
    ::signal(signal, SIG_DFL);
    if (auto* record = current.exchange(nullptr)) { // the first thread to crash tells
        ::alarm(1);
        record->address = signal == SIGSEGV || signal == SIGBUS ? reinterpret_cast<std::uintptr_t>(info->si_addr) : 0;
        if (signal == SIGSYS && info->si_code == refused_by_filter)
            record->call.store(static_cast<std::uint32_t>(info->si_syscall) + 1, std::memory_order_release);
        record->signal.store(static_cast<std::uint32_t>(signal), std::memory_order_release);
        capture_stack_from(record->stack, interrupted_at(context));
        ::alarm(0);
    }
    // The signal is blocked while its handler runs: raised now, it takes its usual effect on return.
    ::raise(signal);
}

} // namespace

void note_crashes(bool all)
{
    prepare_stack_traces();
    stack_t stack{};
    stack.ss_sp = crash_stack();
    stack.ss_size = crash_stack_bytes;
    check(::sigaltstack(&stack, nullptr), "set a stack for reports of crashes");
    for (const int number : crash_signals) {
        struct sigaction action {};
        check(::sigaction(number, nullptr, &action), "ask how signal ", number, " is handled");
        if (!all && action.sa_handler != SIG_DFL)
            continue;
        action = {};
        action.sa_sigaction = on_crash;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        check(::sigaction(number, &action, nullptr), "handle signal ", number);
    }
}

void set_crash_record(crash_record* record) noexcept { current.store(record); }

} // namespace ruche::os
