#pragma once

#include "guest/freshness.hpp"
#include "guest/rhythm.hpp"
#include "pipeline/messages.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace rssmania {

/// How considerate to be. What is not set otherwise is what the web expects of a good guest.
struct manners {
    std::optional<std::chrono::milliseconds> every;        ///< a fixed interval, as a user set it; no floor holds then
    std::chrono::seconds floor = std::chrono::minutes(15); ///< at least so long between visits
    std::chrono::seconds cautious_floor = std::chrono::hours(1); ///< the same, of feeds not known to be that lively
    std::chrono::seconds cap = std::chrono::hours(24);           ///< at most, also if the publisher wishes more
    double jitter = 0.1; ///< each wait differs by up to this part of it, so that feeds drift apart

    std::chrono::seconds first_retry = std::chrono::hours(1); ///< after an error; twice as long after each further one
    std::chrono::seconds last_retry = std::chrono::hours(72);
    std::chrono::seconds dead_after = std::chrono::hours(24 * 30); ///< of failure, then only `dead_retry`
    std::chrono::seconds dead_retry = std::chrono::hours(24 * 7);
    std::chrono::seconds gone_retry = std::chrono::hours(24 * 30); ///< a look at a feed that said 410

    std::chrono::seconds offline_retry = std::chrono::minutes(1); ///< while there is no network here

    std::chrono::seconds busy_retry =
        std::chrono::minutes(15); ///< after 429 and 503 that don't say; then twice as long
};

/// Why a feed is due when it is: for `status`, and for those who wonder.
enum class due_reason {
    first_visit,
    set_interval,  ///< `every`
    rhythm,        ///< as often as it publishes
    floor,         ///< it publishes more often, or nobody knows yet
    cap,           ///< it publishes or wishes to be asked less often
    fresh,         ///< the server said how long its answer is good (max-age, Expires)
    publisher,     ///< the feed says how often to ask (ttl, sy:updatePeriod)
    skipped_hours, ///< the feed says when not to ask (skipHours, skipDays)
    busy,          ///< the server asked to be left alone (429, 503, Retry-After)
    failing,       ///< errors in a row
    dead,          ///< errors for weeks
    gone,          ///< it said that it is gone for good (410)
    locked,        ///< it wants credentials (401): not asked again until somebody acts
    offline        ///< there was no network here
};

/// What is remembered of a feed to plan by.
struct visit_memory {
    int failures = 0;                       ///< in a row, the visit just done included
    std::optional<unix_time> failing_since; ///< the first of them
    int busy_answers = 0;                   ///< 429 or 503 in a row from its host, this one included
    rhythm published;
    publisher_wishes wishes; ///< of the last document that was read
};

struct planned_visit {
    std::optional<due_time> when; ///< never, if empty
    due_reason why = due_reason::first_visit;
    std::optional<due_time> site_free_at; ///< nobody asks its site before that

    friend bool operator==(const planned_visit&, const planned_visit&) = default;
};

/// When to ask a feed again whose visit at `now` went as `visit` says.
///
/// The interval is the user's, or follows the feed's rhythm between floor and cap. What server and publisher wish makes
/// it longer, never shorter: `max-age` and `Expires`, `ttl`, `sy:*`, capped at a day since longer ones are mistakes;
/// then hours and days to be skipped. Errors back off exponentially. Nothing is due on a full minute, when everybody's
/// clocks strike. `chance` is where the jitter comes from.
[[nodiscard]] planned_visit next_visit(const visit_memory& memory, const visited& visit, const manners& how,
                                       due_time now, std::minstd_rand& chance);

} // namespace rssmania
