#pragma once

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>

#include <cstdint>

/// Ways in which a process gives up what it could do, for ever. Each returns 0, or the errno that says why the kernel
/// refused. Only for a process with one thread.
namespace ruche::os {

/// No executable will ever give this process more than it has (PR_SET_NO_NEW_PRIVS), and no debugger or core dump shows
/// its memory. The two filters need it.
[[nodiscard]] int renounce_privileges() noexcept;

/// Leaves the namespaces of users, networks, IPC, host names, mounts and cgroups for empty ones, and the file system
/// for an empty folder. (Not that of processes, which would take another fork: signals and ptrace are what the filters
/// refuse. The kernel's promise to end this process with its parent is renewed, since a change of user can revoke it.)
[[nodiscard]] int enter_empty_namespaces(int parent) noexcept;

/// No path, no TCP port, no abstract socket, no signal to a process outside (landlock(7)).
[[nodiscard]] int refuse_paths_and_ports() noexcept;

/// No capability, and none to be had by being root.
[[nodiscard]] int drop_capabilities() noexcept;

/// Where this process's use of address space is counted, to be read when no file can be opened any more. Empty if there
/// is no such file.
[[nodiscard]] fd open_memory_count() noexcept;

/// Bytes of address space in use; 0 if that can't be read.
[[nodiscard]] std::uint64_t mapped_bytes(const fd& memory_count) noexcept;

struct usage_limits {
    std::uint64_t memory = 0; ///< bytes of address space, in all
    std::uint64_t cpu_seconds = 0;
    std::chrono::nanoseconds wall_time{}; ///< then SIGKILL, by a timer that can't be reached any more
    std::uint64_t output = 0;             ///< bytes to add to a standard output or error that is a file
};
[[nodiscard]] int limit_usage(const usage_limits& limits) noexcept;

} // namespace ruche::os
