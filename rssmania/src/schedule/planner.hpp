#pragma once

#include "pipeline/messages.hpp"
#include "schedule/boot_clock.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

namespace rssmania {

/// How many requests at once, and how close together.
struct pace {
    bool once = false; ///< one round, then nothing is due any more

    int per_site = 1;      ///< requests to one site at a time
    int per_site_most = 2; ///< the same, counting those that have lasted longer than `slow_after`
    std::chrono::nanoseconds slow_after = std::chrono::seconds(1);
    std::chrono::nanoseconds site_gap = std::chrono::seconds(2); ///< between the beginnings of two requests to a site

    std::size_t most_under_way = 128; ///< feeds taken and not finished, of all sites together

    /// Feeds that are due together, after a start or a night's sleep, are begun one after the other: so far apart, or
    /// closer, so that all of them are begun within `longest_spread`. Not with `once`.
    std::chrono::nanoseconds spread_gap = std::chrono::milliseconds(5);
    std::chrono::nanoseconds longest_spread = std::chrono::minutes(1);

    std::chrono::nanoseconds lost_after =
        std::chrono::minutes(10); ///< a visit without outcome is given up, and repeated
};

/// Knows when each feed is to be asked next, and asks no site too much.
///
///     planner plan({});
///     plan.add(feed, "example.org", now);
///     while (auto feed = plan.take(now)) …                // ask it
///     plan.finished(feed, now + 1h, now);                 // and then it is due again
///
/// A site (see `site_of`) is asked one thing at a time, with a gap in between; a request that hangs stops counting
/// after a second, so that a slow feed doesn't hold up its neighbours, while a limit of its own keeps the site from
/// ever having more than a few connections. Time comes in as a parameter: any clock that doesn't go back will do.
///
/// Cost: `take` and `finished` are O(log n) in the number of feeds; a resting feed takes about a hundred bytes.
/// Thread safety: none; one thread uses it.
class planner {
public:
    using time = boot_clock::time_point;

    explicit planner(const pace& how);

    /// Takes `feed` in; it is asked at `first`, or as soon after as its site allows. One that is there is left alone.
    void add(feed_id feed, const std::string& site, time first);

    /// A feed to ask now, if there is one. It is under way until `finished`.
    [[nodiscard]] std::optional<feed_id> take(time now);

    /// `feed` has been asked, and is due again at `next`, or never. One that is not under way (an outcome that comes
    /// twice) is left alone.
    void finished(feed_id feed, std::optional<time> next, time now);

    /// Nothing of the site of `feed` is begun before `until`.
    void hold_site_of(feed_id feed, time until);

    /// Nothing at all is begun before `until`.
    void hold_all(time until) { next_beginning_ = std::max(next_beginning_, until); }

    /// When `take` may have something new even if nothing finishes; nothing if never.
    [[nodiscard]] std::optional<time> next_moment() const;

    /// With `pace::once`: whether all that were added have been asked.
    [[nodiscard]] bool round_is_over() const noexcept { return unfinished_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return feeds_.size(); }

private:
    struct feed_entry;
    struct site_state {
        int limit = 1;
        int most = 1;
        int ready = 0; // its feeds that wait to be taken
        std::chrono::nanoseconds gap{};
        time free_at = time::min(); // nothing is begun before
        std::vector<time> running;  // when each request under way began, oldest first
        // Those due, in order: a list through the entries, since nearly all sites have none.
        feed_entry* first_waiting = nullptr;
        feed_entry* last_waiting = nullptr;
        bool check_planned = false; // an event will look at it again
    };
    enum class stage : unsigned char { resting, waiting, ready, under_way };
    struct feed_entry {
        feed_id feed = 0;
        site_state* site = nullptr;         // in sites_, whose nodes stay where they are
        feed_entry* next_waiting = nullptr; // in feeds_, likewise
        time since;                         // when it became ready or was taken: its entry in the site's `running`
        stage at = stage::resting;
        bool counted = false; // among unfinished_
    };
    struct event {
        time when;
        feed_entry* feed = nullptr; // due; or
        site_state* site = nullptr; // to be looked at
        friend bool operator>(const event& a, const event& b) noexcept { return a.when > b.when; }
    };
    struct visit {
        time began;
        feed_id feed = 0;
    };

    void handle_events(time now);
    void give_up_lost(time now);
    void let_in(site_state& site, time now);
    [[nodiscard]] bool has_room(const site_state& site, time now) const;
    [[nodiscard]] time next_place(const site_state& site, time now) const;
    void end_visit(feed_entry& entry, std::optional<time> next, time now);
    [[nodiscard]] bool is_over(const visit& which) const;
    [[nodiscard]] std::chrono::nanoseconds spread() const;

    pace how_;
    std::unordered_map<std::string, site_state> sites_;
    std::unordered_map<feed_id, feed_entry> feeds_;
    std::priority_queue<event, std::vector<event>, std::greater<>> events_;
    std::deque<visit> under_way_;   // oldest first, and that one is not finished: those behind it may be
    std::deque<feed_entry*> ready_; // have a place at their site, wait to be taken
    std::size_t unfinished_ = 0;
    std::size_t taken_ = 0;             // how many are under way
    time next_beginning_ = time::min(); // of any feed: what the spread leaves between two
};

} // namespace rssmania
