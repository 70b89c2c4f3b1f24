#include "pool/this_worker.hpp"

#include <ruche/this_worker.hpp>

#include <stdexcept>
#include <utility>

namespace ruche {

namespace {

thread_local pooling::worker_context* context_of_this_thread = nullptr;

pooling::worker_context& context()
{
    if (!context_of_this_thread)
        throw std::logic_error("this thread works for no pool");
    return *context_of_this_thread;
}

} // namespace

pooling::worker_context* pooling::become_worker(worker_context* context) noexcept
{
    return std::exchange(context_of_this_thread, context);
}

task_generator task_rng() { return {context().seed, context().stream}; }

std::optional<std::uint32_t> this_worker::index() noexcept
{
    return context_of_this_thread ? std::optional(context_of_this_thread->index) : std::nullopt;
}

std::shared_ptr<void>& this_worker::state_of(std::type_index type) { return context().states[type]; }

} // namespace ruche
