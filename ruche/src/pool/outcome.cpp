#include "pool/outcome.hpp"

namespace ruche::pooling {

task_rules rules_of(const task_options& options, bool takes_stop_token, const std::optional<std::uint32_t>& worker)
{
    task_rules rules;
    if (!options.deadline.is_never())
        rules.deadline = options.deadline.moment().time_since_epoch();
    rules.grace = takes_stop_token ? options.grace : std::chrono::nanoseconds(0);
    rules.priority = options.priority;
    rules.retries = options.retry.times;
    rules.first_delay = options.retry.first_delay;
    rules.longest_delay = options.retry.longest_delay;
    if (worker)
        rules.worker = *worker;
    return rules;
}

namespace {

std::exception_ptr no_worker_of(const circumstances& of)
{
    try {
        try {
            std::rethrow_exception(of.start_error);
        } catch (...) {
            std::throw_with_nested(worker_failed("no worker of pool '" + of.pool + "' can be started"));
        }
    } catch (...) {
        return std::current_exception();
    }
}

} // namespace

std::exception_ptr failure(ending how, const circumstances& of)
{
    const std::string who = of.task.empty() ? task_of(of.pool) : "task '" + of.task + "'";
    switch (how) {
    case ending::cancelled:
        return std::make_exception_ptr(task_cancelled(who + " was cancelled"));
    case ending::expired:
        return std::make_exception_ptr(deadline_exceeded(who + " was not done by its deadline"));
    case ending::died:
        return std::make_exception_ptr(process_died(*of.death, who));
    case ending::quarantined:
        return std::make_exception_ptr(
            task_quarantined(*of.death, who + ", which has killed too many workers to be tried again"));
    case ending::no_worker:
        break;
    }
    return no_worker_of(of);
}

} // namespace ruche::pooling
