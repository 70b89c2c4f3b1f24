#include "schedule/planner.hpp"

#include "net/url.hpp"

#include <algorithm>
#include <utility>

namespace rssmania {
namespace {

// Limits per site protect other people's servers. This machine's own are asked as fast as they answer.
constexpr int limit_for_this_machine = 8;
constexpr int most_for_this_machine = 64;

} // namespace

planner::planner(const pace& how) : how_(how) {}

void planner::add(feed_id feed, const std::string& site, time first)
{
    const auto [place, is_new] = sites_.try_emplace(site);
    if (is_new) {
        const bool ours = is_this_machine(site);
        place->second.limit = ours ? limit_for_this_machine : how_.per_site;
        place->second.most = ours ? most_for_this_machine : how_.per_site_most;
        place->second.gap = ours ? std::chrono::nanoseconds(0) : how_.site_gap;
    }
    const auto [entry, is_new_feed] = feeds_.try_emplace(feed);
    if (!is_new_feed)
        return;
    entry->second = {.feed = feed, .site = &place->second, .counted = true};
    ++unfinished_;
    events_.push({first, &entry->second, nullptr});
}

std::optional<feed_id> planner::take(time now)
{
    give_up_lost(now);
    handle_events(now);
    if (ready_.empty() || taken_ >= how_.most_under_way || now < next_beginning_)
        return std::nullopt;
    feed_entry& entry = *ready_.front();
    ready_.pop_front();
    std::vector<time>& running = entry.site->running;
    running.erase(std::find(running.begin(), running.end(), entry.since));
    running.push_back(now);
    entry.site->free_at = std::max(entry.site->free_at, now + entry.site->gap);
    --entry.site->ready;
    entry.at = stage::under_way;
    entry.since = now;
    under_way_.push_back({now, entry.feed});
    ++taken_;
    // What waited for its moment is not behind: the gaps count from now.
    next_beginning_ = std::max(next_beginning_, now) + spread();
    let_in(*entry.site, now);
    return entry.feed;
}

std::chrono::nanoseconds planner::spread() const
{
    if (how_.once)
        return std::chrono::nanoseconds(0);
    return std::min(how_.spread_gap, how_.longest_spread / static_cast<std::int64_t>(feeds_.size()));
}

void planner::handle_events(time now)
{
    while (!events_.empty() && events_.top().when <= now) {
        const event next = events_.top();
        events_.pop();
        site_state& site = next.site ? *next.site : *next.feed->site;
        if (next.site) {
            site.check_planned = false;
        } else {
            next.feed->at = stage::waiting;
            (site.first_waiting ? site.last_waiting->next_waiting : site.first_waiting) = next.feed;
            site.last_waiting = next.feed;
        }
        let_in(site, now);
    }
}

bool planner::has_room(const site_state& site, time now) const
{
    const auto brisk = std::count_if(site.running.begin(), site.running.end(),
                                     [&](time began) { return now - began < how_.slow_after; });
    // A gap counts from when something is really begun.
    return (site.gap.count() == 0 || site.ready == 0) && now >= site.free_at && brisk < site.limit &&
           std::ssize(site.running) < site.most;
}

void planner::let_in(site_state& site, time now)
{
    while (site.first_waiting && has_room(site, now)) {
        feed_entry& entry = *std::exchange(site.first_waiting, site.first_waiting->next_waiting);
        entry.next_waiting = nullptr;
        entry.at = stage::ready;
        entry.since = now;
        site.running.push_back(now);
        ++site.ready;
        ready_.push_back(&entry);
    }
    if (!site.first_waiting || site.check_planned || std::ssize(site.running) >= site.most ||
        (site.gap.count() > 0 && site.ready > 0))
        return;
    events_.push({next_place(site, now), nullptr, &site});
    site.check_planned = true;
}

// When there is a place for another if nothing ends before: when the gap is over, and the oldest of those that still
// count as brisk has become slow.
planner::time planner::next_place(const site_state& site, time now) const
{
    const auto is_brisk = [&](time began) { return now - began < how_.slow_after; };
    const auto brisk = std::count_if(site.running.begin(), site.running.end(), is_brisk);
    if (brisk < site.limit)
        return site.free_at;
    return std::max(site.free_at, *std::find_if(site.running.begin(), site.running.end(), is_brisk) + how_.slow_after);
}

void planner::finished(feed_id feed, std::optional<time> next, time now)
{
    const auto found = feeds_.find(feed);
    if (found != feeds_.end() && found->second.at == stage::under_way)
        end_visit(found->second, next, now);
}

void planner::hold_site_of(feed_id feed, time until)
{
    const auto found = feeds_.find(feed);
    if (found != feeds_.end())
        found->second.site->free_at = std::max(found->second.site->free_at, until);
}

void planner::end_visit(feed_entry& entry, std::optional<time> next, time now)
{
    site_state& site = *entry.site;
    site.running.erase(std::find(site.running.begin(), site.running.end(), entry.since));
    if (site.running.empty())
        site.running.shrink_to_fit();
    if (entry.counted) {
        entry.counted = false;
        --unfinished_;
    }
    entry.at = stage::resting;
    if (!how_.once && next)
        events_.push({std::max(now, *next), &entry, nullptr});
    --taken_;
    while (!under_way_.empty() && is_over(under_way_.front()))
        under_way_.pop_front();
    let_in(site, now);
}

bool planner::is_over(const visit& which) const
{
    const feed_entry& entry = feeds_.at(which.feed);
    return entry.at != stage::under_way || entry.since != which.began;
}

void planner::give_up_lost(time now)
{
    while (!under_way_.empty() && now - under_way_.front().began >= how_.lost_after) {
        feed_entry& entry = feeds_.at(under_way_.front().feed);
        end_visit(entry, now, now); // takes it, and finished ones behind it, off the front
    }
}

std::optional<planner::time> planner::next_moment() const
{
    const auto given_up = under_way_.empty() ? std::nullopt : std::optional(under_way_.front().began + how_.lost_after);
    if (taken_ >= how_.most_under_way)
        return given_up;
    if (!ready_.empty())
        return next_beginning_;
    if (events_.empty())
        return given_up;
    return given_up ? std::min(*given_up, events_.top().when) : events_.top().when;
}

} // namespace rssmania
