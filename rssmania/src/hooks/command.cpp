#include "hooks/command.hpp"

#include "text/translate.hpp"

#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace rssmania {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds last_grace{500};
constexpr std::chrono::milliseconds look_up_every{100}; // a stop can't wake poll(2)

ruche::fd file_with(std::string_view input)
{
    ruche::fd file(::memfd_create("rssmania-article", MFD_CLOEXEC));
    if (!file)
        throw ruche::os_error(errno, "make room for a program's input");
    while (!input.empty()) {
        const ssize_t written = ::write(file.get(), input.data(), input.size());
        if (written < 0 && errno != EINTR)
            throw ruche::os_error(errno, "write a program's input");
        input.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

bool is_passed_on(std::string_view variable)
{
    static constexpr std::array names{"PATH=",
                                      "HOME=",
                                      "USER=",
                                      "LOGNAME=",
                                      "LANG=",
                                      "TZ=",
                                      "LANGUAGE=",
                                      "TMPDIR=",
                                      "DISPLAY=",
                                      "LC_",
                                      "WAYLAND_DISPLAY=",
                                      "DBUS_SESSION_BUS_ADDRESS=",
                                      "XDG_"};
    return std::any_of(names.begin(), names.end(), [&](const char* each) { return variable.starts_with(each); });
}

std::vector<char*> clean_environment()
{
    std::vector<char*> kept;
    for (char** each = environ; *each; ++each) {
        if (is_passed_on(*each))
            kept.push_back(*each);
    }
    kept.push_back(nullptr);
    return kept;
}

// The attributes and actions of posix_spawn(3), with their cleanup.
class spawning {
public:
    explicit spawning(int input)
    {
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawn_file_actions_init(&actions_);
        sigset_t all;
        sigset_t none;
        ::sigfillset(&all);
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    }
    ~spawning()
    {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    spawning(const spawning&) = delete;
    spawning& operator=(const spawning&) = delete;

    [[nodiscard]] int start(std::vector<std::string> words, pid_t& id)
    {
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        std::vector<char*> variables = clean_environment();
        return ::posix_spawnp(&id, arguments.front(), &actions_, &attributes_, arguments.data(), variables.data());
    }

private:
    posix_spawnattr_t attributes_{};
    posix_spawn_file_actions_t actions_{};
};

// Whether the process that `handle` stands for has ended, at the latest at `end`.
bool has_ended(int handle, clock::time_point end)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now());
    pollfd waiting{.fd = handle, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(std::clamp(left, {}, look_up_every).count())) == 1;
}

bool ends_before(int handle, clock::time_point end, const ruche::stop_token* stop)
{
    while (!has_ended(handle, end)) {
        if (clock::now() >= end || (stop && stop->stop_requested()))
            return false;
    }
    return true;
}

command_end end_of(pid_t id)
{
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFSIGNALED(status))
        return {command_end::kind::signal, WTERMSIG(status)};
    const int code = WEXITSTATUS(status);
    return {code == 0 ? command_end::kind::well : command_end::kind::code, code};
}

} // namespace

command_end run_command(const std::vector<std::string>& words, std::string_view input,
                        std::chrono::milliseconds patience, const ruche::stop_token& stop)
{
    if (words.empty() || words.front().empty())
        return {command_end::kind::not_started, ENOENT};
    const ruche::fd article = file_with(input);
    const auto end = clock::now() + patience;
    pid_t id = 0;
    if (const int error = spawning(article.get()).start(words, id); error != 0)
        return {command_end::kind::not_started, error};
    const ruche::fd handle(static_cast<int>(::syscall(SYS_pidfd_open, id, 0)));
    if (ends_before(handle.get(), end, &stop)) {
        const command_end result = end_of(id);
        return result;
    }
    const bool stopped = stop.stop_requested();
    ::kill(-id, SIGTERM);
    (void)ends_before(handle.get(), clock::now() + last_grace, nullptr);
    ::kill(-id, SIGKILL); // also those of its group that outlived it
    (void)end_of(id);
    return {stopped ? command_end::kind::stopped : command_end::kind::too_slow, 0};
}

std::string words_for(const command_end& end)
{
    switch (end.what) {
    case command_end::kind::well:
        return tr("all is well");
    case command_end::kind::code:
        return tr_fill("it ended with code {}", end.number);
    case command_end::kind::signal:
        return tr_fill("it was killed by signal {}", end.number);
    case command_end::kind::too_slow:
        return tr("it took too long and was ended");
    case command_end::kind::stopped:
        return tr("it was ended because rssmania ends");
    case command_end::kind::not_started:
        return tr_fill("it doesn't start: {}", ::strerror(end.number));
    }
    return {};
}

} // namespace rssmania
