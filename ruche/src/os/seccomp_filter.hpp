#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

struct sock_filter;

/// A list of the system calls that a process may make from now on (seccomp(2)).
///
/// Written out here rather than taken from libseccomp: the list is fixed, so all that a library would add is a package
/// in everybody's program and the time to build the same sixty instructions at every start.
namespace ruche::os {

/// What a process that only computes may still do with descriptors.
struct open_channels {
    int voice = -1;             ///< sendmsg only
    std::span<const int> whole; ///< read, write, seek: those that its arguments carry
};

/// From now on this process may only compute: any other call raises SIGSYS, one in another machine's convention ends it
/// at once. Returns 0, or the errno that says why the kernel can't. Needs `no_new_privileges`.
[[nodiscard]] int allow_computing_only(const open_channels& channels) noexcept;

} // namespace ruche::os
