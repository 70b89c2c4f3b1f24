#pragma once

#include "os/module.hpp"

#include <ruche/wire.hpp>

#include <exception>
#include <vector>

namespace ruche {

/// Adds an exception to a message, and after it where it was thrown, if that was recorded.
void encode_thrown(sink& message, const std::exception_ptr& error);

/// Reads that. A `remote_error` gets the stack, as names; who catches another type finds it in `thrown_at`.
/// Throws nothing but `std::bad_alloc`: bytes that can't be read give the `bad_message` that says so.
[[nodiscard]] std::exception_ptr decode_thrown(source& message, std::vector<os::code_location>& thrown_at);

} // namespace ruche
