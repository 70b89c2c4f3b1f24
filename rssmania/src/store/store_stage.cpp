#include "store/store_stage.hpp"

#include "announce/told.hpp"
#include "metrics/live_board.hpp"
#include "supervise/frugal.hpp"
#include "supervise/supervisor.hpp"
#include "text/translate.hpp"

#include <ruche/error.hpp>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace rssmania {
namespace {

// As many as one transaction takes: a commit costs a wait for the disk, however much is in it. No more than a tenth of
// a second's work, since news is told after it.
constexpr std::size_t most_in_a_batch = 64;
constexpr std::int64_t events_at_a_time = 100;
constexpr std::chrono::seconds between_tidyings = std::chrono::minutes(10);

class keeper {
public:
    keeper(ruche::stop_token stop, pipeline_queues queues, const store_options& options) :
        stop_(std::move(stop)), queues_(std::move(queues)), run_(options.run), how_(options.how),
        directory_(options.directory), memory_(options.directory), passed_on_(told_position::read(options.directory)),
        board_(live_board::join(options.directory))
    {
        memory_.follow(options.policy);
        memory_.note_told(told_position::read_least(options.directory));
    }

    void run()
    {
        if (!pass_on_news())
            return;
        while (auto first = next_visit_to_write()) {
            std::vector<ruche::lease<visited>> batch;
            batch.push_back(std::move(*first));
            while (batch.size() < most_in_a_batch) {
                auto another = queues_.visits.try_pop_lease();
                if (!another)
                    break;
                batch.push_back(std::move(*another));
            }
            handle(batch);
        }
    }

private:
    // Nothing at a stop. What was written is indexed when nothing has come for a while, so that no round waits for it;
    // where something always comes, a little now and then all the same.
    std::optional<ruche::lease<visited>> next_visit_to_write()
    {
        while (!stop_.stop_requested()) {
            if (is_indexed_ || std::chrono::steady_clock::now() - indexed_at_ < index_at_least_every) {
                auto first = is_indexed_ ? queues_.visits.pop_lease(stop_) : queues_.visits.pop_lease_for(quiet, stop_);
                if (first || is_indexed_)
                    return first;
            }
            is_indexed_ = !(index_some() || tidied_some());
            indexed_at_ = std::chrono::steady_clock::now();
        }
        return std::nullopt;
    }

    // Lets old articles go, now and then, a few at a time. Whether there may be more.
    bool tidied_some()
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        if (now < tidy_again_)
            return false;
        const event_id told = told_position::read_least(directory_);
        memory_.note_told(told);
        const bool more = let_go_some(told, now);
        if (!more)
            tidy_again_ = now + between_tidyings;
        return more;
    }

    // To let go takes room too, for a moment.
    bool let_go_some(event_id told, unix_time now)
    {
        try {
            return memory_.let_go_some(told, now);
        } catch (const sqlite::error& why) {
            if (!why.is_full_disk())
                throw;
            return false;
        }
    }

    // The index may wait for better days.
    bool index_some()
    {
        try {
            return memory_.index_some();
        } catch (const sqlite::error& why) {
            if (!why.is_full_disk())
                throw;
            return false;
        }
    }

    void handle(std::vector<ruche::lease<visited>>& batch)
    {
        std::vector<visited> visits;
        for (ruche::lease<visited>& each : batch) {
            const bool poison = each.deliveries() > most_deaths_in_company;
            visits.push_back(poison ? killed_its_stage(each.value().feed, "store") : std::move(each.value()));
        }
        for (const visited& visit : visits)
            board_.count(visit);
        const auto begun = std::chrono::steady_clock::now();
        const auto outcomes = record_when_there_is_room(visits);
        if (!outcomes)
            return;
        const auto took = std::chrono::steady_clock::now() - begun;
        board_->commits.fetch_add(1, std::memory_order_relaxed);
        board_->commit_time.fetch_add(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()),
            std::memory_order_relaxed);
        // News first: when the schedule knows that a round is over, all its news is in the queue. What a stop keeps
        // from being passed on is in the database, and told at the next start.
        if (!pass_on_news())
            return;
        for (const outcome& result : *outcomes) {
            if (!queues_.outcomes.push(result, stop_))
                return;
        }
        for (ruche::lease<visited>& each : batch)
            each.done();
        is_indexed_ = false;
    }

    // A full disk is no reason to lose anything: what comes waits in its queue, and its stages wait with it. Nothing at
    // a stop.
    std::optional<std::vector<outcome>> record_when_there_is_room(const std::vector<visited>& visits)
    {
        for (bool told = false; !stop_.stop_requested();) {
            try {
                return memory_.record(visits, run_,
                                      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
                                      how_);
            } catch (const sqlite::error& why) {
                if (!why.is_full_disk())
                    throw;
                if (!std::exchange(told, true))
                    report_on_standard_error(tr_fill("the store can't be written, and waits for room: {}", why.what()));
                (void)never_.pop_for(look_for_room_every, stop_);
            }
        }
        return std::nullopt;
    }

    // Whether all went out; not if a stop came first.
    bool pass_on_news()
    {
        for (;;) {
            const std::vector<news> events = memory_.events_after(passed_on_, events_at_a_time);
            for (const news& event : events) {
                if (!queues_.events.push(event, stop_))
                    return false;
                passed_on_ = event.id;
                count(event);
            }
            if (events.size() < static_cast<std::size_t>(events_at_a_time))
                return true;
        }
    }

    void count(const news& event) const
    {
        if (event.kind == news_kind::article)
            board_->articles.fetch_add(1, std::memory_order_relaxed);
        else if (event.kind == news_kind::updated)
            board_->updates.fetch_add(1, std::memory_order_relaxed);
    }

    static constexpr std::chrono::seconds look_for_room_every{2};
    static constexpr std::chrono::milliseconds quiet{100};
    static constexpr std::chrono::seconds index_at_least_every{2};

    ruche::queue<int> never_{{.bytes = 4096, .large_bytes = 4096}}; // to wait for a time or a stop
    ruche::stop_token stop_;
    pipeline_queues queues_;
    run_id run_;
    manners how_;
    std::string directory_;
    store memory_;
    unix_time tidy_again_{};
    event_id passed_on_;
    live_board board_;
    bool is_indexed_ = false; // all that was written
    std::chrono::steady_clock::time_point indexed_at_ = std::chrono::steady_clock::now();
};

} // namespace

void store_stage(ruche::stop_token stop, pipeline_queues queues, store_options options)
{
    try {
        give_memory_back_early();
        keeper(std::move(stop), std::move(queues), options).run();
    } catch (const ruche::queue_closed&) {
        // A store that was started anew passes on news that main knows already; main may be through, and listen no
        // more.
        return;
    }
}

} // namespace rssmania
