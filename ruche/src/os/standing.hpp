#pragma once

#include <ruche/fd.hpp>

#include <array>
#include <cstdint>
#include <vector>

/// What a process is allowed, and which part of the system it sees (credentials(7), namespaces(7), capabilities(7)).
namespace ruche::os {

/// What a fork passes on and no request can: who forks for another must have the same. Compares; says nothing else.
struct standing {
    std::array<std::uint32_t, 6> ids{};        ///< real, effective and saved; of user and group
    std::vector<std::uint32_t> groups;         ///< the supplementary ones
    std::array<std::uint32_t, 6> capabilities; ///< effective, permitted and inheritable
    std::array<int, 3> restrictions{};   ///< secure bits, no new privileges, whether there is a system call filter
    std::array<std::uint64_t, 2> root{}; ///< the device and number of the root directory
    std::array<std::uint64_t, 8> namespaces{}; ///< their numbers; 0 for what this kernel doesn't have

    friend bool operator==(const standing&, const standing&) = default;
};

/// Whether the kernel would treat what this process executes as privileged beyond its user (AT_SECURE in getauxval(3)).
/// `standing` is that of the calling thread.
[[nodiscard]] bool executes_securely(const standing& own) noexcept;

/// Finds the standing of the calling thread, in a few microseconds. Thread safety: each thread may call `find`.
class standing_finder {
public:
    standing_finder();
    [[nodiscard]] standing find() const;

private:
    int owner_; ///< the thread that `namespaces_` is about, which is the process's first
    fd namespaces_;
};

} // namespace ruche::os
