#pragma once

#include "os/socket.hpp"
#include "os/standing.hpp"

#include <ruche/fd.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace ruche {

/// This program's way to its fork server. There is one in each process: the first start makes the server, processes
/// that ruche started inherit the socket. A copy that somebody made by hand, with `fork`, of the program gets a server
/// of its own, since it may outlive the program; one of such a process shares the family's.
///
/// A process gets what no request can carry (user, groups, capabilities, namespaces, root directory) from its fork
/// server, so a server is replaced once its program has changed any of it; the old one stays with its processes until
/// they have ended. A process of the family that changes any of it gets a server of its own, which ends with it.
///
/// Thread safety: all members.
class server_link {
public:
    [[nodiscard]] static server_link& instance();

    struct connection {
        connection(fd requests_socket, int owning_process) : requests(std::move(requests_socket)), owner(owning_process)
        {}
        fd requests;
        int owner;                                      ///< the process that made it; a copy in another is of no use
        mutable std::atomic<bool> death_is_told{false}; ///< a flag alone, it orders nothing
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

    /// In the fork server, for its children: what it is.
    void note_standing(os::standing of_server);

    /// In a process that the server has just forked, or in a guarded copy: the socket on which it may make requests of
    /// its own.
    void adopt(fd requests);

    /// Tells that the server at the other end of `lost` is dead: somebody has seen the end of a lifeline. (The kernel
    /// closes a dead process's descriptors in no order that one may rely on, so its socket may still seem to be there.)
    void lose(const std::shared_ptr<const connection>& lost);

private:
    server_link() = default;
    [[nodiscard]] std::shared_ptr<const connection> current();
    [[nodiscard]] os::standing own_standing(int us);
    [[nodiscard]] std::shared_ptr<const connection> connect(const os::standing& own);
    void join_family(int us);
    void retire_current(int us);

    std::mutex mutex_; ///< guards all that follows
    std::shared_ptr<const connection> connection_;
    os::standing standing_;                    ///< of the server at its other end
    std::shared_ptr<const connection> family_; ///< to the server whose child we are, or copy of a child; or null
    os::standing of_family_;
    std::optional<os::standing_finder> finder_;
    int finder_owner_ = 0;
};

/// Whether this program can be run afresh as a fork server: its `main` was diverted, or it called `ruche::init`.
[[nodiscard]] bool can_divert() noexcept;
void set_can_divert() noexcept;

} // namespace ruche
