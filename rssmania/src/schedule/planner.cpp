#include "schedule/planner.hpp"

#include "net/url.hpp"

#include <algorithm>

namespace rssmania {
namespace {

// Limits per host protect other people's servers. This machine's own are asked as fast as they answer.
constexpr int limit_for_this_machine = 8;
constexpr int most_for_this_machine = 64;

constexpr std::chrono::nanoseconds longest_first_round = std::chrono::seconds(3);
constexpr std::chrono::nanoseconds first_round_step = std::chrono::milliseconds(20);

} // namespace

planner::planner(const pace& how, unsigned seed) : how_(how), random_(seed) {}

void planner::add(feed_id feed, const std::string& host, time first, int failures)
{
    const auto [place, is_new] = hosts_.try_emplace(host);
    if (is_new) {
        const bool ours = is_this_machine(host);
        place->second.limit = ours ? limit_for_this_machine : how_.per_host;
        place->second.most = ours ? most_for_this_machine : how_.per_host_most;
    }
    const feed_entry entry{.host = &place->second, .failures = failures, .counted = true};
    if (!feeds_.try_emplace(feed, entry).second)
        return;
    ++unfinished_;
    events_.push({first, feed, nullptr});
}

std::optional<feed_id> planner::take(time now)
{
    give_up_lost(now);
    handle_events(now);
    if (ready_.empty() || taken_ >= how_.most_under_way)
        return std::nullopt;
    const feed_id feed = ready_.front();
    ready_.pop_front();
    feed_entry& entry = feeds_.at(feed);
    std::vector<time>& running = entry.host->running;
    running.erase(std::find(running.begin(), running.end(), entry.since));
    running.push_back(now);
    entry.at = stage::under_way;
    entry.since = now;
    under_way_.push_back({now, feed});
    ++taken_;
    return feed;
}

void planner::handle_events(time now)
{
    while (!events_.empty() && events_.top().when <= now) {
        const event next = events_.top();
        events_.pop();
        host_state* host = next.host;
        if (host) {
            host->check_planned = false;
        } else {
            host = feeds_.at(next.feed).host;
            host->waiting.push_back(next.feed);
        }
        let_in(*host, now);
    }
}

bool planner::has_room(const host_state& host, time now) const
{
    const auto brisk = std::count_if(host.running.begin(), host.running.end(),
                                     [&](time began) { return now - began < how_.slow_after; });
    return brisk < host.limit && std::ssize(host.running) < host.most;
}

void planner::let_in(host_state& host, time now)
{
    while (!host.waiting.empty() && has_room(host, now)) {
        const feed_id feed = host.waiting.front();
        host.waiting.pop_front();
        host.running.push_back(now);
        feeds_.at(feed).at = stage::ready;
        feeds_.at(feed).since = now;
        ready_.push_back(feed);
    }
    if (host.waiting.empty() || host.check_planned || std::ssize(host.running) >= host.most)
        return;
    // The next place is free when the oldest of those that still count has become slow, if nothing ends before.
    const auto counts = [&](time began) { return now - began < how_.slow_after; };
    const auto oldest = std::find_if(host.running.begin(), host.running.end(), counts);
    events_.push({*oldest + how_.slow_after, 0, &host});
    host.check_planned = true;
}

void planner::finished(feed_id feed, bool failed, time now)
{
    const auto found = feeds_.find(feed);
    if (found != feeds_.end() && found->second.at == stage::under_way)
        end_visit(feed, found->second, failed, now);
}

void planner::end_visit(feed_id feed, feed_entry& entry, bool failed, time now)
{
    host_state& host = *entry.host;
    host.running.erase(std::find(host.running.begin(), host.running.end(), entry.since));
    entry.failures = failed ? entry.failures + 1 : 0;
    if (entry.counted) {
        entry.counted = false;
        --unfinished_;
    }
    if (!how_.once)
        events_.push({std::max(now, entry.since + wait_after(entry.failures)), feed, nullptr});
    entry.at = stage::resting;
    --taken_;
    while (!under_way_.empty() && is_over(under_way_.front()))
        under_way_.pop_front();
    let_in(host, now);
}

bool planner::is_over(const visit& which) const
{
    const feed_entry& entry = feeds_.at(which.feed);
    return entry.at != stage::under_way || entry.since != which.began;
}

void planner::give_up_lost(time now)
{
    while (!under_way_.empty() && now - under_way_.front().began >= how_.lost_after) {
        const feed_id feed = under_way_.front().feed;
        end_visit(feed, feeds_.at(feed), true, now); // takes it, and finished ones behind it, off the front
    }
}

std::chrono::nanoseconds planner::wait_after(int failures)
{
    std::chrono::nanoseconds wait = how_.every;
    const auto longest = std::max(how_.longest_wait, how_.every);
    for (int i = 1; i < failures && wait < longest; ++i)
        wait = std::min(wait * 2, longest);
    std::uniform_real_distribution<double> spread(1.0 - how_.jitter, 1.0 + how_.jitter);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(wait * spread(random_));
}

std::optional<planner::time> planner::next_moment() const
{
    const auto given_up = under_way_.empty() ? std::nullopt : std::optional(under_way_.front().began + how_.lost_after);
    if (taken_ >= how_.most_under_way)
        return given_up;
    if (!ready_.empty())
        return time::min();
    if (events_.empty())
        return given_up;
    return given_up ? std::min(*given_up, events_.top().when) : events_.top().when;
}

std::vector<std::chrono::nanoseconds> first_round(std::size_t count, const pace& how)
{
    std::vector<std::chrono::nanoseconds> moments(count, std::chrono::nanoseconds(0));
    if (how.once || count < 2)
        return moments;
    const auto whole = std::min({longest_first_round, how.every, first_round_step * static_cast<std::int64_t>(count)});
    for (std::size_t i = 0; i < count; ++i)
        moments[i] = whole * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(count);
    return moments;
}

} // namespace rssmania
