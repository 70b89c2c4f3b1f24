#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace ruche {

/// What a process used, as wait4(2) tells it.
struct resource_usage {
    std::uint64_t peak_memory = 0; ///< bytes of resident memory at its highest
    std::chrono::microseconds user_time{};
    std::chrono::microseconds system_time{};
};

/// How a process ended, and what it had used.
///
///     const ruche::exit_status status = p.join();
///     if (!status.success())
///         std::cerr << status << '\n';              // "exit code 3", "killed by signal 9 (Killed)"
///
/// A process ends in one of three ways: with an exit code, by a signal, or unknown to us because the fork server, its
/// parent, was itself killed (then it has neither, and `lost()` is true; the kernel has ended it with its server).
class exit_status {
public:
    [[nodiscard]] static exit_status exited(int code, resource_usage used = {});
    [[nodiscard]] static exit_status signalled(int signal, bool core, resource_usage used = {});
    [[nodiscard]] static exit_status server_lost();
    [[nodiscard]] static exit_status ended_untold();

    /// The same end, with what was thrown or where it crashed (`frames` as `os::stack_trace` has them, as bytes).
    [[nodiscard]] exit_status with_error(std::exception_ptr error, std::span<const std::byte> frames) const;
    [[nodiscard]] exit_status with_crash(std::optional<std::uintptr_t> address,
                                         std::span<const std::byte> frames) const;
    [[nodiscard]] exit_status with_out_of_memory(bool certain) const;
    [[nodiscard]] exit_status with_last_words(std::string words) const;

    /// The same end, with why it was killed, and the system call it was killed for (empty if for something else).
    [[nodiscard]] exit_status with_reason(std::string words, std::string forbidden_call) const;

    /// The exit code, if it ended by `exit`, by a return, or by an exception that left it (then 1).
    [[nodiscard]] std::optional<int> code() const noexcept;
    /// The signal that ended it, if one did.
    [[nodiscard]] std::optional<int> signal() const noexcept;
    [[nodiscard]] bool core_dumped() const noexcept { return core_; }
    [[nodiscard]] bool lost() const noexcept { return kind_ == kind::lost; }
    /// Whether it has ended and nobody can say how: a `forked` one whose end the host took with a `wait` of its own.
    [[nodiscard]] bool untold() const noexcept { return kind_ == kind::untold; }

    /// Whether it ended with exit code 0.
    [[nodiscard]] bool success() const noexcept { return kind_ == kind::exited && value_ == 0; }

    [[nodiscard]] std::uint64_t peak_memory() const noexcept { return used_.peak_memory; }
    [[nodiscard]] std::chrono::microseconds user_time() const noexcept { return used_.user_time; }
    [[nodiscard]] std::chrono::microseconds system_time() const noexcept { return used_.system_time; }

    /// What left the process's function, as the same type where it could be rebuilt, else a `remote_error`; null if
    /// nothing was thrown.
    /// Looking at it here is what keeps it from being printed when the process's handle goes.
    [[nodiscard]] std::exception_ptr error() const noexcept;
    /// Whether anybody has called `error` on this status or a copy of it.
    [[nodiscard]] bool error_seen() const noexcept;

    /// What the program touched when it crashed, if it was ended by a fault of memory.
    [[nodiscard]] std::optional<std::uintptr_t> fault_address() const noexcept;

    /// The system call that its sandbox did not allow, if it was killed for one: "openat".
    [[nodiscard]] std::optional<std::string> forbidden_call() const;

    /// Where it crashed, or where the exception that ended it was thrown: a line a frame, innermost first; empty if it
    /// ended otherwise, or could not tell any more. Turning addresses into names reads the program's debugging
    /// information, so the first call takes milliseconds.
    [[nodiscard]] std::string stack() const;

    /// Whether want of memory ended it: an allocation failed (`std::bad_alloc` left the function), or the kernel killed
    /// it to free memory. The kernel tells that by counters only. `describe` says "out of memory" where the control
    /// group's own counter rose, and "likely out of memory" where only that of the whole machine did.
    [[nodiscard]] bool out_of_memory() const noexcept { return memory_ != memory::enough; }

    /// The last of what it wrote to its standard error, at most 4 KiB, if that was captured and nobody had read it.
    [[nodiscard]] std::string last_words() const;

    /// "exit code 3", "killed by signal 11 (Segmentation fault), core dumped".
    [[nodiscard]] std::string describe() const;

private:
    [[nodiscard]] std::string describe_signal() const;

    enum class kind { exited, signalled, lost, untold };
    enum class memory { enough, likely_short, short_of };

    kind kind_ = kind::exited;
    int value_ = 0;
    bool core_ = false;
    memory memory_ = memory::enough;
    resource_usage used_;

    struct details; // shared by all copies, so that one look counts for all
    [[nodiscard]] std::shared_ptr<details> copy_details() const;
    std::shared_ptr<details> details_;
};

std::ostream& operator<<(std::ostream& out, const exit_status& status);

} // namespace ruche
