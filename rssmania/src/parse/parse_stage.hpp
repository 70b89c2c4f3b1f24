#pragma once

#include "parse/read_feed.hpp"
#include "pipeline/queues.hpp"

#include <ruche/sandbox.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <cstdint>

namespace rssmania {

struct parse_options {
    /// Processes that read, at most; they are started when there is work, and leave when there is none. 0: as many as
    /// there are processors, up to four.
    std::uint32_t workers = 0;
    /// Walls of their sandbox that this machine can't give and that they go without.
    ruche::sandbox::layers may_lack = {};
    std::chrono::milliseconds most_time = std::chrono::seconds(5); ///< for one answer, its retries included
    std::uint64_t most_memory = std::uint64_t{256} << 20U;         ///< of one process
};

/// The process that has what servers sent read, by workers that can compute and nothing else: it takes answers from
/// the queue, hands each to a worker over a line of their own, checks what comes back, and passes it on. It looks into
/// none itself.
///
/// An answer that kills its worker is tried again by others. Once it has killed three it is given up: that costs its
/// feed the visit, with the reason, and nobody else anything. So does one that takes too much time or memory.
void parse_stage(ruche::stop_token stop, pipeline_queues queues, parse_options options);

/// The same with another reader, whatever that does to its process.
void parse_by(reading (*read)(untrusted_body), ruche::stop_token stop, pipeline_queues queues,
              const parse_options& options);

} // namespace rssmania
