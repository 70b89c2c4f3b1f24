#pragma once

#include "os/stack.hpp"

#include <exception>
#include <optional>

/// Where exceptions are thrown. Costs a few microseconds a throw, so it is on only in the processes that ruche starts,
/// where an exception that nobody catches must tell its story elsewhere.
namespace ruche::os {

void record_throws(bool on) noexcept;

/// The stack on which `error` was thrown by this thread, if it was the last that was thrown and recording was on.
[[nodiscard]] std::optional<stack_trace> stack_of_throw(const std::exception_ptr& error);

} // namespace ruche::os
