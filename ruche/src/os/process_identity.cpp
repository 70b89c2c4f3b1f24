#include "os/process_identity.hpp"

#include "os/this_thread.hpp"

#include <ruche/fd.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ruche::os {

namespace {

struct status_line {
    char state = '?';
    std::uint64_t threads = 0;
    std::uint64_t start = 0;
};

// The name in /proc/PID/stat may hold spaces and brackets, so fields are counted from the last closing bracket: state
// is the 3rd field of proc(5), num_threads the 20th, starttime the 22nd.
std::optional<status_line> parse_status(std::string_view text) noexcept
{
    const auto close = text.rfind(')');
    if (close == std::string_view::npos || close + 2 >= text.size())
        return std::nullopt;
    status_line line;
    int field = 3;
    for (std::size_t at = close + 2; at < text.size(); ++field) {
        const auto end = std::min(text.find(' ', at), text.size());
        if (field == 3)
            line.state = text[at];
        else if (field == 20)
            std::from_chars(text.data() + at, text.data() + end, line.threads);
        else if (field == 22) {
            std::from_chars(text.data() + at, text.data() + end, line.start);
            return line;
        }
        at = end + 1;
    }
    return std::nullopt;
}

std::optional<status_line> read_status(std::uint32_t pid) noexcept
{
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%u/stat", pid);
    const fd file(::open(path, O_RDONLY | O_CLOEXEC));
    if (!file)
        return std::nullopt;
    char text[1024];
    const ssize_t size = ::read(file.get(), text, sizeof text);
    return size > 0 ? parse_status({text, static_cast<std::size_t>(size)}) : std::nullopt;
}

} // namespace

process_identity process_identity::current() noexcept
{
    constinit thread_local process_identity known;
    constinit thread_local std::uint32_t known_in = 0;
    if (const std::uint32_t epoch = this_thread().epoch; known_in != epoch) {
        const auto pid = static_cast<std::uint32_t>(::getpid());
        const auto status = read_status(pid);
        known = {pid, status ? status->start : 0};
        known_in = epoch;
    }
    return known;
}

bool process_identity::is_alive() const noexcept
{
    if (pid == 0 || (::kill(static_cast<pid_t>(pid), 0) == -1 && errno == ESRCH))
        return false;
    const auto status = read_status(pid);
    if (!status)
        return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH; // gone meanwhile, or no /proc to ask
    if (start != 0 && status->start != start)
        return false;
    // A first thread that has left is shown as a zombie while other threads still run.
    const bool ended = status->state == 'Z' || status->state == 'X';
    return !ended || status->threads > 1;
}

std::uint64_t pid_namespace() noexcept
{
    struct stat status {};
    return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

} // namespace ruche::os
