#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rssmania {

/// Serves what `text` gives at `http://localhost:PORT/metrics`, to programs on this machine only: it listens on the
/// loopback address, and refuses requests that a browser was led into making for a name of somebody else's (421). At
/// most 16 connections, each at most ten seconds long without a word.
///
/// Thread safety: `text` is called by a thread of its own.
/// Throws: `std::runtime_error` by the constructor, if the port is taken.
class metrics_server {
public:
    metrics_server(std::uint16_t port, std::function<std::string()> text);
    ~metrics_server();
    metrics_server(const metrics_server&) = delete;
    metrics_server& operator=(const metrics_server&) = delete;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace rssmania
