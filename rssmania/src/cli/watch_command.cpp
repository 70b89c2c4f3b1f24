#include "cli/commands.hpp"
#include "cli/feed_words.hpp"
#include "cli/telling_options.hpp"
#include "text/translate.hpp"
#include "watch/round_progress.hpp"
#include "watch/watch.hpp"

#include <ruche/stop.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <optional>
#include <unistd.h>

namespace rssmania::cli {
namespace {

struct watch_words : words_of_telling {
    std::vector<std::string> sources;
    std::optional<std::chrono::milliseconds> every;
    bool once = false;
};

int run_watch(const watch_words& words)
{
    const ruche::stop_token stop = ruche::stop_on_signals();
    watch_options options = options_of(words);
    options.urls = addresses_of(words.sources);
    if (words.every)
        options.settings.every = words.every;
    options.once = words.once;
    (void)watch(options, stop);
    if (stop.stop_requested())
        (words.json ? std::cerr : std::cout) << tr("That was the last of the beans") << std::endl;
    return all_went_well;
}

struct fetch_words : words_of_telling {
    std::vector<std::string> feeds;
    bool all = false;
};

// For people, who else would see nothing where there is nothing new.
void sum_up(const round_result& round, bool due_only)
{
    if (round.asked == 0 && due_only)
        std::cerr << tr("no feed is due; \"fetch --all\" asks all, \"status\" says when each is due") << '\n';
    else
        std::cerr << tr_fill("{} feeds asked, {} new articles told, {} visits failed", round.asked, round.told,
                             round.failed)
                  << '\n';
}

int run_fetch(const fetch_words& words)
{
    const ruche::stop_token stop = ruche::stop_on_signals();
    watch_options options = options_of(words);
    if (options.settings.feeds.empty())
        options.store = existing_store(words.where);
    for (const feed_state& feed : feeds_meant(known_feeds(words.where), words.feeds))
        options.urls.push_back(feed.url);
    options.once = true;
    options.due_only = !words.all && options.urls.empty();
    options.progress = round_progress::can_be_shown();
    const round_result round = watch(options, stop);
    if (::isatty(STDERR_FILENO) != 0 && !stop.stop_requested())
        sum_up(round, options.due_only);
    return all_went_well;
}

} // namespace

void add_fetch(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<fetch_words>();
    CLI::App* command = program.add_subcommand("fetch", tr("Ask once, print what is new, and end"));
    command->add_option("FEED", words->feeds,
                        tr("Ask these, due or not: addresses, numbers or titles, as \"list\" shows them"));
    command->add_flag("--all", words->all, tr("Ask all feeds; only those that are due if not given"));
    add_telling(*command, words);
    command->callback([words, &chosen] { chosen = [words] { return run_fetch(*words); }; });
}

void add_watch(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<watch_words>();
    CLI::App* command = program.add_subcommand("watch", tr("Print what is new in feeds, for ever"));
    command->add_option(
        "SOURCE", words->sources,
        tr("Addresses of feeds, and OPML files that list them; without any, the feeds that were watched "
           "before"));
    add_duration(
        *command, "--every", [words](auto time) { words->every = time; }, std::chrono::milliseconds(100),
        tr("Ask each feed so often (90s, 5m, 1h30m); if not given, as often as it publishes, between 15m and 1d"));
    command->add_flag("--once", words->once, tr("Ask each feed once, print what is new, and end"));
    add_telling(*command, words);
    command->footer(
        tr("News is every article that was not in its feed before, whatever its date; of a feed that is new,\n"
           "the latest ten. What is wrong with a feed is told on standard error when it begins and when\n"
           "it ends. Ctrl+C ends all; the next start goes on from there."));
    command->callback([words, &chosen] { chosen = [words] { return run_watch(*words); }; });
}

} // namespace rssmania::cli
