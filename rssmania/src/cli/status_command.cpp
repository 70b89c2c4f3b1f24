#include "announce/words.hpp"
#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "net/url.hpp"
#include "store/store.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <stdexcept>

namespace rssmania::cli {
namespace {

struct status_words {
    std::string store;
    bool json = false;
};

std::vector<feed_state> known_feeds(const std::filesystem::path& directory)
{
    if (!std::filesystem::exists(directory / store::file_name))
        return {}; // nothing was ever watched
    return store(directory, sqlite::access::read_only).feeds();
}

std::string when(std::optional<unix_time> time)
{
    return time ? fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::chrono::system_clock::to_time_t(*time)))
                : tr("never");
}

void print_for_people(const feed_state& feed)
{
    const std::string title = printable(feed.title);
    std::cout << printable_url(without_secrets(feed.url)) << '\n';
    if (!title.empty())
        std::cout << "    " << title << '\n';
    std::cout << "    " << tr_fill("last asked: {}; {}", when(feed.asked), words_for(feed.wrong)) << '\n';
    if (feed.failures > 0)
        std::cout << "    " << tr_fill("failures in a row: {}", feed.failures) << '\n';
}

void print_for_programs(const feed_state& feed)
{
    const nlohmann::ordered_json object{
        {"url", without_secrets(feed.url)},
        {"title", feed.title},
        {"asked", feed.asked ? nlohmann::ordered_json(feed.asked->time_since_epoch().count()) : nullptr},
        {"failures", feed.failures},
        {"problem", feed.wrong ? nlohmann::ordered_json(words_for(feed.wrong)) : nullptr},
    };
    std::cout << object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

int run_status(const status_words& words)
{
    for (const feed_state& feed : known_feeds(store_directory(words.store))) {
        if (words.json)
            print_for_programs(feed);
        else
            print_for_people(feed);
    }
    if (!std::cout.flush())
        throw std::runtime_error(tr("can't write to standard output"));
    return all_went_well;
}

} // namespace

void add_status(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<status_words>();
    CLI::App* command =
        program.add_subcommand("status", tr("Show how each feed fares: when it was asked, what is wrong"));
    command->add_flag("--json", words->json, tr("Print one JSON object a line for each feed"));
    add_store(*command, words->store);
    command->callback([words, &chosen] { chosen = [words] { return run_status(*words); }; });
}

} // namespace rssmania::cli
