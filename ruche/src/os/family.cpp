#include "os/family.hpp"

#include "os/os_error.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

bool die_with_parent(int parent)
{
    check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "ask to die with the fork server");
    return ::getppid() == parent; // it may have died before the call above
}

void adopt_orphans() { check(::prctl(PR_SET_CHILD_SUBREAPER, 1), "become the parent of orphaned descendants"); }

std::optional<ended_child> reap()
{
    ended_child child;
    rusage used{};
    child.id = static_cast<int>(retry([&] { return ::wait4(-1, &child.wait_status, WNOHANG, &used); }));
    if (child.id <= 0)
        return std::nullopt;
    const auto time = [](const timeval& value) {
        return std::chrono::seconds(value.tv_sec) + std::chrono::microseconds(value.tv_usec);
    };
    child.used = {static_cast<std::uint64_t>(used.ru_maxrss) * 1024, time(used.ru_utime), time(used.ru_stime)};
    return child;
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

void set_process_title(const std::string& name, char** arguments, int count)
{
    ::prctl(PR_SET_NAME, name.c_str()); // the kernel keeps the first 15 characters
    if (count <= 0)
        return;
    char* const start = arguments[0];
    char* end = start;
    for (int i = 0; i < count && arguments[i] == end; ++i) // only what lies in one piece
        end += std::strlen(arguments[i]) + 1;
    const auto room = static_cast<std::size_t>(end - start);
    if (room == 0)
        return;
    std::memset(start, 0, room);
    std::memcpy(start, name.data(), std::min(name.size(), room - 1));
}

} // namespace ruche::os
