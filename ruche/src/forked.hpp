#pragma once

#include "control_page.hpp"
#include "starting.hpp"

#include <ruche/detail/task.hpp>
#include <ruche/fd.hpp>

#include <memory>
#include <mutex>
#include <string>

/// Processes that are copies of their starter.
namespace ruche {

/// What such a process needs to know.
struct forked_facts {
    std::string name;
    int starter = 0;
    std::shared_ptr<control_page> control;
    int lifeline = -1;
    fd requests; ///< to the fork server, which guards it and takes its requests
};

/// Forks, and runs `call` in the copy. Returns the child's process id. `held` keeps other threads from what the copy
/// needs, and is unlocked on both sides. Throws: `os_error`.
[[nodiscard]] int fork_copy(forked_facts& facts, outgoing_request& surroundings, const detail::forked_call& call,
                            fd lifeline, std::unique_lock<std::mutex> held);

} // namespace ruche
