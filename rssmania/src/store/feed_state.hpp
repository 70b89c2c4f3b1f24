#pragma once

#include "guest/moving.hpp"
#include "guest/next_visit.hpp"
#include "pipeline/messages.hpp"
#include "store/feed_settings.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <string>

namespace rssmania {

/// Which start of the watcher something belongs to: different for each.
using run_id = std::int64_t;

/// What the store knows of a feed.
struct feed_state {
    feed_id id = 0;
    std::string url;        ///< where it is asked
    std::string former_url; ///< where it was before it moved; empty if it didn't
    std::string title;
    std::string link;

    validators known;
    std::string known_from; ///< who gave them, if not `url`
    std::string body_hash;
    std::optional<unix_time> whole; ///< when its last whole body came

    std::optional<unix_time> asked;    ///< when it was asked last
    std::optional<unix_time> answered; ///< when it last gave a feed or "unchanged"
    run_id run = 0;                    ///< by which watcher it was asked
    int failures = 0;                  ///< in a row
    std::optional<unix_time> failing_since;
    problem wrong;
    run_id problem_run = 0; ///< which watcher told of it

    std::optional<due_time> due = due_time(); ///< when it is to be asked next; never, if empty
    due_reason why_then = due_reason::first_visit;
    rhythm published;
    publisher_wishes wishes;
    move_sightings move;

    std::string own_title; ///< as the user calls it; empty if as it calls itself
    std::string folder;    ///< names joined by `/`
    feed_settings wanted;  ///< how the user wants it to be asked
};

/// What the schedule wants to know of a feed: of a hundred thousand it has nothing more in memory.
struct feed_due {
    feed_id id = 0;
    std::string url;
    std::optional<due_time> due;
    due_reason why_then = due_reason::first_visit;
    std::optional<unix_time> asked;
    run_id run = 0;
    std::optional<std::chrono::milliseconds> every; ///< as the user set it for this one
};

/// Makes the next request for a feed out of what is known of it.
[[nodiscard]] due request_for(const feed_state& feed);

/// Notes in `feed` how a visit at `now` went, but for what is known only by looking at its articles (`published`) and
/// for when it is due next. Returns whether it is to move to `feed.move.target`.
[[nodiscard]] bool take_note(feed_state& feed, const visited& visit, unix_time now, run_id run);

} // namespace rssmania
