#pragma once

#include "os/socket.hpp"

#include <ruche/fd.hpp>

#include <memory>
#include <mutex>
#include <span>

namespace ruche {

/// This program's way to its fork server. There is one in each process: the first start makes the server, processes
/// that ruche started inherit the socket. A copy that somebody made by hand, with `fork`, of the program gets a server
/// of its own, since it may outlive the program; one of such a process shares the family's. Thread safety: all members.
class server_link {
public:
    [[nodiscard]] static server_link& instance();

    struct connection {
        fd requests;
        int owner = 0; ///< the process that made it; a copy in another process is of no use
    };

    /// Sends a start request, starting the server first if there is none. A server that was killed is said once on
    /// standard error and replaced; a request that it had not taken is sent again. Returns by which connection it went.
    /// Throws: `start_failed`.
    std::shared_ptr<const connection> send(std::span<const std::span<const std::byte>> parts,
                                           std::span<const int> descriptors);

    /// Another descriptor of the socket on which requests are made, for a copy of this process. Throws: `start_failed`.
    [[nodiscard]] fd duplicate_requests();

    /// Keeps other threads out while this one forks, or their lock would stay locked in the copy.
    [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }

    /// In a process that the server has just forked: the socket on which it may make requests of its own.
    void adopt(fd requests);

    /// Tells that the server at the other end of `lost` is dead: somebody has seen the end of a lifeline. (The kernel
    /// closes a dead process's descriptors in no order that one may rely on, so its socket may still seem to be there.)
    void lose(const std::shared_ptr<const connection>& lost);

private:
    server_link() = default;
    [[nodiscard]] std::shared_ptr<const connection> current();
    [[nodiscard]] std::shared_ptr<const connection> connect();
    [[nodiscard]] std::shared_ptr<const connection> join_family();

    std::mutex mutex_;
    std::shared_ptr<const connection> connection_; ///< guarded by mutex_
    bool inherited_ = false;                       ///< guarded by mutex_: from the server, whose child we are
};

/// Whether this program can be run afresh as a fork server: its `main` was diverted, or it called `ruche::init`.
[[nodiscard]] bool can_divert() noexcept;
void set_can_divert() noexcept;

} // namespace ruche
