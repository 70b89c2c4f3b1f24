#pragma once

#include <ruche/fd.hpp>

#include <array>

/// Namespaces in which there is nothing: no network, no file, no host's name, nobody's shared memory.
namespace ruche::os {

/// Leaves the namespaces of users, networks, IPC, host names, mounts and cgroups for new ones, and the file system for
/// an empty folder. (Not that of processes, which would take another fork: signals and ptrace are what the filters
/// refuse. The kernel's promise to end this process with its parent is renewed, since a change of user can revoke it.)
/// Returns 0, or the errno that says why the kernel refused. Only for a process with one thread.
[[nodiscard]] int enter_empty_namespaces(int parent) noexcept;

/// An empty world that outlives the processes in it: entering it takes a twentieth of the time that making one takes,
/// and leaving it none (the kernel waits for all processors before it takes namespaces apart). It ends with the last
/// process that holds this object.
///
/// It is made by the first process that enters it. To those who come later, what was made is known by descriptors that
/// lie in a socket, each of whom looks at the message and leaves it there; so nobody waits for anybody, and a process
/// that dies on the way leaves the world unmade, or made.
///
/// Those in one world share it, but nothing in it can be changed: its only file system is empty and read-only. What
/// else they could do to each other (sockets, shared memory, signals) is for other walls to refuse.
class empty_world {
public:
    /// Nothing is made yet. Throws: `os_error`.
    empty_world();

    /// Enters it, or makes it and is the first in it. Returns 0 or errno, as `enter_empty_namespaces` does.
    [[nodiscard]] int enter(int parent) const noexcept;

    /// Closes this process's descriptors of it: it has no use for it any more, nor may it show the way to others.
    void leave_to_others() const noexcept;

    /// What must stay open until then.
    [[nodiscard]] std::array<int, 2> descriptors() const noexcept { return {shelf_.get(), hand_.get()}; }

private:
    [[nodiscard]] bool enter_made() const noexcept;
    [[nodiscard]] int make() const noexcept;

    fd shelf_; ///< here the descriptors lie,
    fd hand_;  ///< and here they are put in
};

} // namespace ruche::os
