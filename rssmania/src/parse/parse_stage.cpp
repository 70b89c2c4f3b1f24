#include "parse/parse_stage.hpp"

#include "parse/read_feed.hpp"

#include <ruche/error.hpp>

#include <cerrno>
#include <chrono>
#include <sys/time.h>

namespace rssmania {
namespace {

constexpr std::chrono::seconds most_processor_time{10};

// While it lives, the process may use so much processor time and is killed by SIGPROF after that: whatever a document
// does to the parser, it ends. The lease then goes back, as from any death.
class processor_limit {
public:
    explicit processor_limit(std::chrono::seconds time) { set(time); }
    ~processor_limit() { set(std::chrono::seconds(0)); }
    processor_limit(const processor_limit&) = delete;
    processor_limit& operator=(const processor_limit&) = delete;

private:
    static void set(std::chrono::seconds time)
    {
        const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = time.count(), .tv_usec = 0}};
        ::setitimer(ITIMER_PROF, &timer, nullptr); // fails for bad pointers and absurd times only
    }
};

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
