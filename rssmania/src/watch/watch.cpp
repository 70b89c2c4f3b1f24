#include "watch/watch.hpp"

#include "announce/teller.hpp"
#include "config/paths.hpp"
#include "confine/walls.hpp"
#include "fetch/fetch_stage.hpp"
#include "hooks/hook_stage.hpp"
#include "metrics/live_board.hpp"
#include "metrics/observer.hpp"
#include "parse/parse_stage.hpp"
#include "schedule/schedule_stage.hpp"
#include "service/manager.hpp"
#include "store/archive.hpp"
#include "store/store_lock.hpp"
#include "store/store_stage.hpp"
#include "supervise/supervisor.hpp"
#include "text/translate.hpp"
#include "watch/round_progress.hpp"
#include "watch/set_up.hpp"

#include <ruche/process.hpp>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
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

struct set_up {
    std::vector<feed_id> feeds; // to watch; none means all
    news_policy policy;
};

// Before there is any other process: adds new feeds to the store, writes into it what the configuration says, and finds
// out which to watch.
set_up prepare_store(store& memory, const watch_options& options)
{
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    set_up result;
    if (!options.urls.empty())
        result.feeds = memory.subscribe(options.urls, now);
    result.policy = apply_configuration(memory, options.settings, now);
    if (!memory.has_feeds())
        throw std::runtime_error(tr("no feeds to watch: name addresses of feeds or OPML files"));
    return result;
}

