#include "cli/commands.hpp"
#include "cli/feed_words.hpp"
#include "cli/options.hpp"
#include "text/translate.hpp"
#include "watch/watch.hpp"

#include <ruche/stop.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <optional>

namespace rssmania::cli {
namespace {

struct watch_words {
    std::vector<std::string> sources;
    std::optional<std::chrono::milliseconds> every;
    std::string store;
    bool once = false;
    bool json = false;
    bool allow_local = false;
};

int run_watch(const watch_words& words)
{
    const ruche::stop_token stop = ruche::stop_on_signals();
    const watch_options options{.urls = addresses_of(words.sources),
                                .store = store_directory(words.store),
                                .every = words.every,
                                .once = words.once,
                                .format = words.json ? news_format::json : news_format::text,
                                .allow_local = words.allow_local};
    watch(options, stop);
    if (stop.stop_requested())
        (words.json ? std::cerr : std::cout) << tr("That was the last of the beans") << std::endl;
    return all_went_well;
}

struct fetch_words {
    std::vector<std::string> feeds;
    std::string store;
    bool all = false;
    bool json = false;
    bool allow_local = false;
};

int run_fetch(const fetch_words& words)
{
    const ruche::stop_token stop = ruche::stop_on_signals();
    std::vector<std::string> urls;
    for (const feed_state& feed : feeds_meant(known_feeds(words.store), words.feeds))
        urls.push_back(feed.url);
    watch({.urls = urls,
           .store = existing_store(words.store),
           .every = {},
           .once = true,
           .due_only = !words.all && urls.empty(),
           .format = words.json ? news_format::json : news_format::text,
           .allow_local = words.allow_local},
          stop);
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
    command->add_flag("--json", words->json, tr("Print one JSON object a line for each article"));
    command->add_flag("--allow-local", words->allow_local,
                      tr("Also ask this machine and private networks; only public addresses otherwise"));
    add_store(*command, words->store);
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
    command->add_flag("--json", words->json, tr("Print one JSON object a line for each article"));
    command->add_flag("--allow-local", words->allow_local,
                      tr("Also ask this machine and private networks; only public addresses otherwise"));
    add_store(*command, words->store);
    command->footer(
        tr("News is every article that was not in its feed before, whatever its date: at the first visit, all\n"
           "that the feed has. What is wrong with a feed is told on standard error when it begins and when\n"
           "it ends. Ctrl+C ends all; the next start goes on from there."));
    command->callback([words, &chosen] { chosen = [words] { return run_watch(*words); }; });
}

} // namespace rssmania::cli
