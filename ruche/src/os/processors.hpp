#pragma once

/// What this process may use of the machine's processors (sched_getaffinity(2), cgroups(7)).
namespace ruche::os {

/// The processors it may run on, or as many as its control groups' shares of time amount to, if those are fewer.
[[nodiscard]] unsigned processors_granted();

} // namespace ruche::os
