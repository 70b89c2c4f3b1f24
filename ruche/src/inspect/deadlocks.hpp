#pragma once

#include <ruche/inspect.hpp>

namespace ruche::inspect {

/// Finds, among what was seen of a program, the threads that wait for one another.
[[nodiscard]] std::vector<deadlock> find_deadlocks(const program& seen);

} // namespace ruche::inspect
