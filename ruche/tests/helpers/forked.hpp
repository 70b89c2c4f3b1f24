#pragma once

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

/// Child processes of tests, by plain fork.
namespace helpers {

/// A child that runs `body` and ends with what it returns (0: all is well). Killed and reaped with its owner.
class forked {
public:
    explicit forked(const std::function<int()>& body) : pid_(::fork())
    {
        if (pid_ == 0)
            ::_exit(run(body));
    }
    forked(forked&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    forked& operator=(forked&& other) noexcept
    {
        std::swap(pid_, other.pid_);
        return *this;
    }
    ~forked()
    {
        if (pid_ > 0) {
            kill();
            join();
        }
    }

    void kill(int signal = SIGKILL) const { ::kill(pid_, signal); }

    /// The exit code, or minus the number of the signal that ended it.
    int join()
    {
        int status = 0;
        while (::waitpid(pid_, &status, 0) == -1 && errno == EINTR)
            ;
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    // What it throws must not leave the copy, which would go on as the test program that it is a copy of.
    static int run(const std::function<int()>& body) noexcept { return body(); }

    pid_t pid_;
};

/// What proc(5) says a process is doing: S asleep, R running, Z dead and not reaped, and so on; ? if it is none.
inline char state_of(pid_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto name_end = text.rfind(')');
    return name_end == std::string::npos ? '?' : text.at(name_end + 2);
}

/// Looks until `fact` holds, for at most ten seconds. For what nobody reports, such as that a process has fallen
/// asleep.
template <class Fact>
bool eventually(Fact fact, std::chrono::milliseconds patience = std::chrono::seconds(10))
{
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!fact()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace helpers
