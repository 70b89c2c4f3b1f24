#pragma once

#include <cstdint>
#include <vector>

/// What this process may use of the machine's processors (sched_getaffinity(2), cgroups(7)).
namespace ruche::os {

/// The processors it may run on, or as many as its control groups' shares of time amount to, if those are fewer.
[[nodiscard]] unsigned processors_granted();

/// Their numbers, at least one.
[[nodiscard]] std::vector<std::uint32_t> usable_processor_numbers();

/// Whether another thread can run while this one spins: whether the process may use more than one processor, as far as
/// is known. Costs a load.
[[nodiscard]] bool others_can_run_meanwhile() noexcept;

/// Looks again, now and then, since it can change (and does in forked children that are pinned). For who is about to
/// sleep, and so has the time.
void look_at_processors() noexcept;

/// Tells the processor that this is a spinning loop.
inline void relax() noexcept
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Has the line that `place` is in brought here for writing, without waiting for it.
inline void prefetch_for_writing([[maybe_unused]] const void* place) noexcept
{
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(place))); // does nothing where it is unknown
#else
    __builtin_prefetch(place, 1);
#endif
}

} // namespace ruche::os
