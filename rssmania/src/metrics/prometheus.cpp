#include "metrics/prometheus.hpp"

#include "announce/log_line.hpp"
#include "version.hpp"

#include <fmt/format.h>

namespace rssmania {
namespace {

std::uint64_t value_of(const live_numbers::number& one) { return one.load(std::memory_order_relaxed); }

class exposition {
public:
    void metric(const char* name, const char* type, const char* help)
    {
        text_ += fmt::format("# HELP rssmania_{0} {2}\n# TYPE rssmania_{0} {1}\n", name, type, help);
    }
    template <class Value>
    void sample(const char* name, const std::string& labels, const Value& value)
    {
        text_ += fmt::format("rssmania_{}{} {}\n", name, labels.empty() ? "" : "{" + labels + "}", value);
    }
    template <class Value>
    void single(const char* name, const char* type, const char* help, const Value& value)
    {
        metric(name, type, help);
        sample(name, {}, value);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

std::string label(const char* name, const std::string& value) { return fmt::format("{}=\"{}\"", name, value); }

double seconds(std::uint64_t milliseconds) { return static_cast<double>(milliseconds) / 1000; }

void add_polls(exposition& to, const live_numbers& from)
{
    to.metric("polls_total", "counter", "Visits to feeds, by how they went.");
    for (std::size_t i = 0; i < outcome_names.size(); ++i)
        to.sample("polls_total", label("outcome", outcome_names.at(i)), value_of(from.polls.at(i)));
    to.metric("problems_total", "counter", "What was wrong with visits.");
    for (std::size_t i = 1; i < from.problems.size(); ++i) {
        if (const auto count = value_of(from.problems.at(i)); count > 0)
            to.sample("problems_total", label("kind", name_of(static_cast<problem_kind>(i))), count);
    }
    to.single("received_bytes_total", "counter", "Bodies of answers, as they were sent.", value_of(from.bytes));
}

void add_latencies(exposition& to, const live_numbers& from)
{
    to.metric("poll_seconds", "histogram", "From the request to the end of the answer.");
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < live_numbers::latency_bounds.size(); ++i) {
        sum += value_of(from.latencies.at(i));
        to.sample("poll_seconds_bucket", label("le", fmt::format("{}", seconds(live_numbers::latency_bounds.at(i)))),
                  sum);
    }
    sum += value_of(from.latencies.back());
    to.sample("poll_seconds_bucket", label("le", "+Inf"), sum);
    to.sample("poll_seconds_sum", {}, seconds(value_of(from.latency_sum)));
    to.sample("poll_seconds_count", {}, sum);
}

void add_news(exposition& to, const live_numbers& from)
{
    to.single("articles_total", "counter", "Articles that were new.", value_of(from.articles));
    to.single("updates_total", "counter", "Articles that were there before and have changed.", value_of(from.updates));
    to.single("told_total", "counter", "Articles that were printed.", value_of(from.told));
    to.single("hooks_total", "counter", "Programs of the user that were run.", value_of(from.hooks_run));
    to.single("hooks_failed_total", "counter", "Those that failed.", value_of(from.hooks_failed));
    to.single("commits_total", "counter", "Transactions of the store.", value_of(from.commits));
    to.single("commit_seconds_total", "counter", "Time that they took.", seconds(value_of(from.commit_time) / 1000));
}

} // namespace

std::string prometheus_text(const live_numbers& numbers)
{
    exposition text;
    text.metric("info", "gauge", "The version of rssmania.");
    text.sample("info", label("version", version), 1);
    text.single("start_time_seconds", "gauge", "When the watcher was started, since 1970.",
                seconds(value_of(numbers.started)));
    text.single("feeds", "gauge", "Feeds that are watched.", value_of(numbers.feeds));
    add_polls(text, numbers);
    add_latencies(text, numbers);
    add_news(text, numbers);
    text.metric("queue_items", "gauge", "Items that wait between two stages.");
    for (std::size_t i = 0; i < queue_names.size(); ++i)
        text.sample("queue_items", label("queue", queue_names.at(i)), value_of(numbers.waiting.at(i)));
    text.single("restarts_total", "counter", "Stages that died and were started again.", value_of(numbers.restarts));
    return text.take();
}

} // namespace rssmania
