#pragma once

#include <cstdint>
#include <vector>

/// What this process may use of the machine's processors (sched_getaffinity(2), cgroups(7)).
namespace ruche::os {

/// The processors it may run on, or as many as its control groups' shares of time amount to, if those are fewer.
[[nodiscard]] unsigned processors_granted();

/// Their numbers, at least one.
[[nodiscard]] std::vector<std::uint32_t> usable_processor_numbers();

} // namespace ruche::os