hook_options hooks_of(const watch_options& options)
{
    const configuration& set = options.settings;
    return {.directory = options.store.string(),
            .match = options.match,
            .exec = set.exec,
            .rules = set.rules,
            .patience = set.exec_time,
            .notify = set.notify,
            .log = set.log_as_json ? log_format::json : log_format::text};
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

void start_stages(supervisor& stages, const pipeline_queues& queues, const watch_options& options, const set_up& known,
                  ruche::sandbox::layers parsers_lack)
{
    const run_id run = new_run();
    const std::string directory = options.store.string();
    const auto every = options.settings.every;

    stages.keep("store", store_stage, queues, store_options{directory, run, manners{.every = every}, known.policy});
    stages.keep("parse", parse_stage, queues, parse_options{.may_lack = parsers_lack});
    const fetch_options fetching{.http = {.limits = {}, .allow_local = options.allow_local}};
    stages.keep("fetch", fetch_stage, queues, fetching);
    const schedule_options scheduling{.directory = directory,
                                      .run = run,
                                      .feeds = known.feeds,
                                      .every = every,
                                      .due_only = options.due_only,
                                      .how = {.once = options.once}};
    stages.keep("schedule", schedule_stage, queues, scheduling);
}

// The numbers of what was told, for the hooks. They are told by these numbers that there is something to do; what it is
// they find in the store, so that a number which finds no room is no loss.
class hook_line {
public:
    void start(supervisor& stages, const hook_options& options)
    {
        if (options.any()) {
            told_.emplace();
            stages.keep(name, hook_stage, *told_, options);
        }
    }

    void told(event_id event)
    {
        if (told_)
            (void)told_->try_push(event);
    }

    // Lets the hooks finish what was told.
    void finish(const ruche::stop_token& stop)
    {
        if (!told_)
            return;
        told_->close();
        std::unique_lock lock(mutex_);
        while (!finished_ && !stop.stop_requested())
            changed_.wait_for(lock, 100ms);
    }

    // From the supervisor's thread: they are through, or there is no hope for them.
    void ended()
    {
        const std::scoped_lock lock(mutex_);
        finished_ = true;
        changed_.notify_all();
    }

    static constexpr const char* name = "hooks";

private:
    std::optional<ruche::queue<event_id>> told_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool finished_ = false; // guarded by mutex_
};

telling manner_of_telling(const watch_options& options)
{
    telling how{.look = {.format = options.format,
                         .line = news_template(options.settings.format),
                         .log = options.settings.log_as_json ? log_format::json : log_format::text},
                .match = article_match(options.match)};
    if (!how.look.line.empty() || !how.match.is_empty()) {
        const auto shelf = std::make_shared<archive>(options.store);
        how.complete = [shelf](news& event) {
            if (auto kept = shelf->find(event.article_id))
                event.what.content = std::move(kept->what.content);
        };
    }
    return how;
}

std::uint64_t milliseconds_now()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// While it lives, the service manager knows that we are at work.
class duty {
public:
    explicit duty(std::int64_t feeds) { service::tell_ready(tr_fill("watches {} feeds", feeds)); }
    ~duty() { service::tell_stopping(); }
    duty(const duty&) = delete;
    duty& operator=(const duty&) = delete;
};

// The stages at work, from their start to the end of the telling.
class watcher {
public:
    watcher(const watch_options& options, const set_up& known, told_position& told, live_board board,
            ruche::stop_token stop) :
        options_(options),
        told_(told), board_(std::move(board)), stop_(std::move(stop)),
        stages_({.report = [this](const std::string& line) { report(line); },
                 .finished = [this](const std::string& name) { finished(name); },
                 .given_up = [this](const std::string& name) { give_up(name); }})
    {
        hooks_.start(stages_, hooks_of(options));
        start_stages(stages_, queues_, options, known,
                     tell_what_walls_are_missing([this](const std::string& line) { complain("warning", line); }));
    }

    void run()
    {
        observer eyes(board_, queues_, parse_metrics_target(options_.settings.metrics));
        const duty on_duty(static_cast<std::int64_t>(board_->feeds.load()));
        std::optional<round_progress> bar;
        if (options_.progress)
            bar.emplace(board_);
        telling how = manner_of_telling(options_);
        if (bar)
            how.before = [&bar] { bar->clear(); };
        how.told = [this](const news& event) {
            if (event.kind == news_kind::article || event.kind == news_kind::updated)
                board_->told.fetch_add(1, std::memory_order_relaxed);
            hooks_.told(event.id);
        };
        how.alive = [this] { board_->beat.store(milliseconds_now(), std::memory_order_relaxed); };
        tell_news(queues_.events, told_, how, stop_);
        hooks_.finish(stop_);
        stages_.stop();
        if (options_.once && !stop_.stop_requested())
            index_for_a_moment(options_.store);
        eyes.look();
        board_->process = 0;
        if (!given_up_.empty())
            throw std::runtime_error(tr_fill("the stage {} fails again and again", given_up_));
    }

private:
    void report(const std::string& line)
    {
        board_->restarts.fetch_add(1, std::memory_order_relaxed);
        complain("error", line);
    }

    void complain(const char* level, const std::string& line) const
    {
        const auto format = options_.settings.log_as_json ? log_format::json : log_format::text;
        std::cerr << log_line({.level = level, .text = line}, format) << std::flush;
    }

    // The schedule returns after its one round, if `once`; the hooks when there is nothing more for them.
    void finished(const std::string& name)
    {
        if (name == hook_line::name)
            hooks_.ended();
        else
            queues_.events.close();
    }

    void give_up(const std::string& name)
    {
        given_up_ = name;
        hooks_.ended();
        queues_.events.close();
    }

    const watch_options& options_;
    told_position& told_;
    live_board board_;
    ruche::stop_token stop_;
    pipeline_queues queues_ = make_queues();
    std::string given_up_;
    hook_line hooks_;
    supervisor stages_; // last: it stops before what it tells of its stages goes
};

} // namespace

round_result watch(const watch_options& options, ruche::stop_token stop)
{
    make_private_directory(options.store);
    const store_lock lock = lock_or_throw(options.store);
    told_position told(options.store);
    set_up known;
    const live_board board = live_board::make(options.store);
    {
        store memory(options.store);
        known = prepare_store(memory, options);
        if (told.last() > memory.last_event())
            told.note(0); // the note of a database that is no longer there
        const auto chosen = static_cast<std::int64_t>(known.feeds.size());
        board->feeds = static_cast<std::uint64_t>(options.due_only ? memory.feeds_due(std::chrono::system_clock::now())
                                                  : known.feeds.empty() ? memory.feed_count()
                                                                        : chosen);
    }
    prepare_hooks(hooks_of(options), told.last());
    watcher(options, known, told, board, std::move(stop)).run();
    round_result result{.failed = board->polls.at(static_cast<std::size_t>(visit_result::failed)), .told = board->told};
    for (const auto& each : board->polls)
        result.asked += each;
    return result;
}

} // namespace rssmania
