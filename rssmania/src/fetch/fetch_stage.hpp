#pragma once

#include "fetch/http_client.hpp"
#include "pipeline/queues.hpp"

#include <ruche/stop.hpp>

#include <cstddef>

namespace rssmania {

struct fetch_options {
    http_options http;
};

/// The process that speaks HTTP: takes feeds that are due, asks their servers, many at once, and passes on bodies to be
/// parsed, and everything else to the store. A feed stays leased until its answer is in the next queue.
void fetch_stage(ruche::stop_token stop, pipeline_queues queues, fetch_options options);

} // namespace rssmania
