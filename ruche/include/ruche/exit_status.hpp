#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <iosfwd>
#include <optional>
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

    /// The exit code, if it ended by `exit`, by a return, or by an exception that left it (then 1).
    [[nodiscard]] std::optional<int> code() const noexcept;
    /// The signal that ended it, if one did.
    [[nodiscard]] std::optional<int> signal() const noexcept;
    [[nodiscard]] bool core_dumped() const noexcept { return core_; }
    [[nodiscard]] bool lost() const noexcept { return kind_ == kind::lost; }

    /// Whether it ended with exit code 0.
    [[nodiscard]] bool success() const noexcept { return kind_ == kind::exited && value_ == 0; }

    [[nodiscard]] std::uint64_t peak_memory() const noexcept { return used_.peak_memory; }
    [[nodiscard]] std::chrono::microseconds user_time() const noexcept { return used_.user_time; }
    [[nodiscard]] std::chrono::microseconds system_time() const noexcept { return used_.system_time; }

    /// What left the process's function, as the same type where it could be rebuilt, else a `remote_error`; null if
    /// nothing was thrown.
    [[nodiscard]] std::exception_ptr error() const noexcept { return error_; }
    void set_error(std::exception_ptr error) noexcept { error_ = std::move(error); }

    /// "exit code 3", "killed by signal 11 (Segmentation fault), core dumped".
    [[nodiscard]] std::string describe() const;

private:
    enum class kind { exited, signalled, lost };

    kind kind_ = kind::exited;
    int value_ = 0;
    bool core_ = false;
    resource_usage used_;
    std::exception_ptr error_;
};

std::ostream& operator<<(std::ostream& out, const exit_status& status);

} // namespace ruche
