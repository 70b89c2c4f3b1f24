#include "fetch/fetch_stage.hpp"

#include "store/identity.hpp"

#include <ruche/semaphore.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace rssmania {
namespace {

using due_lease = ruche::lease<due>;

// Takes from the queue in a thread of its own, since nobody can wait for a queue and for sockets at once, and wakes the
// client when there is something. Never holds more than `most` feeds, together with those under way.
class intake {
public:
    intake(ruche::queue<due> queue, ruche::stop_token stop, std::size_t most, http_client& client) :
        queue_(std::move(queue)), stop_(std::move(stop)), room_(most), client_(client), thread_([this] { run(); })
    {}

    ~intake()
    {
        ending_ = true;
        room_.release();
        thread_.join();
    }

    intake(const intake&) = delete;
    intake& operator=(const intake&) = delete;

    [[nodiscard]] std::deque<due_lease> take()
    {
        const std::scoped_lock lock(mutex_);
        return std::exchange(taken_, {});
    }

    // One of those taken is finished: another may come.
    void give_room() { room_.release(); }

private:
    void run()
    {
        while (room_.acquire(stop_) && !ending_) {
            auto next = queue_.pop_lease_for(look_up_every, stop_);
            if (!next) {
                give_room();
                continue;
            }
            const std::scoped_lock lock(mutex_);
            taken_.push_back(std::move(*next));
            client_.wake();
        }
        client_.wake(); // so that a stop is noticed at once
    }

    // A wait for the queue ends by an item or a stop, not by our own end, which comes without a stop if something
    // throws.
    static constexpr std::chrono::seconds look_up_every{1};

    ruche::queue<due> queue_;
    ruche::stop_token stop_;
    std::mutex mutex_;
    std::deque<due_lease> taken_; // guarded by mutex_
    // Not a condition variable: a stop must end this wait too, however long the servers take that have the room.
    ruche::counting_semaphore room_;
    std::atomic<bool> ending_ = false; // set before `room_` is released for the last time
    http_client& client_;
    std::thread thread_; // after all that it uses
};

class fetcher {
public:
    fetcher(ruche::stop_token stop, pipeline_queues queues, const fetch_options& options) :
        stop_(std::move(stop)), queues_(std::move(queues)), client_(options.http),
        intake_(queues_.due_feeds, stop_, options.at_once, client_)
    {}

    void run()
    {
        while (!stop_.stop_requested()) {
            for (due_lease& next : intake_.take())
                begin(std::move(next));
            for (http_answer& answer : client_.wait(std::chrono::hours(1)))
                finish(std::move(answer));
        }
    }

private:
    void begin(due_lease next)
    {
        const due& feed = next.value();
        if (next.deliveries() > most_deaths_in_company) {
            if (queues_.visits.push(killed_its_stage(feed.feed, "fetch"), stop_))
                end(next);
        } else if (const auto tag = static_cast<std::uint64_t>(feed.feed); running_.contains(tag)) {
            end(next); // a schedule that was started anew asked again: the first request answers both
        } else {
            client_.start({.tag = tag, .url = feed.url, .known = feed.known, .known_from = feed.known_from});
            running_.emplace(tag, std::move(next));
        }
    }

    void finish(http_answer answer)
    {
        const auto found = running_.find(answer.tag);
        if (pass_on(found->second.value(), std::move(answer))) // or else it goes back with its lease
            end(found->second);
        running_.erase(found);
    }

    // Whether the next stage has it; it hasn't if a stop came first.
    bool pass_on(const due& asked, http_answer answer)
    {
        visited visit{.feed = asked.feed, .wrong = std::move(answer.wrong), .facts = answer.facts};
        if (visit.wrong)
            return queues_.visits.push(visit, stop_);
        if (answer.facts.status == 304) {
            visit.result = visit_result::unchanged;
            return queues_.visits.push(visit, stop_);
        }
        // A part of a feed (226) is no body to compare whole ones with.
        std::string hash = answer.facts.status == 226 ? std::string() : digest_of(answer.body);
        if (!hash.empty() && hash == asked.body_hash) {
            visit.result = visit_result::same_body;
            return queues_.visits.push(visit, stop_);
        }
        return queues_.answers.push({.feed = asked.feed,
                                     .content_type = std::move(answer.content_type),
                                     .content_encoding = std::move(answer.content_encoding),
                                     .body = std::move(answer.body),
                                     .body_hash = std::move(hash),
                                     .facts = std::move(answer.facts)},
                                    stop_);
    }

    void end(due_lease& feed)
    {
        feed.done();
        intake_.give_room();
    }

    ruche::stop_token stop_;
    pipeline_queues queues_;
    http_client client_;
    std::map<std::uint64_t, due_lease> running_;
    intake intake_;
};

} // namespace

void fetch_stage(ruche::stop_token stop, pipeline_queues queues, fetch_options options)
{
    fetcher(std::move(stop), std::move(queues), options).run();
}

} // namespace rssmania
