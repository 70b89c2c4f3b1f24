#include "schedule/schedule_stage.hpp"

#include "net/url.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace rssmania {
namespace {

using clock = std::chrono::steady_clock;

class scheduler {
public:
    scheduler(pipeline_queues queues, const schedule_options& options) :
        queues_(std::move(queues)), options_(options), plan_(options.how)
    {
        take_over_from_the_store();
    }

    void run(const ruche::stop_token& stop)
    {
        while (!stop.stop_requested()) {
            push_what_is_due(stop);
            if (options_.how.once && plan_.round_is_over())
                return;
            if (const auto result = queues_.outcomes.pop_for(patience(), stop))
                take(*result);
        }
    }

private:
    void take_over_from_the_store()
    {
        store memory(options_.directory, sqlite::access::read_only);
        const std::unordered_set<feed_id> wanted(options_.feeds.begin(), options_.feeds.end());
        std::vector<feed_state> fresh;
        for (feed_state& feed : memory.feeds()) {
            if (!wanted.contains(feed.id))
                continue;
            if (feed.run != options_.run)
                fresh.push_back(std::move(feed));
            else if (!options_.how.once) // asked in this run, by the schedule before us
                add(feed, std::max(std::chrono::nanoseconds(0), options_.how.every - age_of(feed)));
        }
        const auto moments = first_round(fresh.size(), options_.how);
        for (std::size_t i = 0; i < fresh.size(); ++i)
            add(fresh[i], moments[i]);
    }

    [[nodiscard]] static std::chrono::nanoseconds age_of(const feed_state& feed)
    {
        const auto now = std::chrono::system_clock::now();
        return std::max<std::chrono::nanoseconds>(now - feed.asked.value_or(unix_time()), std::chrono::nanoseconds(0));
    }

    void add(const feed_state& feed, std::chrono::nanoseconds wait)
    {
        plan_.add(feed.id, host_of(feed.url), clock::now() + wait, feed.failures);
        requests_[feed.id] = {feed.id, feed.url, feed.known, feed.body_hash};
    }

    void push_what_is_due(const ruche::stop_token& stop)
    {
        while (const auto feed = plan_.take(clock::now())) {
            if (!queues_.due_feeds.push(requests_.at(*feed), stop))
                return;
        }
    }

    // How long nothing can become due.
    [[nodiscard]] std::chrono::nanoseconds patience() const
    {
        constexpr std::chrono::nanoseconds long_enough = std::chrono::hours(1);
        const auto next = plan_.next_moment();
        if (!next)
            return long_enough;
        return std::clamp(*next == planner::time::min() ? std::chrono::nanoseconds(0) : *next - clock::now(),
                          std::chrono::nanoseconds(0), long_enough);
    }

    void take(const outcome& result)
    {
        const auto request = requests_.find(result.feed);
        if (request == requests_.end())
            return; // of a feed that another run watched
        request->second.known = result.known;
        request->second.body_hash = result.body_hash;
        plan_.finished(result.feed, result.failed, clock::now());
    }

    pipeline_queues queues_;
    const schedule_options& options_;
    planner plan_;
    std::unordered_map<feed_id, due> requests_; // what to push for each feed
};

} // namespace

void schedule_stage(ruche::stop_token stop, pipeline_queues queues, schedule_options options)
{
    scheduler(std::move(queues), options).run(stop);
}

} // namespace rssmania
