#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <typeindex>

namespace ruche::pooling {

/// What the calling thread knows of itself while it works for a pool.
struct worker_context {
    std::uint32_t index = 0;
    std::uint64_t seed = 0;
    std::uint64_t stream = 0; ///< of the task that it does
    std::map<std::type_index, std::shared_ptr<void>> states;
};

/// Makes `context` that of the calling thread; null for none. Returns the one before.
worker_context* become_worker(worker_context* context) noexcept;

} // namespace ruche::pooling
