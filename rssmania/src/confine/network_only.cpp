#include "confine/network_only.hpp"

#include <ruche/fd.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rssmania {
namespace {

// The runtimes of the sanitizers need calls and files of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool under_sanitizer = true;
#else
constexpr bool under_sanitizer = false;
#endif

// ---- files: landlock(7), in words of our own, since the headers of Debian 12 know its first versions only

struct landlock_rules {
    std::uint64_t files;
    std::uint64_t network; // from version 4
    std::uint64_t scopes;  // from version 6
};
struct __attribute__((packed)) landlock_beneath {
    std::uint64_t allowed;
    std::int32_t parent;
};
constexpr long landlock_create = 444; // the same on every architecture
constexpr long landlock_add = 445;
constexpr long landlock_restrict = 446;
constexpr unsigned ask_version = 1;
constexpr int rule_beneath = 1;
constexpr std::uint64_t read_file = 1U << 2U;
constexpr std::uint64_t read_folder = 1U << 3U;
constexpr std::uint64_t bind_port = 1U;
constexpr std::uint64_t all_scopes = 3U;

constexpr std::uint64_t first_bits(unsigned count) { return (std::uint64_t{1} << count) - 1; }

// What reading names and certificates takes. What isn't there on this machine is left out.
constexpr std::array readable{"/etc/ssl",
                              "/etc/pki",
                              "/etc/ca-certificates",
                              "/usr/lib/ssl",
                              "/usr/share/ssl",
                              "/usr/share/ca-certificates",
                              "/etc/resolv.conf",
                              "/etc/hosts",
                              "/usr/local/share/ca-certificates",
                              "/etc/nsswitch.conf",
                              "/etc/host.conf",
                              "/etc/gai.conf",
                              "/etc/services",
                              "/etc/protocols",
                              "/run/systemd/resolve",
                              "/run/resolvconf",
                              "/run/NetworkManager",
                              "/etc/ld.so.cache",
                              "/lib",
                              "/lib64",
                              "/usr/lib", // the resolver is loaded when it is first needed
                              "/usr/share/publicsuffix",
                              "/dev/null",
                              "/dev/urandom",
                              "/proc/self",
                              "/sys/devices/system/cpu"};

long landlock_version() { return ::syscall(landlock_create, nullptr, 0, ask_version); }

bool allow_reading(int ruleset, const char* path)
{
    const ruche::fd place(::open(path, O_PATH | O_CLOEXEC));
    if (!place)
        return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
    struct stat facts {};
    if (::fstat(place.get(), &facts) != 0)
        return false;
    const landlock_beneath rule{S_ISDIR(facts.st_mode) ? read_file | read_folder : read_file, place.get()};
    return ::syscall(landlock_add, ruleset, rule_beneath, &rule, 0) == 0;
}

// 0, or the errno that says why not.
int refuse_files()
{
    const long version = landlock_version();
    if (version < 0)
        return errno;
    const landlock_rules rules{first_bits(version >= 5   ? 16
                                          : version >= 3 ? 15
                                          : version == 2 ? 14
                                                         : 13),
                               version >= 4 ? bind_port : 0, version >= 6 ? all_scopes : 0};
    const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    const ruche::fd ruleset(static_cast<int>(::syscall(landlock_create, &rules, size, 0)));
    if (!ruleset)
        return errno;
    for (const char* path : readable) {
        if (!allow_reading(ruleset.get(), path))
            return errno;
    }
    return ::syscall(landlock_restrict, ruleset.get(), 0) == 0 ? 0 : errno;
}

// ---- system calls: seccomp(2)

#if defined(__x86_64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t this_machine = 0; // no list has been made for it
#endif

// What no honest fetcher ever does: other programs and processes, other worlds, the kernel's deeper services, being a
// server. A list of what it may do would be that of two resolvers, a TLS library and a queue, and never be right.
constexpr std::array refused{
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_add_key,
    SYS_keyctl,
    SYS_request_key,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_mknodat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_reboot,
    SYS_swapon,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_personality,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
    SYS_mknod,
    SYS_link,
    SYS_symlink,
#endif
};

class filter {
public:
    filter()
    {
        add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, this_machine, 1, 0));
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
        add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
#if defined(__x86_64__)
        constexpr std::uint32_t first_of_x32 = 0x40000000;
        add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first_of_x32, 0, 1));
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
#endif
    }

    void answer(long number, std::uint32_t action)
    {
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
        add(BPF_STMT(BPF_RET | BPF_K, action));
    }

    // A thread may be started, a process not.
    void threads_only()
    {
        // The flags of clone3 can't be seen from here: without it, the library uses clone.
        answer(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(SYS_clone), 0, 4));
        add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args))); // little-endian: the lower half
        add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }

    [[nodiscard]] int install()
    {
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
        return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : errno;
    }

private:
    void add(sock_filter one) { code_.push_back(one); }

    std::vector<sock_filter> code_;
};

int refuse_calls()
{
    if (this_machine == 0)
        return ENOTSUP;
    filter list;
    for (const long number : refused)
        list.answer(number, SECCOMP_RET_KILL_PROCESS);
    list.threads_only();
    return list.install();
}

// ---- powers: capabilities(7)

int drop_powers()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    return ::syscall(SYS_capset, &header, none.data()) == 0 ? 0 : errno;
}

void add(std::vector<missing_wall>& missing, const char* name, int error)
{
    if (error != 0)
        missing.push_back({name, std::strerror(error)});
}

} // namespace

std::vector<missing_wall> allow_network_only()
{
    std::vector<missing_wall> missing;
    if (under_sanitizer)
        return missing;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        add(missing, "no new privileges", errno);
        return missing;
    }
    add(missing, "Landlock", refuse_files());
    add(missing, "capabilities", drop_powers());
    add(missing, "seccomp", refuse_calls());
    return missing;
}

std::vector<missing_wall> missing_for_network_only()
{
    std::vector<missing_wall> missing;
    if (under_sanitizer)
        return missing;
    add(missing, "Landlock", landlock_version() < 0 ? errno : 0);
    const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
    add(missing, "seccomp",
        this_machine == 0                                                    ? ENOTSUP
        : ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) != 0 ? errno
                                                                             : 0);
    return missing;
}

} // namespace rssmania
