#include "fetch/fetch_stage.hpp"

#include "confine/network_only.hpp"
#include "fetch/network_sense.hpp"
#include "store/identity.hpp"
#include "supervise/frugal.hpp"

#include <ruche/semaphore.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unordered_map>

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
            if (taken_.size() == 1) // or else it has been woken, and will find all
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

// Notices that the resolver's file is another one than at the start: the new one lies outside of our walls, so that
// whoever wants to read it has to start anew.
class names_watch {
public:
    [[nodiscard]] bool have_changed() const
    {
        const auto now = file();
        return now && first_ && *now != *first_;
    }

private:
    [[nodiscard]] static std::optional<std::pair<dev_t, ino_t>> file()
    {
        struct stat facts {};
        if (::stat("/etc/resolv.conf", &facts) != 0)
            return std::nullopt;
        return std::pair(facts.st_dev, facts.st_ino);
    }

    std::optional<std::pair<dev_t, ino_t>> first_ = file();
};

// An answer with the lease that is to end when the next stage has it.
struct finished_answer {
    due_lease lease;
    http_answer answer;
    bool offline = false;
};

// Hands answers over to the next stages, in a thread of its own: where those are busy it waits, and the transfers go on
// meanwhile, as far as there is memory for what they bring.
class handover {
public:
    handover(ruche::stop_token stop, pipeline_queues queues, http_client& client, intake& from) :
        stop_(std::move(stop)), queues_(std::move(queues)), client_(client), intake_(from), thread_([this] { run(); })
    {}

    ~handover()
    {
        {
            const std::scoped_lock lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    handover(const handover&) = delete;
    handover& operator=(const handover&) = delete;

    void add(finished_answer next)
    {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(std::move(next));
        changed_.notify_all();
    }

    // What made it end, if not the end.
    [[nodiscard]] std::exception_ptr error() const
    {
        const std::scoped_lock lock(mutex_);
        return error_;
    }

private:
    void run()
    {
        try {
            while (auto next = take())
                hand_over(std::move(*next));
        } catch (...) {
            const std::scoped_lock lock(mutex_);
            error_ = std::current_exception();
            client_.wake();
        }
    }

    std::optional<finished_answer> take()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
        if (ending_)
            return std::nullopt;
        finished_answer next = std::move(waiting_.front());
        waiting_.pop_front();
        return next;
    }

    void hand_over(finished_answer next)
    {
        const std::uint64_t tag = next.answer.tag;
        const std::size_t held = next.answer.held;
        if (!pass_on(next))
            return; // a stop: it goes back with its lease
        next.lease.done();
        client_.release(tag, held);
        intake_.give_room();
    }

    // Whether the next stage has it; it hasn't if a stop came first.
    bool pass_on(finished_answer& next)
    {
        const due& asked = next.lease.value();
        http_answer& answer = next.answer;
        visited visit{.feed = asked.feed, .wrong = std::move(answer.wrong), .facts = answer.facts};
        if (next.offline)
            visit.wrong = {problem_kind::offline, {}};
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

    ruche::stop_token stop_;
    pipeline_queues queues_;
    http_client& client_;
    intake& intake_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<finished_answer> waiting_; // guarded by mutex_
    std::exception_ptr error_;            // guarded by mutex_
    bool ending_ = false;                 // guarded by mutex_
    std::thread thread_;                  // after all that it uses
};

class fetcher {
public:
    fetcher(ruche::stop_token stop, pipeline_queues queues, const fetch_options& options) :
        stop_(std::move(stop)), queues_(std::move(queues)), client_(options.http),
        intake_(queues_.due_feeds, stop_, options.http.at_once, client_), handover_(stop_, queues_, client_, intake_)
    {}

    void run()
    {
        const names_watch names;
        while (!stop_.stop_requested()) {
            for (due_lease& next : intake_.take())
                begin(std::move(next));
            for (http_answer& answer : client_.wait(look_up_every))
                finish(std::move(answer));
            if (const std::exception_ptr error = handover_.error())
                std::rethrow_exception(error);
            if (names.have_changed())
                throw std::runtime_error("the resolver's settings have changed");
        }
    }

private:
    static constexpr std::chrono::seconds look_up_every{10};

    void begin(due_lease next)
    {
        const due& feed = next.value();
        const auto tag = static_cast<std::uint64_t>(feed.feed);
        if (next.deliveries() > most_deaths_in_company) {
            handover_.add({std::move(next), {.tag = tag, .wrong = killed_its_stage(feed.feed, "fetch").wrong}});
        } else if (running_.contains(tag)) {
            next.done(); // a schedule that was started anew asked again: the first request answers both
            intake_.give_room();
        } else {
            client_.start(
                {.tag = tag, .url = feed.url, .known = feed.known, .known_from = feed.known_from, .how = feed.how});
            running_.emplace(tag, std::move(next));
        }
    }

    void finish(http_answer answer)
    {
        const auto found = running_.find(answer.tag);
        const bool offline = sense_.is_offline(answer);
        handover_.add({std::move(found->second), std::move(answer), offline});
        running_.erase(found);
    }

    ruche::stop_token stop_;
    pipeline_queues queues_;
    http_client client_;
    network_sense sense_;
    std::unordered_map<std::uint64_t, due_lease> running_;
    intake intake_;
    handover handover_; // last: it uses the intake
};

} // namespace

void fetch_stage(ruche::stop_token stop, pipeline_queues queues, fetch_options options)
{
    // What is missing was told before the stages were started; here it would be told again after each restart.
    (void)allow_network_only();
    give_memory_back_early();
    fetcher(std::move(stop), std::move(queues), options).run();
}

} // namespace rssmania
