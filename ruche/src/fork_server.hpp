#pragma once

#include <ruche/fd.hpp>

#include <span>

/// The fork server: this program's executable, run afresh, with one thread for ever. It is the parent of all processes
/// of the program and of theirs: it forks one per request, reaps them, tells how they ended, ends what a dead process
/// leaves behind, and ends everybody when the program dies. It keeps no memory of the program and none of its locks.
namespace ruche {

/// The first message that a new fork server finds on its socket. With it come, in this order: a pidfd of the program,
/// the page of the death bell, the end of the socket on which requests are made, and the news; if the program is of the
/// family of another server, that one's socket for requests.
struct server_hello {
    static constexpr unsigned long long right_magic = 0x31656863757220ULL; // " ruche1" in memory order
    unsigned long long magic = right_magic;
    unsigned char build[20] = {};
    int program = 0; ///< its process id
};

/// The first message that a process finds on its socket which the fork server has executed instead of only forked.
/// With it come the page of the death bell and the socket on which requests are made; the start request is the second.
struct process_hello {
    static constexpr unsigned long long right_magic = 0x32656863757220ULL; // " ruche2" in memory order
    unsigned long long magic = right_magic;
    unsigned char build[20] = {};
    int server = 0;  ///< its parent
    int starter = 0; ///< who asked
};

/// In the environment of such a process: the number of its socket.
inline constexpr const char* process_variable = "RUCHE_PROCESS";

/// In the environment of a fork server: the number of its socket.
inline constexpr const char* server_variable = "RUCHE_FORK_SERVER";

/// Runs what the fork server at the other end of `socket` has been asked for, as `serve`'s children do.
[[noreturn]] void run_executed(const fd& socket, std::span<char> title);

/// Serves until the program ends. The children that it forks leave by `std::exit` once their function has returned.
[[noreturn]] void serve(const fd& socket, std::span<char> title);

} // namespace ruche
