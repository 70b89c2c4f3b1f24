#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rssmania {

/// How a user wants one feed to be asked, where that differs from all others. What is not set, or empty, is as for all.
struct feed_settings {
    std::optional<std::chrono::milliseconds> every; ///< a fixed interval
    std::optional<std::chrono::seconds> least_wait; ///< bounds of the interval that follows the feed's rhythm
    std::optional<std::chrono::seconds> most_wait;

    std::string user;          ///< for basic authentication, with the feed's own server only
    std::string password_from; ///< where the password is, never the password itself: `env:NAME`, `file:PATH`
    std::string proxy;         ///< the address of a proxy (`http://…`, `socks5h://…`); none is used if empty
    std::string user_agent;    ///< instead of ours
    std::string
        hosts_allowed; ///< hosts (`nas.local`, `nas.local:8080`), by blanks, that need not be at public addresses

    friend bool operator==(const feed_settings&, const feed_settings&) = default;
};

} // namespace rssmania
