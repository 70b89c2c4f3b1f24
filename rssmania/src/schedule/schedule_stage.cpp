#include "schedule/schedule_stage.hpp"

#include "config/secret.hpp"
#include "net/site.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <unordered_set>

namespace rssmania {
namespace {

class scheduler {
public:
    scheduler(pipeline_queues queues, const schedule_options& options) :
        queues_(std::move(queues)), options_(options), plan_(options.how),
        wanted_(options.feeds.begin(), options.feeds.end()), memory_(options.directory, sqlite::access::read_only)
    {
        take_in_feeds();
    }

    void run(const ruche::stop_token& stop)
    {
        while (!stop.stop_requested()) {
            push_what_is_due(stop);
            if (options_.how.once && plan_.round_is_over())
                return;
            if (const auto result = queues_.outcomes.pop_for(patience(), stop))
                take(*result);
            else if (!options_.how.once)
                take_in_feeds();
        }
    }

private:
    // Takes in the feeds that it doesn't know yet: all at the start, later those that were added meanwhile.
    void take_in_feeds()
    {
        memory_.due_after(last_known_, [this](const feed_due& feed) {
            last_known_ = feed.id;
            if ((!wanted_.empty() && !wanted_.contains(feed.id)) || is_through(feed))
                return;
            const auto due = first_due(feed);
            if (!due)
                return;
            plan_.add(feed.id, site_of(feed.url), planned(*due));
            if (const auto free_at = memory_.site_free_at(feed.url))
                plan_.hold_site_of(feed.id, planned(*free_at));
        });
    }

    // Whether it was asked in this round already, by the schedule before us.
    [[nodiscard]] bool is_through(const feed_due& feed) const { return options_.how.once && feed.run == options_.run; }

    // What is due survives a restart. A round that was asked for, and an interval that was set shorter than the one
    // before, don't wait for it; where others have asked us to wait, they do.
    [[nodiscard]] std::optional<due_time> first_due(const feed_due& feed) const
    {
        const bool ours = feed.why_then == due_reason::set_interval || feed.why_then == due_reason::rhythm ||
                          feed.why_then == due_reason::floor || feed.why_then == due_reason::cap;
        if (options_.how.once) {
            const bool wanted = feed.due && (!options_.due_only || *feed.due <= std::chrono::system_clock::now());
            return wanted ? std::optional(due_time()) : std::nullopt;
        }
        const auto every = feed.every ? feed.every : options_.every;
        if (feed.due && ours && every)
            return std::min(*feed.due, feed.asked.value_or(unix_time()) + *every);
        return feed.due;
    }

    // The moment of our clock that is `due` on the wall's, as far as that can be known now.
    [[nodiscard]] static planner::time planned(due_time due)
    {
        return boot_clock::now() + (due - std::chrono::system_clock::now());
    }

    void push_what_is_due(const ruche::stop_token& stop)
    {
        while (const auto feed = plan_.take(boot_clock::now())) {
            const auto state = memory_.find(*feed);
            if (!state)
                plan_.finished(*feed, std::nullopt, boot_clock::now()); // unsubscribed meanwhile
            else if (!queues_.due_feeds.push(words_for(*state), stop))
                return;
        }
    }

    [[nodiscard]] due words_for(const feed_state& feed) const
    {
        due request = request_for(feed);
        const bool old = options_.whole_after && feed.whole &&
                         std::chrono::system_clock::now() - *feed.whole >= *options_.whole_after;
        if (old)
            request.known = {}; // the hash of its body will tell whether there is anything new
        try {
            request.how.password = read_secret(feed.wanted.password_from);
        } catch (const std::runtime_error& why) {
            // It is asked without, and its server's 401 is told; this is why.
            std::clog << "rssmania: " + without_secrets(feed.url) + ": " + why.what() + '\n';
        }
        return request;
    }

    // How long nothing can become due. Neither a machine that slept nor a feed that was added wakes us, so none is
    // long.
    [[nodiscard]] std::chrono::nanoseconds patience() const
    {
        constexpr std::chrono::nanoseconds long_enough = std::chrono::seconds(5);
        const auto next = plan_.next_moment();
        const auto now = boot_clock::now();
        return !next ? long_enough : *next <= now ? std::chrono::nanoseconds(0) : std::min(*next - now, long_enough);
    }

    void take(const outcome& result)
    {
        if (result.site_free_at)
            plan_.hold_site_of(result.feed, planned(*result.site_free_at));
        if (result.offline)
            plan_.hold_all(boot_clock::now() + look_for_network_every);
        plan_.finished(result.feed, result.due ? std::optional(planned(*result.due)) : std::nullopt, boot_clock::now());
    }

    static constexpr std::chrono::seconds look_for_network_every{15};

    pipeline_queues queues_;
    const schedule_options& options_;
    planner plan_;
    std::unordered_set<feed_id> wanted_; // all, if empty
    feed_id last_known_ = 0;
    store memory_; // read only: another writes it
};

} // namespace

void schedule_stage(ruche::stop_token stop, pipeline_queues queues, schedule_options options)
{
    scheduler(std::move(queues), options).run(stop);
}

} // namespace rssmania
