#pragma once

#include <string>

namespace rssmania {

/// What can be wrong with a visit to a feed. The kind is what programs look at; the words for people are chosen where
/// they are printed, in the user's language.
enum class problem_kind {
    none,
    bad_address,       ///< not an http(s) address we would ask; detail: why
    unreachable,       ///< no answer: name, route, connection, TLS; detail: curl's words
    refused_address,   ///< the name led to a non-public address; detail: the address
    no_first_byte,     ///< connected, then silence; detail: seconds
    too_slow,          ///< did not finish in time; detail: seconds
    too_large,         ///< more bytes than we take; detail: the limit
    headers_too_large, ///< more header lines than we take
    too_many_hops,     ///< more redirects than we follow; detail: the limit
    redirect_circle,   ///< redirects that come back; detail: the address
    redirect_refused,  ///< a redirect to where we don't go; detail: the address
    truncated,         ///< the connection ended before the body did
    http_status,       ///< the server said no; detail: the status
    bad_encoding,      ///< Content-Encoding that can't be undone; detail: why
    bomb,              ///< decompresses to more than we take
    not_a_feed,        ///< read whole, but it is no feed; detail: what it is
    damaged,           ///< a feed, read as far as it goes; detail: what is wrong with it
    stage_died,        ///< a process died of it repeatedly; detail: the stage, and how
    offline,           ///< this machine has no network at the moment: no fault of the feed
    too_hard,          ///< to read it took more time or memory than we give; detail: which
};

struct problem {
    problem_kind kind = problem_kind::none;
    std::string detail;

    [[nodiscard]] explicit operator bool() const noexcept { return kind != problem_kind::none; }
    friend bool operator==(const problem&, const problem&) = default;
};

} // namespace rssmania
