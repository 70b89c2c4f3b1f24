#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace rssmania::testing {

/// How a program ended: its exit code, or the number of the signal as a negative one.
using ending = int;

/// The real rssmania, run by a test: what it prints is collected as it comes, and it can be waited for, stopped,
/// killed.
class program {
public:
    using environment = std::map<std::string, std::string>;

    explicit program(std::vector<std::string> words, const environment& more = {});
    ~program(); ///< kills what is left
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    /// What it has printed so far.
    [[nodiscard]] std::string out() const;
    [[nodiscard]] std::string err() const;

    /// Waits until standard output (error) satisfies `enough`. False if it doesn't within `patience`.
    [[nodiscard]] bool wait_for_out(const std::function<bool(const std::string&)>& enough,
                                    std::chrono::milliseconds patience = std::chrono::seconds(30)) const;
    [[nodiscard]] bool wait_for_out(const std::string& part) const;
    [[nodiscard]] bool wait_for_err(const std::string& part) const;

    /// Waits for the end of its first process, and until its outputs are closed by whoever has them.
    [[nodiscard]] std::optional<ending> wait(std::chrono::milliseconds patience = std::chrono::seconds(60));

    void signal(int number) const;

    /// Sends it to all its processes that are in its group, as a terminal does on Ctrl+C.
    void signal_group(int number) const;

    /// A living process of the program.
    struct member {
        pid_t id = 0;
        std::string name; ///< the first of its words, as in `ps -o args`
    };

    /// All its processes but the first one, found by a mark in their environment.
    [[nodiscard]] std::vector<member> others() const;

    /// Waits until all its processes are gone. False if some stay.
    [[nodiscard]] bool wait_until_nobody_is_left(std::chrono::milliseconds patience) const;

    /// Kills the process with that name with SIGKILL, once there is one. False if there is none within `patience`.
    [[nodiscard]] bool kill(const std::string& name,
                            std::chrono::milliseconds patience = std::chrono::seconds(20)) const;

private:
    struct stream {
        std::string text; // guarded by mutex_
        std::thread reader;
    };

    void read_all(int file, stream& into);
    [[nodiscard]] bool wait_for(const stream& which, const std::function<bool(const std::string&)>& enough,
                                std::chrono::milliseconds patience) const;

    std::string mark_;
    pid_t id_ = -1;
    std::optional<ending> ended_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    int open_streams_ = 2; // guarded by mutex_
    stream out_;
    stream err_;
};

/// How often `part` is in `text`.
[[nodiscard]] std::size_t count(const std::string& text, const std::string& part);

} // namespace rssmania::testing
