#include "parse/parse_stage.hpp"

#include "parse/processor_limit.hpp"
#include "parse/read_feed.hpp"

#include <chrono>

namespace rssmania {
namespace {

constexpr std::chrono::seconds most_processor_time{10};

visited read_with_limits(fetched&& answer)
{
    const processor_limit limit(most_processor_time);
    return read_feed(std::move(answer));
}

} // namespace

void parse_stage(ruche::stop_token stop, pipeline_queues queues)
{
    while (auto answer = queues.answers.pop_lease(stop)) {
        const feed_id feed = answer->value().feed;
        const visited visit = answer->deliveries() > most_deaths ? killed_its_stage(feed, "parse")
                                                                 : read_with_limits(std::move(answer->value()));
        if (!queues.visits.push(visit, stop))
            return; // a stop: the answer goes back with its lease
        answer->done();
    }
}

} // namespace rssmania
