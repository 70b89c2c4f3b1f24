#pragma once

#include "os/module.hpp"

#include <ruche/detail/task.hpp>

#include <optional>
#include <string>

namespace ruche {

/// A call of a task, said so that another process of the same build finds it.
struct code_reference {
    os::code_location task;                    ///< the instantiation that runs, from the table of this build
    std::string task_module;                   ///< where to load it from, if it isn't in the executable
    std::optional<os::code_location> function; ///< the function it calls, where that is a value
    std::string function_module;
};

/// Throws: `start_failed` if a module has no build id.
[[nodiscard]] code_reference refer_to(detail::task_function run, const void* function);

/// The task, checked against this build's table; its module is loaded if need be. Throws: `start_failed`.
[[nodiscard]] detail::task_function resolve_task(const code_reference& code);
/// The function, at whose address one starts; null if there is none. Throws: `start_failed`.
[[nodiscard]] const void* resolve_function(const code_reference& code);

} // namespace ruche
