#include "os/family.hpp"

#include "os/os_error.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// There, and then not null, in programs with the thread sanitizer, which runs a thread of its own.
extern "C" __attribute__((weak)) void __tsan_init();

namespace ruche::os {

int current_process_id() noexcept { return ::getpid(); }
int parent_process_id() noexcept { return ::getppid(); }

fd open_process(int id) { return fd(static_cast<int>(check(::syscall(SYS_pidfd_open, id, 0), "open process ", id))); }

bool send_signal(const fd& process, int signal)
{
    if (::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0)
        return true;
    if (errno == ESRCH)
        return false;
    throw_errno("send signal " + std::to_string(signal) + " to a process");
}

int fork_process() { return check(::fork(), "fork"); }

int count_threads()
{
    // A folder's links are its subfolders, "." and ".." (proc_task_getattr in the kernel keeps to that).
    struct stat facts {};
    check(::stat("/proc/self/task", &facts), "count the threads in /proc/self/task");
    const int of_the_sanitizer = __tsan_init ? 1 : 0;
    return static_cast<int>(facts.st_nlink) - 2 - of_the_sanitizer;
}

bool die_with_parent(int parent)
{
    check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "ask to die with the fork server");
    return ::getppid() == parent; // it may have died before the call above
}

void adopt_orphans() { check(::prctl(PR_SET_CHILD_SUBREAPER, 1), "become the parent of orphaned descendants"); }

namespace {

resource_usage usage(const rusage& used)
{
    const auto time = [](const timeval& value) {
        return std::chrono::seconds(value.tv_sec) + std::chrono::microseconds(value.tv_usec);
    };
    return {static_cast<std::uint64_t>(used.ru_maxrss) * 1024, time(used.ru_utime), time(used.ru_stime)};
}

} // namespace

std::optional<ended_child> reap()
{
    ended_child child;
    rusage used{};
    child.id = static_cast<int>(retry([&] { return ::wait4(-1, &child.wait_status, WNOHANG, &used); }));
    if (child.id <= 0)
        return std::nullopt;
    child.used = usage(used);
    return child;
}

std::optional<ended_child> reap(const fd& process)
{
    siginfo_t info{};
    rusage used{};
    const auto result =
        retry([&] { return ::syscall(SYS_waitid, P_PIDFD, process.get(), &info, WEXITED | WNOHANG, &used); });
    if (result != 0 || info.si_pid == 0)
        return std::nullopt;
    const int status = info.si_code == CLD_EXITED ? info.si_status << 8
                                                  : info.si_status | (info.si_code == CLD_DUMPED ? WCOREFLAG : 0);
    return ended_child{info.si_pid, status, usage(used)};
}

namespace {

// From linux/pidfd.h of Linux 6.15, which Debian 12's headers don't have yet.
struct pidfd_facts {
    std::uint64_t mask;
    std::uint64_t group;
    std::uint32_t ids[11];
    std::int32_t exit_code;
};
constexpr std::uint64_t exit_code_is_told = 1U << 3;

} // namespace

std::optional<int> wait_status_after_reaping(const fd& process)
{
    pidfd_facts facts{};
    facts.mask = exit_code_is_told;
    if (::ioctl(process.get(), _IOWR(0xFF, 11, pidfd_facts), &facts) != 0 || !(facts.mask & exit_code_is_told))
        return std::nullopt;
    return facts.exit_code;
}

void wait_for_child(int id) noexcept
{
    retry([&] { return ::waitpid(id, nullptr, 0); });
}

void at_exit(void (*tell)(int code, void* data), void* data)
{
    if (::on_exit(tell, data) != 0)
        throw_error(ENOMEM, "note what to do at exit");
}

exit_status read_wait_status(int wait_status, const resource_usage& used)
{
    if (WIFSIGNALED(wait_status))
        return exit_status::signalled(WTERMSIG(wait_status), WCOREDUMP(wait_status), used);
    return exit_status::exited(WEXITSTATUS(wait_status), used);
}

std::vector<int> children()
{
    std::vector<int> ids;
    std::ifstream list("/proc/thread-self/children");
    for (int id = 0; list >> id;)
        ids.push_back(id);
    return ids;
}

void kill_child(int id) noexcept { ::kill(id, SIGKILL); }

void exit_at_once(int code) noexcept { ::_exit(code); }

std::span<char> place_of_title(char** arguments, int count) noexcept
{
    char* end = count > 0 ? arguments[0] : nullptr;
    for (int i = 0; i < count && arguments[i] == end; ++i) // only what lies in one piece
        end += std::strlen(arguments[i]) + 1;
    return count > 0 ? std::span(arguments[0], end) : std::span<char>();
}

void set_process_title(const std::string& name, std::span<char> place)
{
    ::prctl(PR_SET_NAME, name.c_str()); // the kernel keeps the first 15 characters
    if (place.empty())
        return;
    std::memset(place.data(), 0, place.size());
    std::memcpy(place.data(), name.data(), std::min(name.size(), place.size() - 1));
}

} // namespace ruche::os
