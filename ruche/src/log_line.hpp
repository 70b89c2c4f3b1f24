#pragma once

#include <ruche/fd.hpp>
#include <ruche/log.hpp>

#include <memory>
#include <mutex>
#include <optional>

namespace ruche {

/// Where this process's records go: a socket to the receiver, or standard error. There is one in each process.
/// Thread safety: all members.
class log_line {
public:
    [[nodiscard]] static log_line& instance();

    /// The socket that leads to a receiver, to be used and handed down; null if there is none.
    [[nodiscard]] std::shared_ptr<const fd> current();

    /// In a new process, with what was handed down; in the program, for its receiver.
    void lead_to(std::shared_ptr<const fd> socket);

    /// Takes `expected` out of use, if it is what is used.
    void leave(const std::shared_ptr<const fd>& expected);

private:
    log_line() = default;

    std::mutex mutex_;
    std::shared_ptr<const fd> socket_; ///< guarded by mutex_
};

} // namespace ruche
