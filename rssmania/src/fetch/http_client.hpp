#pragma once

#include "pipeline/messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rssmania {

/// What one answer may cost. Whoever goes past it has failed; nobody else waits for it.
struct http_limits {
    int redirects = 10;
    std::chrono::milliseconds connect = std::chrono::seconds(10);
    std::chrono::milliseconds first_byte = std::chrono::seconds(30);
    std::chrono::milliseconds total = std::chrono::seconds(60);
    std::size_t body = 16U << 20U; ///< bytes, as they are sent
    std::size_t header_bytes = 64U << 10U;
    int header_lines = 100;
    std::size_t least_bytes = 2'000; ///< of body, in any `slow_window`
    std::chrono::milliseconds slow_window = std::chrono::seconds(20);

    /// Bytes of all bodies together that are on their way or not yet handed over (`http_client::release`). Who needs
    /// more waits, but for one at a time; what is below a small share of it never does.
    std::size_t memory = 24U << 20U;
};

struct http_options {
    http_limits limits;
    bool allow_local = false; ///< also connect to addresses that are not public
    bool deltas = false;      ///< ask for what is new in a feed instead of all of it (RFC 3229: `A-IM: feed`)
    std::size_t at_once = 64; ///< requests, as far as one knows; shares of memory are by it
    /// At most; the others of that host wait. 0: as many as there are requests, which the schedule keeps few.
    long connections_per_host = 0;
    std::string user_agent; ///< instead of ours
};

struct http_request {
    std::uint64_t tag = 0; ///< comes back with the answer
    std::string url;
    validators known;       ///< sent as If-None-Match and If-Modified-Since, each if it is not empty
    std::string known_from; ///< who gave them, if not `url`: on a way through redirects, others don't get them
    access how;
};

struct http_answer {
    std::uint64_t tag = 0;
    problem wrong;      ///< why there is no answer that can be used
    answer_facts facts; ///< the status is 200, 226 or 304 if nothing is wrong
    std::string content_type;
    std::string content_encoding;
    std::string body;           ///< as it was sent: still encoded
    bool no_name = false;       ///< nobody could tell the address of its host
    bool no_connection = false; ///< its host was not to be reached
    std::size_t held = 0;       ///< bytes of the client's memory that it takes: see `http_client::release`
};

/// Asks many servers at once, politely and warily: http and https only, public addresses only (checked on each socket
/// that is about to connect, at every redirect), no cookies, no proxy from the environment, limits on everything.
///
///     http_client client({});
///     client.start({.url = "https://example.org/feed"});
///     for (const http_answer& answer : client.wait(1s)) …
///
/// Bodies are handed over encoded: decompression happens where the parser is, so that bombs burst there.
/// Thread safety: one thread uses it; `wake` and `release` may be called from any.
class http_client {
public:
    explicit http_client(const http_options& options);
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    /// Begins to ask. The answer, whatever it is, comes from a later `wait`.
    void start(http_request request);

    /// Moves all transfers on; returns answers as soon as there are any, or nothing after `patience` or a `wake`.
    [[nodiscard]] std::vector<http_answer> wait(std::chrono::milliseconds patience);

    /// The body of an answer has been handed over: others may have its `held` bytes. From any thread.
    void release(std::uint64_t tag, std::size_t held);

    /// Ends the `wait` under way, or the next one.
    void wake();

    /// Requests without an answer so far.
    [[nodiscard]] std::size_t running() const noexcept;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace rssmania
