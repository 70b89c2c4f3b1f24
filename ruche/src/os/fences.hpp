#pragma once

#include <atomic>

/// A full barrier of which the one who rarely acts pays both halves (membarrier(2)).
///
/// Two sides each write one word and then read the other's, and one of them at least must see what the other wrote.
/// That takes a full barrier between the write and the read, on both sides. Where one side does this millions of times
/// a second (commit, look at the bell) and the other hardly ever (arm the bell, look again, sleep), the frequent one
/// uses `light_fence`, which costs nothing, and the rare one `fence_everywhere`, which has the kernel interrupt whoever
/// runs.
namespace ruche::os {

/// Takes part in the barriers of others from now on, with children made by fork(2). False if the kernel can't (4.16) or
/// mayn't: then this process uses ordinary fences, and so does everybody who shares with it.
[[nodiscard]] bool take_part_in_fences() noexcept;

/// Every thread of every process that takes part, this one too, executes a full barrier before this returns.
void fence_everywhere() noexcept;

/// The other half: holds back the compiler only.
inline void light_fence() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

} // namespace ruche::os
