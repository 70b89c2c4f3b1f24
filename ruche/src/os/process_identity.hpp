#pragma once

#include <cstdint>

/// Who a process is, for as long as the machine runs: a number alone is given again to another after its death.
namespace ruche::os {

struct process_identity {
    std::uint32_t pid = 0;
    std::uint64_t start = 0; ///< clock ticks since boot; 0 where /proc can't be read

    friend bool operator==(const process_identity&, const process_identity&) noexcept = default;

    /// This process. Cheap after the first call in a process, and right in a forked child.
    [[nodiscard]] static process_identity current() noexcept;

    /// Whether any thread of it may still run: a zombie is dead, a process that is merely stopped is alive.
    [[nodiscard]] bool is_alive() const noexcept;
};

/// The pid namespace this process lives in. Thread ids, and so robust locks, mean something only within one.
[[nodiscard]] std::uint64_t pid_namespace() noexcept;

} // namespace ruche::os
