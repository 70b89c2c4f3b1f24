#pragma once

#include "pipeline/queues.hpp"

#include <ruche/stop.hpp>

namespace rssmania {

/// The process that reads what servers sent. An answer that it dies of goes to another one; one that kills several
/// costs its feed that visit and nobody anything else. It spends at most some seconds of processor time on each.
void parse_stage(ruche::stop_token stop, pipeline_queues queues);

} // namespace rssmania
