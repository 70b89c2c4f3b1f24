#pragma once

#include "pipeline/messages.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rssmania {

/// How often feeds are asked, and how considerately.
struct pace {
    std::chrono::nanoseconds every = std::chrono::minutes(5);
    double jitter = 0.1; ///< each wait differs from `every` by up to this part of it, so that feeds drift apart
    std::chrono::nanoseconds longest_wait =
        std::chrono::hours(1); ///< between attempts at a feed that fails, or `every`
    bool once = false;         ///< one round, then nothing is due any more

    int per_host = 1;      ///< requests to one host at a time
    int per_host_most = 4; ///< the same, counting those that have lasted longer than `slow_after`
    std::chrono::nanoseconds slow_after = std::chrono::seconds(1);

    std::size_t most_under_way = 128; ///< feeds taken and not finished, of all hosts together

    std::chrono::nanoseconds lost_after = std::chrono::minutes(10); ///< a visit without outcome is given up
};

/// Knows when each feed is to be asked next.
///
///     planner plan({.every = 5min});
///     plan.add(feed, "example.org:443", now);
///     while (auto feed = plan.take(now)) …                // ask it
///     plan.finished(feed, false, now);                    // and in five minutes or so it is due again
///
/// One host is asked one thing at a time; a request that hangs stops counting after a second, so that a slow feed holds
/// up neither its neighbours nor, with a limit of its own, is the host ever asked by more than a few connections. A
/// feed that fails is asked less and less often. Time comes in as a parameter: any clock that doesn't go back will do.
///
/// Cost: `take` and `finished` are O(log n) in the number of feeds.
/// Thread safety: none; one thread uses it.
class planner {
public:
    using time = std::chrono::steady_clock::time_point;

    explicit planner(const pace& how, unsigned seed = std::random_device{}());

    /// Takes `feed` in; it is asked at `first`, or as soon after as its host allows.
    void add(feed_id feed, const std::string& host, time first, int failures = 0);

    /// A feed to ask now, if there is one. It is under way until `finished`.
    [[nodiscard]] std::optional<feed_id> take(time now);

    /// `feed` has been asked. One that is not under way (an outcome that comes twice) is left alone.
    void finished(feed_id feed, bool failed, time now);

    /// When `take` may have something new even if nothing finishes; nothing if never.
    [[nodiscard]] std::optional<time> next_moment() const;

    /// With `pace::once`: whether all that were added have been asked.
    [[nodiscard]] bool round_is_over() const noexcept { return unfinished_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return feeds_.size(); }

private:
    struct host_state {
        int limit = 1;
        int most = 1;
        std::vector<time> running;   // when each request under way began, oldest first
        std::deque<feed_id> waiting; // due, in order
        bool check_planned = false;  // an event will look at it again
    };
    enum class stage { resting, ready, under_way };
    struct feed_entry {
        host_state* host = nullptr; // in hosts_, whose nodes stay where they are
        int failures = 0;
        bool counted = false; // among unfinished_
        stage at = stage::resting;
        time since; // when it became ready or was taken: its entry in the host's `running`
    };
    struct event {
        time when;
        feed_id feed = 0;           // due; or
        host_state* host = nullptr; // to be looked at
        friend bool operator>(const event& a, const event& b) noexcept { return a.when > b.when; }
    };
    struct visit {
        time began;
        feed_id feed = 0;
    };

    void handle_events(time now);
    void give_up_lost(time now);
    void let_in(host_state& host, time now);
    [[nodiscard]] bool has_room(const host_state& host, time now) const;
    [[nodiscard]] std::chrono::nanoseconds wait_after(int failures);
    void end_visit(feed_id feed, feed_entry& entry, bool failed, time now);
    [[nodiscard]] bool is_over(const visit& which) const;

    pace how_;
    std::minstd_rand random_;
    std::unordered_map<std::string, host_state> hosts_;
    std::unordered_map<feed_id, feed_entry> feeds_;
    std::priority_queue<event, std::vector<event>, std::greater<>> events_;
    std::deque<visit> under_way_; // oldest first, and that one is not finished: those behind it may be
    std::deque<feed_id> ready_;   // have a place at their host, wait to be taken
    std::size_t unfinished_ = 0;
    std::size_t taken_ = 0; // how many are under way
};

/// When, after `now`, the feeds of a first round begin: `count` moments in order, spread over a few seconds at most.
[[nodiscard]] std::vector<std::chrono::nanoseconds> first_round(std::size_t count, const pace& how);

} // namespace rssmania
