#include "hooks/hook_stage.hpp"

#include "announce/article_json.hpp"
#include "announce/teller.hpp"
#include "announce/told.hpp"
#include "hooks/command.hpp"
#include "hooks/desktop.hpp"
#include "metrics/live_board.hpp"
#include "store/archive.hpp"
#include "store/store.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

namespace rssmania {
namespace {

constexpr std::int64_t events_at_a_time = 100;

class hooks {
public:
    hooks(ruche::stop_token stop, ruche::queue<event_id> told, const hook_options& options) :
        stop_(std::move(stop)), told_(std::move(told)), options_(options), match_(options.match), rules_(options.rules),
        memory_(options.directory, sqlite::access::read_only), shelf_(options.directory),
        done_(options.directory, hooked_file), board_(live_board::join(options.directory))
    {}

    void run()
    {
        // What was printed when the one before us died is in the database, and its number perhaps lost with it.
        handle_up_to(told_position::read(options_.directory));
        while (const auto event = told_.pop(stop_))
            handle_up_to(*event);
        if (!stop_.stop_requested())
            handle_up_to(told_position::read(options_.directory));
    }

private:
    void handle_up_to(event_id last)
    {
        while (done_.last() < last && !stop_.stop_requested()) {
            const std::vector<news> events = memory_.events_after(done_.last(), events_at_a_time);
            if (events.empty())
                break;
            for (const news& event : events) {
                if (event.id > last || stop_.stop_requested())
                    break;
                handle(event);
            }
            if (events.front().id > last)
                break;
        }
        tell_desktop();
        done_.settle();
    }

    void handle(news event)
    {
        const bool is_article = event.kind == news_kind::article || event.kind == news_kind::updated;
        if (is_article) {
            if (auto kept = shelf_.find(event.article_id))
                event.what.content = std::move(kept->what.content);
            if (match_(subject_of(event)) && !run_programs(event))
                return; // a stop: it is done again at the next start
        }
        done_.note(event.id);
    }

    // Whether all ran to their end.
    [[nodiscard]] bool run_programs(const news& event)
    {
        const std::string input = article_as_json(event, true);
        if (options_.notify)
            for_desktop_.push_back(event);
        if (!options_.exec.empty() && !run(options_.exec, input, event))
            return false;
        for (const std::size_t number : rules_.judge(subject_of(event)).runs) {
            if (!run(options_.rules.at(number).run, input, event))
                return false;
        }
        return true;
    }

    [[nodiscard]] bool run(const std::vector<std::string>& words, const std::string& input, const news& event)
    {
        const command_end end = run_command(words, input, options_.patience, stop_);
        if (end.what == command_end::kind::stopped)
            return false;
        board_->hooks_run.fetch_add(1, std::memory_order_relaxed);
        if (end.what != command_end::kind::well) {
            board_->hooks_failed.fetch_add(1, std::memory_order_relaxed);
            complain(tr_fill("the program {} for the article {}: {}", printable(words.front()), event.article_id,
                             words_for(end)));
        }
        return true;
    }

    void tell_desktop()
    {
        for (const std::vector<std::string>& words : notifications(for_desktop_)) {
            const command_end end = run_command(words, {}, options_.patience, stop_);
            if (end.what != command_end::kind::well && end.what != command_end::kind::stopped)
                complain(tr_fill("the desktop can't be told (notify-send): {}", words_for(end)));
        }
        for_desktop_.clear();
    }

    void complain(const std::string& text) const
    {
        std::cerr << log_line({.text = text, .stage = "hooks"}, options_.log) << std::flush;
    }

    ruche::stop_token stop_;
    ruche::queue<event_id> told_;
    const hook_options& options_;
    article_match match_;
    rule_book rules_;
    store memory_;
    archive shelf_;
    told_position done_;
    live_board board_;
    std::vector<news> for_desktop_;
};

} // namespace

bool hook_options::any() const
{
    return notify || !exec.empty() ||
           std::any_of(rules.begin(), rules.end(), [](const rule& each) { return !each.run.empty(); });
}

void prepare_hooks(const hook_options& options, event_id told)
{
    const auto file = std::filesystem::path(options.directory) / hooked_file;
    if (!options.any()) {
        std::filesystem::remove(file);
        return;
    }
    const bool begins = !std::filesystem::exists(file);
    told_position done(options.directory, hooked_file);
    // A number beyond what was ever told belongs to a database that is no longer there.
    if (begins || done.last() > told)
        done.note(told);
    done.settle();
}

void hook_stage(ruche::stop_token stop, ruche::queue<event_id> told, hook_options options)
{
    hooks(std::move(stop), std::move(told), options).run();
}

} // namespace rssmania
