#include <ruche/detail/task_table.hpp>

#include <atomic>

namespace ruche::detail {

namespace {
// Zero before any constructor runs, whatever their order; modules that are loaded later add to it from their threads.
std::atomic<const task_registration*> first{nullptr};
} // namespace

task_registration::task_registration(task_function entry) noexcept :
    run_(entry), next_(first.load(std::memory_order_acquire))
{
    while (!first.compare_exchange_weak(next_, this, std::memory_order_acq_rel)) {
    }
}

bool is_registered(task_function entry) noexcept
{
    for (const auto* at = first.load(std::memory_order_acquire); at; at = at->next())
        if (at->run() == entry)
            return true;
    return false;
}

} // namespace ruche::detail
