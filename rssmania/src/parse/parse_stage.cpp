#include "parse/parse_stage.hpp"

#include "supervise/frugal.hpp"

#include <ruche/error.hpp>
#include <ruche/pool.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rssmania {
namespace {

using answer_lease = ruche::lease<fetched>;

// How many a worker may take with it into its retirement, and how long it may live: what a hostile document may have
// left behind in it is gone then. The limits of a sandbox are those of a life.
constexpr std::uint64_t tasks_of_a_life = 2'000;
constexpr std::chrono::seconds processor_time_of_a_life{60};
constexpr std::chrono::hours longest_life{24};
constexpr std::uint64_t memory_worth_keeping = std::uint64_t{48} << 20U;

std::uint32_t number_of_workers(const parse_options& options)
{
    return options.workers != 0 ? options.workers : std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
}

// Whoever ends all our processes at once, as systemd and terminals do, ends the workers through their keeper.
void settle_in()
{
    std::signal(SIGTERM, SIG_IGN);
    std::signal(SIGINT, SIG_IGN);
    give_memory_back_early();
}

ruche::pool_options words_for_pool(const parse_options& options)
{
    const ruche::sandbox::limits most{
        .memory = options.most_memory, .cpu_time = processor_time_of_a_life, .wall_time = longest_life};
    return {.workers = number_of_workers(options),
            .name = "parse",
            .set_up = settle_in,
            .max_tasks_per_worker = tasks_of_a_life,
            .max_memory_per_worker = memory_worth_keeping,
            .sandbox = ruche::sandbox::compute(most, options.may_lack),
            .quarantine_after = most_deaths};
}

// What a task throws it throws again; only the death of a worker may be another's fault.
bool nothing_thrown(const std::exception_ptr&) { return false; }

class parse_keeper {
public:
    parse_keeper(reading (*read)(untrusted_body), ruche::stop_token stop, pipeline_queues queues,
                 const parse_options& options) :
        read_(read),
        stop_(std::move(stop)), queues_(std::move(queues)), options_(options), workers_(words_for_pool(options))
    {}

    // A thread for each worker: no answer ever waits behind another one, whose time it would lose.
    void run()
    {
        std::vector<std::future<void>> threads;
        for (std::uint32_t i = 0; i < number_of_workers(options_); ++i)
            threads.push_back(std::async(std::launch::async, [this] { serve_or_end_all(); }));
        for (std::future<void>& each : threads)
            each.wait();
        for (std::future<void>& each : threads)
            each.get();
    }

private:
    static constexpr std::size_t very_large = std::size_t{4} << 20U;

    // If one throws, the others end, and then the stage with that.
    void serve_or_end_all()
    {
        const struct ending {
            std::atomic<bool>& flag;
            ~ending() { flag = true; }
        } at_the_end{ended_};
        serve();
    }

    void serve()
    {
        constexpr std::chrono::seconds look_up_every{1};
        while (!ended_ && !stop_.stop_requested()) {
            auto answer = queues_.answers.pop_lease_for(look_up_every, stop_);
            if (!answer)
                continue;
            const std::optional<visited> visit = visit_for(*answer);
            if (!visit || !queues_.visits.push(*visit, stop_))
                return; // a stop: the answer goes back with its lease
            answer->done();
        }
    }

    // Nothing at a stop.
    std::optional<visited> visit_for(answer_lease& answer)
    {
        if (answer.deliveries() > most_deaths_in_company)
            return killed_its_stage(answer.value().feed, "parse");
        // A body is there several times on its way to a worker. Very large ones go one after the other.
        std::unique_lock one_at_a_time(large_, std::defer_lock);
        if (answer.value().body.size() > very_large)
            one_at_a_time.lock();
        auto task = workers_.submit(
            {.deadline = ruche::deadline(options_.most_time), .retry = {.times = most_deaths, .when = nothing_thrown}},
            read_, body_of(answer.value()));
        if (!task.wait(stop_))
            return std::nullopt;
        problem why;
        try {
            return visit_of(std::move(answer.value()), task.get());
        } catch (const std::bad_alloc&) {
            why = {problem_kind::too_hard, "memory"};
        } catch (const ruche::deadline_exceeded&) {
            why = {problem_kind::too_hard, "time"};
        } catch (const ruche::process_died& death) {
            why = {problem_kind::stage_died, "parse: " + death.status().describe()};
        } catch (const ruche::worker_failed&) {
            throw; // there is no parser to be had: nothing about this answer
        } catch (const std::exception& error) {
            why = {problem_kind::stage_died, std::string("parse: ") + error.what()};
        }
        return failed_visit(std::move(answer.value()), std::move(why));
    }

    reading (*read_)(untrusted_body);
    ruche::stop_token stop_;
    pipeline_queues queues_;
    const parse_options& options_;
    ruche::pool workers_;
    std::atomic<bool> ended_ = false;
    std::mutex large_;
};

} // namespace

void parse_by(reading (*read)(untrusted_body), ruche::stop_token stop, pipeline_queues queues,
              const parse_options& options)
{
    parse_keeper(read, std::move(stop), std::move(queues), options).run();
}

void parse_stage(ruche::stop_token stop, pipeline_queues queues, parse_options options)
{
    give_memory_back_early();
    parse_by(read_body, std::move(stop), std::move(queues), options);
}

} // namespace rssmania
