#include "os/seccomp_filter.hpp"

#include "os/sanitizer.hpp"

#include <cerrno>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <new>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t this_machine = 0; // no list has been made for it
#endif

#ifdef SYS_futex_waitv
constexpr long futex_waitv_number = SYS_futex_waitv;
#else
constexpr long futex_waitv_number = 449; // the same on every architecture
#endif

constexpr std::uint32_t word(long value) { return static_cast<std::uint32_t>(value); }

/// Instructions that judge one call, whose number has already matched; each check ends it if it fails.
class checks {
public:
    /// The argument, of which the kernel too looks at the lower half only (a descriptor, a set of flags), is one of
    /// these.
    checks& argument_is(unsigned index, std::span<const int> values)
    {
        load(index);
        return one_of(values);
    }
    checks& argument_is(unsigned index, std::initializer_list<int> values)
    {
        return argument_is(index, std::span(values.begin(), values.size()));
    }
    /// The same, whatever the `ignored` bits are.
    checks& argument_is(unsigned index, std::initializer_list<int> values, std::uint32_t ignored)
    {
        load(index);
        code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~ignored));
        return one_of(std::span(values.begin(), values.size()));
    }
    checks& argument_lacks(unsigned index, std::uint32_t bits)
    {
        load(index);
        code_.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
        return refuse();
    }
    checks& argument_has(unsigned index, std::uint32_t bits)
    {
        load(index);
        code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits));
        code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 1, 0));
        return refuse();
    }

    [[nodiscard]] const std::vector<sock_filter>& code() const noexcept { return code_; }

private:
    void load(unsigned index)
    {
        // Little-endian machines only, so the lower half comes first.
        const auto offset = offsetof(seccomp_data, args) + index * sizeof(std::uint64_t);
        code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
    }
    checks& one_of(std::span<const int> values)
    {
        for (std::size_t i = 0; i < values.size(); ++i)
            code_.push_back(
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word(values[i]), static_cast<unsigned char>(values.size() - i), 0));
        return refuse();
    }
    checks& refuse()
    {
        code_.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
        return *this;
    }

    std::vector<sock_filter> code_;
};

class filter {
public:
    filter()
    {
        add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, this_machine, 1, 0));
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
        add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    }

    void allow(long number, const checks& under = {})
    {
        const auto& code = under.code();
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word(number), 0, static_cast<unsigned char>(code.size() + 1)));
        code_.insert(code_.end(), code.begin(), code.end());
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }

    /// Puts it into force. Returns 0 or errno.
    [[nodiscard]] int install()
    {
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
        const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
        return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : errno;
    }

private:
    void add(sock_filter one) { code_.push_back(one); }

    std::vector<sock_filter> code_;
};

void allow_waiting_and_clocks(filter& list)
{
    list.allow(SYS_futex, checks().argument_is(1, {FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET},
                                               FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME));
    list.allow(futex_waitv_number);
    for (const long number : {SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
                              SYS_restart_syscall, SYS_sched_yield, SYS_sched_getaffinity})
        list.allow(number);
    list.allow(SYS_getrusage); // its own: how a pool learns that a worker has grown
}

void allow_memory(filter& list)
{
    list.allow(SYS_brk);
    list.allow(SYS_munmap);
    list.allow(SYS_mremap);
    list.allow(SYS_madvise, checks().argument_is(2, {MADV_DONTNEED, MADV_FREE}));
    list.allow(SYS_mprotect, checks().argument_lacks(2, PROT_EXEC));
    list.allow(SYS_mmap, checks().argument_lacks(2, PROT_EXEC).argument_has(3, MAP_PRIVATE | MAP_ANONYMOUS));
}

void allow_descriptors(filter& list, const open_channels& channels)
{
    std::vector<int> written(channels.whole.begin(), channels.whole.end());
    written.insert(written.end(), {STDOUT_FILENO, STDERR_FILENO});
    for (const long number : {SYS_write, SYS_writev})
        list.allow(number, checks().argument_is(0, written));
    if (!channels.whole.empty())
        for (const long number : {SYS_read, SYS_readv, SYS_pread64, SYS_pwrite64, SYS_lseek})
            list.allow(number, checks().argument_is(0, channels.whole));
    list.allow(SYS_sendmsg, checks().argument_is(0, {channels.voice}));
    list.allow(SYS_close);
}

// Its own signals: how it reports a crash, and how abort() ends it.
void allow_ending(filter& list)
{
    list.allow(SYS_tgkill, checks().argument_is(0, {::getpid()}));
    for (const long number : {SYS_exit_group, SYS_exit, SYS_rt_sigreturn, SYS_rt_sigaction, SYS_rt_sigprocmask,
                              SYS_getpid, SYS_gettid, SYS_getrandom})
        list.allow(number);
#ifdef SYS_alarm
    list.allow(SYS_alarm);
#else
    list.allow(SYS_setitimer);
#endif
}

} // namespace

int allow_computing_only(const open_channels& channels) noexcept
{
    if (this_machine == 0 || under_sanitizer)
        return ENOTSUP;
    if (channels.whole.size() > 200)
        return E2BIG; // a jump reaches 255 instructions
    try {
        filter list;
        allow_waiting_and_clocks(list);
        allow_memory(list);
        allow_descriptors(list, channels);
        allow_ending(list);
        return list.install();
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

} // namespace ruche::os
