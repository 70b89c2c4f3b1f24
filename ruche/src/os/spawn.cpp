#include "os/spawn.hpp"

#include "os/os_error.hpp"
#include "os/signals.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc's other name for clone(2)'s wrapper. The thread sanitizer replaces the usual one, takes the memory that the
// clones share for a copy, and believes from then on that the caller has been forked: that it has no other threads, and
// holds the locks it had.
extern "C" int __clone(int (*function)(void*), void* stack_top, int flags, void* argument, ...) noexcept;

namespace ruche::os {

namespace {

// Two clones in a row, both as vfork does it (memory shared, the caller suspended), so nothing of a large caller is
// copied. The first has no exit signal, so the host hears nothing of it and only our waitpid(__WCLONE) can reap it; it
// ends at once and leaves the second, which executes, to init. (execve resets the exit signal to SIGCHLD, so one clone
// alone would show up in the host's wait().)
struct plan {
    char* const* arguments;
    char* const* environment;
    int kept;
    sigset_t mask;
    void* inner_stack_top;
    int error = 0;
};

constexpr std::size_t stack_bytes = 16 * 1024;

#if defined(__has_feature)
#define RUCHE_IN_SHARED_MEMORY __attribute__((no_sanitize("address", "thread")))
#else
#define RUCHE_IN_SHARED_MEMORY __attribute__((no_sanitize_address, no_sanitize_thread))
#endif

// Only system calls from here on, and those directly: the memory is the caller's, other threads of it run on, and a
// sanitizer's own versions of fcntl or _exit would take this for the caller.
[[noreturn]] RUCHE_IN_SHARED_MEMORY void leave(int code)
{
    for (;;)
        ::syscall(SYS_exit_group, code);
}

RUCHE_IN_SHARED_MEMORY int execute(void* data)
{
    auto& what = *static_cast<plan*>(data);
    ::syscall(SYS_fcntl, what.kept, F_SETFD, 0);
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &what.mask, nullptr, sizeof(std::uint64_t));
    ::syscall(SYS_execve, "/proc/self/exe", what.arguments, what.environment);
    what.error = errno;
    leave(127);
}

RUCHE_IN_SHARED_MEMORY int leave_orphan(void* data)
{
    auto& what = *static_cast<plan*>(data);
    if (::__clone(execute, what.inner_stack_top, CLONE_VM | CLONE_VFORK | SIGCHLD, data) < 0)
        what.error = errno;
    leave(0);
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> list;
    for (auto& text : texts)
        list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

/// All memory that the two clones use.
struct shared_with_clones {
    std::vector<std::string> words, settings;
    std::vector<char*> word_list, setting_list;
    std::vector<std::byte> stacks = std::vector<std::byte>(2 * stack_bytes);
    plan what{};

    [[nodiscard]] void* stack_top(std::size_t end)
    {
        return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(stacks.data() + end) & ~std::uintptr_t(63));
    }
};

} // namespace

void spawn_self_detached(const std::vector<std::string>& arguments, const std::string& added_environment, int kept)
{
    auto memory = std::make_unique<shared_with_clones>();
    memory->words = arguments;
    memory->settings.push_back(added_environment);
    for (char** setting = environ; setting && *setting; ++setting)
        memory->settings.emplace_back(*setting);
    memory->word_list = pointers(memory->words);
    memory->setting_list = pointers(memory->settings);

    const blocked_signals quiet; // the memory is shared with children that must not run the host's handlers
    memory->what = {memory->word_list.data(), memory->setting_list.data(), kept, quiet.before(),
                    memory->stack_top(stack_bytes)};
    const int middle =
        ::__clone(leave_orphan, memory->stack_top(2 * stack_bytes), CLONE_VM | CLONE_VFORK, &memory->what);
    if (middle < 0)
        throw_errno("start the fork server");
    int status = 0;
    const auto reaped = retry([&] { return ::waitpid(middle, &status, static_cast<int>(__WCLONE)); });
    const int error = memory->what.error;
    // Killed, the first has not waited for the second, which may still be on its way with this memory: it is never
    // freed then. (Freed, it would execute the program with no sign of what it is to be.)
    if (reaped != middle || !WIFEXITED(status))
        static_cast<void>(memory.release());
    if (error != 0)
        throw_error(error, "execute this program's own file (/proc/self/exe) as the fork server");
}

void execute_self(const std::string& title, const std::string& environment, const std::string& added_environment,
                  int kept)
{
    std::vector<std::string> words{title, std::string(64, ' ')};
    std::vector<std::string> settings{added_environment};
    for (std::size_t at = 0; at < environment.size(); at += settings.back().size() + 1)
        settings.emplace_back(environment.data() + at);
    const auto word_list = pointers(words);
    const auto setting_list = pointers(settings);
    check(::fcntl(kept, F_SETFD, 0), "keep descriptor ", kept, " open");
    ::execve("/proc/self/exe", word_list.data(), setting_list.data());
    throw_errno("execute this program's own file (/proc/self/exe)");
}

} // namespace ruche::os
