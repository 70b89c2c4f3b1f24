#pragma once

#include "code_reference.hpp"
#include "pool/line.hpp"

#include <ruche/fd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ruche::pooling {

/// A call that every worker makes.
struct worker_call {
    code_reference code;
    std::vector<std::byte> arguments;
    std::vector<fd> descriptors;
};

/// What a worker is told when it starts.
struct worker_start {
    line_end line;
    std::uint32_t index = 0;
    std::uint64_t seed = 0;
    bool tells_memory = false;
    std::optional<worker_call> set_up;
    std::optional<worker_call> tear_down;
};

/// What a worker process runs: tasks, in the order in which they come, until it is told to leave or the pool is gone.
void work(worker_start start);

} // namespace ruche::pooling
