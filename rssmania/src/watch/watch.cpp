#include "watch/watch.hpp"

#include "announce/teller.hpp"
#include "config/paths.hpp"
#include "confine/walls.hpp"
#include "fetch/fetch_stage.hpp"
#include "parse/parse_stage.hpp"
#include "schedule/schedule_stage.hpp"
#include "store/store_lock.hpp"
#include "store/store_stage.hpp"
#include "supervise/supervisor.hpp"
#include "text/translate.hpp"

#include <ruche/process.hpp>

#include <algorithm>
#include <stdexcept>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

store_lock lock_or_throw(const std::filesystem::path& directory)
{
    if (auto lock = store_lock::try_take(directory))
        return std::move(*lock);
    throw std::runtime_error(
        tr_fill("another rssmania works on the store {}; use --store for a second one", directory.string()));
}

// Different for each start of the watcher.
run_id new_run()
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Before there is any other process: adds new feeds to the store, and finds out which to watch: none means all.
std::vector<feed_id> feeds_to_watch(store& memory, const std::vector<std::string>& urls)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    std::vector<feed_id> feeds = urls.empty() ? std::vector<feed_id>() : memory.subscribe(urls, now);
    if (!memory.has_feeds())
        throw std::runtime_error(tr("no feeds to watch: name addresses of feeds or OPML files"));
    return feeds;
}

// A round ends before its store had a quiet moment: what is told already can be found by its words, as far as that
// takes no time. The next round, or a watcher, does the rest.
void index_for_a_moment(const std::filesystem::path& directory)
{
    constexpr std::chrono::milliseconds a_moment{100};
    const auto end = std::chrono::steady_clock::now() + a_moment;
    store memory(directory);
    while (memory.index_some() && std::chrono::steady_clock::now() < end)
        continue;
}

void start_stages(supervisor& stages, const pipeline_queues& queues, const watch_options& options,
                  std::vector<feed_id> feeds, ruche::sandbox::layers parsers_lack)
{
    const run_id run = new_run();
    const std::string directory = options.store.string();

    stages.keep("store", store_stage, queues, store_options{directory, run, manners{.every = options.every}});
    stages.keep("parse", parse_stage, queues, parse_options{.may_lack = parsers_lack});
    const fetch_options fetching{.http = {.limits = {}, .allow_local = options.allow_local}};
    stages.keep("fetch", fetch_stage, queues, fetching);
    const schedule_options scheduling{.directory = directory,
                                      .run = run,
                                      .feeds = std::move(feeds),
                                      .every = options.every,
                                      .due_only = options.due_only,
                                      .how = {.once = options.once}};
    stages.keep("schedule", schedule_stage, queues, scheduling);
}

} // namespace

void watch(const watch_options& options, ruche::stop_token stop)
{
    make_private_directory(options.store);
    const store_lock lock = lock_or_throw(options.store);
    told_position told(options.store);
    std::vector<feed_id> feeds;
    {
        store memory(options.store);
        feeds = feeds_to_watch(memory, options.urls);
        if (told.last() > memory.last_event())
            told.note(0); // the note of a database that is no longer there
    }

    const pipeline_queues queues = make_queues();
    std::string given_up;
    // What ends the telling: the schedule returns after its one round, if `once`; or there is no going on.
    const auto finish = [events = queues.events](const std::string&) mutable { events.close(); };
    const auto give_up = [&given_up, events = queues.events](const std::string& name) mutable {
        given_up = name;
        events.close();
    };
    supervisor stages({.report = report_on_standard_error, .finished = finish, .given_up = give_up});
    start_stages(stages, queues, options, std::move(feeds), tell_what_walls_are_missing(report_on_standard_error));
    tell_news(queues.events, told, options.format, stop);
    stages.stop();
    if (options.once && !stop.stop_requested())
        index_for_a_moment(options.store);
    if (!given_up.empty())
        throw std::runtime_error(tr_fill("the stage {} fails again and again", given_up));
}

} // namespace rssmania
