#pragma once

#include "pipeline/messages.hpp"
#include "pipeline/wishes.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rssmania {

/// The header fields of an answer that say when to come back, as they were sent; empty where one is missing.
struct timing_headers {
    std::string cache_control;
    std::string expires;
    std::string date;
    std::string age;
    std::string retry_after;
};

/// Reads the wishes off the headers of an answer that arrived at `now`.
///
/// Freshness is that of a private cache (RFC 9111, 4.2): `max-age`, or else `Expires` minus `Date`; less the age that
/// the answer already has (`Age`). `no-cache`, `no-store` and an `Expires` in the past mean "ask before you use it
/// again", which for a feed is no wish at all: absent, never "at once". `s-maxage` is for shared caches and not for us.
///
/// `Retry-After` (RFC 9110, 10.2.3) is a number of seconds or a date, which counts from the server's own `Date`, so
/// that two clocks that differ do no harm. What can't be read is no wish. Nothing here is bounded: see `next_visit`.
[[nodiscard]] server_wishes wishes_in(const timing_headers& headers, unix_time now);

/// The value of `directive` in a `Cache-Control` header: a number of seconds, quoted or not. Of several, the first (RFC
/// 9111, 4.2.1). Empty if it is not there or no number; a number beyond 2^31 counts as 2^31 (RFC 9111, 1.2.2).
[[nodiscard]] std::optional<std::chrono::seconds> seconds_of(std::string_view cache_control,
                                                             std::string_view directive);

/// A date as HTTP writes it (RFC 9110, 5.6.7), in any of the forms that servers have used.
[[nodiscard]] std::optional<unix_time> parse_http_date(const std::string& text);

} // namespace rssmania
