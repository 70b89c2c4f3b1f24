#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rssmania {

/// A request as the handler of an `http_server` sees it. Header names are in lower case.
struct seen_request {
    std::string method;
    std::string path;
    std::map<std::string, std::string> headers;

    /// The value of the header `name` (lower case), empty if it is not there.
    [[nodiscard]] std::string header(const std::string& name) const;
};

/// What to answer, and how well or badly.
struct server_reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    std::chrono::milliseconds silence{}; ///< before the first byte
    std::chrono::milliseconds pause{};   ///< between pieces of the body
    std::size_t piece = 64U << 10U;      ///< bytes sent at a time
    std::uint64_t repeat = 1;            ///< how often the body is sent, one behind the other
    std::size_t missing = 0;             ///< announced but never sent: the connection ends before
};

/// A small HTTP server on this machine's loopback address, a thread for each connection: for demonstrations and tests,
/// where a server that is slow or wrong on purpose is what one wants.
///
///     http_server server(0, [](const seen_request&) { return server_reply{.body = "hello"}; });
///     std::cout << server.address("/");                    // http://127.0.0.1:38211/
///
/// The handler is called from many threads at once. The destructor ends all connections, also the slow ones.
/// Throws: `std::runtime_error` if the port is taken.
class http_server {
public:
    using handler = std::function<server_reply(const seen_request&)>;

    /// Serves on `port`, or on a free one if it is 0.
    http_server(std::uint16_t port, handler handle);
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] std::string address(const std::string& path) const;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace rssmania
