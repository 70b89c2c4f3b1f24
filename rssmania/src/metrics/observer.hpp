#pragma once

#include "metrics/live_board.hpp"
#include "pipeline/queues.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace rssmania {

/// Where metrics are to go: `localhost:9464` (or `127.0.0.1:9464`, `:9464`: on this machine alone), or a file.
struct metrics_target {
    std::string file;       ///< written anew every second, whole or not at all; or
    std::uint16_t port = 0; ///< served at http://localhost:PORT/metrics

    [[nodiscard]] bool any() const noexcept { return !file.empty() || port != 0; }
};

/// Throws: `std::runtime_error` for an address that others could reach, and for a port that is none.
[[nodiscard]] metrics_target parse_metrics_target(const std::string& text);

/// Looks at a watcher once a second from within, in a thread of its own: puts the depths of the queues on the board,
/// writes or serves the metrics, and tells the service manager that the main loop lives.
///
/// Throws: `std::runtime_error` by the constructor, if the port can't be had or the file not written.
class observer {
public:
    observer(live_board board, const pipeline_queues& queues, const metrics_target& target);
    ~observer();
    observer(const observer&) = delete;
    observer& operator=(const observer&) = delete;

    /// Now, once: for a round that ends before its first second is over.
    void look();

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace rssmania
