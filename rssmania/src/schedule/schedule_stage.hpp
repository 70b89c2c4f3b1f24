#pragma once

#include "pipeline/queues.hpp"
#include "schedule/planner.hpp"
#include "store/store.hpp"

#include <ruche/stop.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace rssmania {

struct schedule_options {
    std::string directory; ///< of the store, which is read at the start
    run_id run = 0;
    std::vector<feed_id> feeds;                     ///< those to watch
    std::optional<std::chrono::milliseconds> every; ///< the interval that the user has set, if any
    /// After so long without a whole body a feed is asked for one, whatever its server says of changes; never, if
    /// empty.
    std::optional<std::chrono::seconds> whole_after;
    bool due_only = false; ///< with `pace::once`: only what is due, not everything
    pace how;
};

/// The process that knows when each feed is due: pushes it when it is time, hears how the visit went, plans the next.
///
/// Started anew in the middle of a run, it goes on from what the store knows: feeds that were asked are not asked again
/// before their time. With `pace::once` it returns after one round.
void schedule_stage(ruche::stop_token stop, pipeline_queues queues, schedule_options options);

} // namespace rssmania
