#include "os/confinement.hpp"

#include "os/family.hpp"
#include "os/sanitizer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

namespace {

int error_of(long result) noexcept { return result == -1 ? errno : 0; }

// The headers of Debian 12 know Landlock's first two versions only, so its words are ours.
struct landlock_rules {
    std::uint64_t files;
    std::uint64_t network; ///< from version 4
    std::uint64_t scopes;  ///< from version 6
};
constexpr long landlock_create = 444; // the same on every architecture
constexpr long landlock_restrict = 446;
constexpr unsigned ask_version = 1;

constexpr std::uint64_t first_bits(unsigned count) { return (std::uint64_t{1} << count) - 1; }

/// Everything that a kernel of this version can refuse.
landlock_rules all_rules(long version) noexcept
{
    const unsigned file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return {first_bits(file_rights), version >= 4 ? first_bits(2) : 0, version >= 6 ? first_bits(2) : 0};
}

std::size_t size_of_rules(long version) noexcept { return version >= 6 ? 24 : version >= 4 ? 16 : 8; }

/// The most that a standard output or error that is a file may grow to; 0 if neither is one.
std::uint64_t file_bound(std::uint64_t more) noexcept
{
    std::uint64_t bound = 0;
    for (const int number : {STDOUT_FILENO, STDERR_FILENO}) {
        struct stat facts {};
        if (::fstat(number, &facts) == 0 && S_ISREG(facts.st_mode))
            bound = std::max(bound, static_cast<std::uint64_t>(facts.st_size) + more);
    }
    return bound;
}

int start_wall_timer(std::chrono::nanoseconds after) noexcept
{
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    timer_t timer{};
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer) == -1)
        return errno;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(after);
    itimerspec when{};
    when.it_value = {static_cast<time_t>(seconds.count()), static_cast<long>((after - seconds).count())};
    return error_of(::timer_settime(timer, 0, &when, nullptr));
}

int set_limit(__rlimit_resource which, std::uint64_t soft, std::uint64_t hard) noexcept
{
    rlimit before{};
    if (::getrlimit(which, &before) == -1)
        return errno;
    const rlimit wanted{std::min<rlim_t>(soft, before.rlim_max), std::min<rlim_t>(hard, before.rlim_max)};
    return error_of(::setrlimit(which, &wanted));
}

} // namespace

fd open_memory_count() noexcept { return fd(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)); }

std::uint64_t mapped_bytes(const fd& memory_count) noexcept
{
    std::array<char, 64> text{};
    const ssize_t length = ::pread(memory_count.get(), text.data(), text.size(), 0);
    std::uint64_t pages = 0; // the first number
    if (length <= 0 || std::from_chars(text.data(), text.data() + length, pages).ec != std::errc())
        return 0;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

int renounce_privileges() noexcept
{
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
        return errno;
    return error_of(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

int enter_empty_namespaces(int parent) noexcept
{
    constexpr int worlds = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP;
    if (::unshare(worlds) == -1)
        return errno;
    // A folder that holds nothing which could be opened, written to or left: the list of our own descriptors' facts.
    if (::chroot("/proc/self/fdinfo") == -1 || ::chdir("/") == -1)
        return errno;
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
        return errno;
    if (::getppid() != parent)
        exit_at_once(1); // it died meanwhile
    return 0;
}

int refuse_paths_and_ports() noexcept
{
    const long version = ::syscall(landlock_create, nullptr, 0, ask_version);
    if (version == -1)
        return errno;
    const auto rules = all_rules(version);
    const fd ruleset(static_cast<int>(::syscall(landlock_create, &rules, size_of_rules(version), 0)));
    if (!ruleset)
        return errno;
    return error_of(::syscall(landlock_restrict, ruleset.get(), 0));
}

int drop_capabilities() noexcept
{
    // Only a process that may change them can lock these; one that may not has nothing that they guard.
    constexpr unsigned long locked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                     SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (::prctl(PR_SET_SECUREBITS, locked) == -1 && errno != EPERM)
        return errno;
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
        return errno;
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    return error_of(::syscall(SYS_capset, &header, none.data()));
}

int limit_usage(const usage_limits& limits) noexcept
{
    if (const int error = start_wall_timer(limits.wall_time)) // first: a timer needs a pending signal
        return error;
    for (const auto which : {RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_SIGPENDING})
        if (const int error = set_limit(which, 0, 0))
            return error;
    const std::uint64_t bound = file_bound(limits.output);
    if (const int error = set_limit(RLIMIT_FSIZE, bound, bound))
        return error;
    if (const int error = set_limit(RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1))
        return error;
    if (under_sanitizer) // whose runtime reserves terabytes, and makes pipes to see what memory is there
        return 0;
    if (const int error = set_limit(RLIMIT_NOFILE, 0, 0))
        return error;
    return set_limit(RLIMIT_AS, limits.memory, limits.memory);
}

} // namespace ruche::os
