#pragma once

#include "pool/machine.hpp"

#include <ruche/detail/pool_core.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>

/// What both kinds of pools tell the machine, and how they put its verdicts into words.
namespace ruche::pooling {

/// What the machine has to know of a task.
[[nodiscard]] task_rules rules_of(const task_options& options, bool takes_stop_token,
                                  const std::optional<std::uint32_t>& worker);

/// Whose fault an ending was.
struct circumstances {
    std::string pool;
    std::string task;                    ///< its name; may be empty
    std::exception_ptr start_error = {}; ///< of `no_worker`
    const exit_status* death = nullptr;  ///< of `died` and `quarantined`
};

/// What the future of a task fails with that ended so.
[[nodiscard]] std::exception_ptr failure(ending how, const circumstances& of);

/// How messages call a task of a pool.
[[nodiscard]] inline std::string task_of(const std::string& pool) { return "a task of pool '" + pool + "'"; }

} // namespace ruche::pooling
