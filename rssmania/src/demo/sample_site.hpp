#pragma once

#include "demo/http_server.hpp"
#include "demo/sample_feeds.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rssmania {

/// How a `sample_site` behaves.
struct site_options {
    std::uint16_t port = 0;                    ///< 0: a free one
    std::chrono::milliseconds publish_every{}; ///< one article of one of the feeds; 0: only when `publish` is called
    /// When that publishing began, if not now: what is due since then is there. So a server that takes over for another
    /// has all that the other had.
    std::optional<std::chrono::system_clock::time_point> since = {};
    int published = 3; ///< articles of each feed at the start
};

/// A web site with the sample feeds, on this machine, that publishes as time goes by.
///
///     sample_site site({.publish_every = 3s});
///     std::cout << site.address("/hive.rss");
///
/// Feeds answer conditional requests with 304. Below `/faults/` is what goes wrong on the web, one thing at each
/// address
/// (`/faults/` itself lists them). All requests are remembered, for tests to look at.
/// Thread safety: all members may be called from any thread.
class sample_site {
public:
    explicit sample_site(const site_options& options);
    ~sample_site();
    sample_site(const sample_site&) = delete;
    sample_site& operator=(const sample_site&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }
    [[nodiscard]] std::string address(const std::string& path) const { return server_.address(path); }

    /// Adds an article to the feed at `path`.
    void publish(const std::string& path);

    /// The requests for `path` so far.
    [[nodiscard]] std::vector<seen_request> requests_for(const std::string& path) const;

    /// Waits until there have been `count` requests for `path`; false if that takes longer than `patience`.
    [[nodiscard]] bool wait_for_requests(const std::string& path, std::size_t count,
                                         std::chrono::milliseconds patience) const;

private:
    [[nodiscard]] server_reply answer(const seen_request& request);
    [[nodiscard]] server_reply answer_with_feed(const sample_feed& feed, const seen_request& request);
    [[nodiscard]] std::string index() const;
    void publish_in_turn(const site_options& options);

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<std::string, int> published_;                  // guarded by mutex_; by path
    std::map<std::string, std::vector<seen_request>> seen_; // guarded by mutex_; by path
    bool ending_ = false;                                   // guarded by mutex_
    http_server server_;                                    // after what its handler uses
    std::thread publisher_;
};

/// What goes wrong at `/faults/…`; a 404 for what is no fault of ours. `site` is the server's address.
[[nodiscard]] server_reply fault_reply(const seen_request& request, const std::string& site);

/// All faults, as addresses below `/faults/`.
[[nodiscard]] std::vector<std::string> fault_paths();

} // namespace rssmania
