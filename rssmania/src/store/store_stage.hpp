#pragma once

#include "pipeline/queues.hpp"
#include "store/store.hpp"

#include <ruche/stop.hpp>

#include <string>

namespace rssmania {

struct store_options {
    std::string directory;
    run_id run = 0;
    manners how;        ///< when feeds are due again
    news_policy policy; ///< what is told and kept
};

/// The only process that writes the database: takes visits, writes several at once, passes on what is news, and tells
/// the schedule. Started anew, it passes on again what has not been told yet; whoever tells skips what he knows.
void store_stage(ruche::stop_token stop, pipeline_queues queues, store_options options);

} // namespace rssmania
