#pragma once

#include <cstdint>

/// Whom the kernel killed for want of memory (proc_vmstat(5), cgroups(7)): it only counts them.
namespace ruche::os {

/// Why a process was killed: for its memory, by the counter of this control group, or by that of the whole machine.
enum class shortage : std::uint32_t { none, of_the_machine, of_the_group };

/// The counters of processes killed for their memory.
struct memory_killings {
    std::uint64_t of_the_machine = 0;
    std::uint64_t of_the_group = 0;

    /// Zeroes where the kernel keeps no such counter.
    [[nodiscard]] static memory_killings counted_now();

    /// Which of them is higher than `before`.
    [[nodiscard]] shortage since(const memory_killings& before) const noexcept
    {
        return of_the_group > before.of_the_group       ? shortage::of_the_group
               : of_the_machine > before.of_the_machine ? shortage::of_the_machine
                                                        : shortage::none;
    }
};

} // namespace ruche::os
