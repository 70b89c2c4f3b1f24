#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "config/paths.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace rssmania::cli {
namespace {

struct words_of_config {
    place where;
    bool example = false;
};

// All there is, with what holds if nothing is said: a file to begin with. Every line is a comment until it is wanted.
constexpr const char* an_example = R"(# What rssmania is to do. Lines that begin with # say what holds without them.

# store = "/home/me/.local/state/rssmania"  # where everything is kept
# every = "1h"                              # ask each feed so often; else as often as it publishes
# proxy = "socks5h://localhost:9050"        # for all feeds
# allow_local = ["nas.local:8080"]          # hosts of feeds that need not be at public addresses
# metrics = "localhost:9464"                # or a file, for Prometheus
# log = "json"                              # what is wrong, as a JSON object a line

[news]
# first_visit = 10          # so many articles of a new feed are told; -1: all
# fold = true               # what another feed had already isn't told again
# updates = true            # articles that have changed are told too
# format = "{published:%H:%M} {feed:20} {title}\n{link}"
# notify = true             # tell the desktop
# exec = ["my-program", "--with", "arguments"]
# exec_time = "10s"         # that it may take

[keep]
# for = "365d"              # articles that are older go, unless they have a star
# articles = 1000           # of each feed
# size = "2GB"              # of the whole store

# [[feed]]
# url = "https://example.org/feed"
# title = "As I call it"
# folder = "news/local"
# every = "30m"             # or least_wait and most_wait, between which it follows the feed
# user = "me"
# password_file = "/home/me/.secrets/example"  # or password_env = "EXAMPLE_PASSWORD"
# proxy = "http://localhost:3128"
# allow_local = "nas.local"
# first_visit = 3
# keep = { for = "30d", articles = 100 }

# [[rule]]
# match = 'title ~ sponsored or author = "A. Wasp"'
# feed = "https://example.org/feed"            # by address or title; else of all feeds
# drop = true               # or read, star
# tag = ["bees"]
# run = ["notify-send", "bees!"]
)";

int run_config(const words_of_config& words)
{
    if (words.example) {
        std::cout << an_example;
        flush_output();
        return all_went_well;
    }
    const configuration set = configuration_of(words.where);
    if (set.file.empty())
        std::cout << tr_fill("there is no {}; \"rssmania config --example\" prints one to begin with",
                             default_configuration().string())
                  << '\n';
    else
        std::cout << tr_fill("{} makes sense: {} feeds, {} rules", set.file.string(), set.feeds.size(),
                             set.rules.size())
                  << '\n';
    std::cout << tr_fill("the store is {}", store_directory(words.where).string()) << '\n';
    flush_output();
    return all_went_well;
}

} // namespace

void add_config(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<words_of_config>();
    CLI::App* command = program.add_subcommand("config", tr("Check the configuration, and say where things are"));
    command->add_flag("--example", words->example, tr("Print a configuration with all settings, to begin with"));
    add_place(*command, words->where);
    command->callback([words, &chosen] { chosen = [words] { return run_config(*words); }; });
}

} // namespace rssmania::cli
