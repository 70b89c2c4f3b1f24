#include <ruche/pool.hpp>

#include <ruche/this_process.hpp>

#include <algorithm>

namespace ruche {

namespace {

detail::pool_settings settings_of(pool_options&& options)
{
    return {options.workers == 0 ? this_process::cpu_count() : options.workers,
            std::move(options.name),
            std::move(options.set_up),
            std::move(options.tear_down),
            options.max_tasks_per_worker,
            options.max_memory_per_worker,
            std::move(options.sandbox),
            options.pin,
            options.idle_time,
            options.grace,
            std::max(options.quarantine_after, 1U),
            options.seed,
            options.trace,
            std::move(options.process)};
}

} // namespace

pool::pool(pool_options options) : core_(detail::make_pool(settings_of(std::move(options)))) {}

pool::~pool()
{
    if (core_)
        cancel_all();
}

} // namespace ruche
