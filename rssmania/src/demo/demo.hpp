#pragma once

#include <ruche/stop.hpp>

#include <chrono>
#include <cstdint>

namespace rssmania {

struct demo_options {
    std::uint16_t port = 0; ///< of the sample server; 0: a free one
    std::chrono::milliseconds publish_every = std::chrono::seconds(3);
    std::chrono::milliseconds every = std::chrono::seconds(2); ///< how often the watcher asks
};

/// Shows the whole program without a network: a server of sample feeds in a process of its own, and the watcher on
/// them, with a store that goes at the end. Until `stop`.
void demonstrate(ruche::stop_token stop, const demo_options& options);

/// Only the server, until `stop`.
void serve_samples_until(ruche::stop_token stop, const demo_options& options);

} // namespace rssmania
