#pragma once

#include "pipeline/messages.hpp"

#include <ruche/queue.hpp>

namespace rssmania {

/// The arrows of the pipeline (see messages.hpp): what main makes and hands to every stage.
///
/// No cycle of full queues can form: the schedule has a bounded number of feeds on their way (`pace`), and the queues
/// of what is due and of outcomes have room for all of them, so that pushing to either never waits.
struct pipeline_queues {
    ruche::queue<due> due_feeds;
    ruche::queue<fetched> answers;
    ruche::queue<visited> visits;
    ruche::queue<news> events;
    ruche::queue<outcome> outcomes;
};

/// How many processes an item may take with it before it is given up as the cause. A stage that works on many items at
/// once takes innocent ones with it, and is more patient.
inline constexpr unsigned most_deaths = 3;
inline constexpr unsigned most_deaths_in_company = 20;

[[nodiscard]] pipeline_queues make_queues();

/// What becomes of a visit that kills the stage `name`.
[[nodiscard]] inline visited killed_its_stage(feed_id feed, const char* name)
{
    return {.feed = feed, .wrong = {problem_kind::stage_died, name}};
}

} // namespace rssmania
