#include "announce/log_line.hpp"
#include "announce/words.hpp"
#include "cli/commands.hpp"
#include "cli/feed_words.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "net/url.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <ruche/stop.hpp>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace rssmania::cli {
namespace {

struct status_words {
    place where;
    std::vector<std::string> feeds;
    bool json = false;
    bool failing = false;
    bool follow = false;
};

// Why a feed is due when it is, for people.
std::string words_for(due_reason why)
{
    switch (why) {
    case due_reason::first_visit:
        return tr("it was never asked");
    case due_reason::set_interval:
        return tr("as often as was set");
    case due_reason::rhythm:
        return tr("as often as it publishes");
    case due_reason::floor:
        return tr("not more often than is polite");
    case due_reason::cap:
        return tr("it publishes rarely");
    case due_reason::fresh:
        return tr("its server says so (max-age, Expires)");
    case due_reason::publisher:
        return tr("the feed says so (ttl, updatePeriod)");
    case due_reason::skipped_hours:
        return tr("the feed says when not to ask (skipHours, skipDays)");
    case due_reason::busy:
        return tr("its server asked to be left alone");
    case due_reason::failing:
        return tr("less and less often while it fails");
    case due_reason::dead:
        return tr("it has failed for weeks");
    case due_reason::gone:
        return tr("it said that it is gone for good");
    case due_reason::offline:
        return tr("there was no network here");
    case due_reason::locked:
        return tr("it wants a name and a password");
    }
    return {};
}

// The same for programs: names that don't change.
const char* name_of(due_reason why)
{
    constexpr std::array names{"first_visit",   "set_interval", "rhythm",  "floor", "cap",  "fresh", "publisher",
                               "skipped_hours", "busy",         "failing", "dead",  "gone", "locked"};
    return names.at(static_cast<std::size_t>(why));
}

std::string when(std::optional<unix_time> time)
{
    return time ? fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::chrono::system_clock::to_time_t(*time)))
                : tr("never");
}

std::optional<unix_time> next_time(const feed_state& feed)
{
    if (!feed.due)
        return std::nullopt;
    return std::max(std::chrono::floor<std::chrono::seconds>(*feed.due),
                    std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

nlohmann::ordered_json json_time(std::optional<unix_time> time)
{
    return time ? nlohmann::ordered_json(time->time_since_epoch().count()) : nullptr;
}

std::string for_people(const feed_state& feed)
{
    std::string text = printable_url(without_secrets(feed.url)) + '\n';
    if (const std::string title = printable(feed.own_title.empty() ? feed.title : feed.own_title); !title.empty())
        text += "    " + title + '\n';
    text += "    " + tr_fill("last asked: {}; {}", when(feed.asked), words_for(feed.wrong)) + '\n';
    text += "    " + tr_fill("to be asked next: {}; {}", when(next_time(feed)), words_for(feed.why_then)) + '\n';
    if (feed.failures > 0)
        text += "    " + tr_fill("failures in a row: {}", feed.failures) + '\n';
    return text;
}

std::string for_programs(const feed_state& feed)
{
    const nlohmann::ordered_json object{
        {"url", without_secrets(feed.url)},
        {"title", feed.title},
        {"asked", json_time(feed.asked)},
        {"answered", json_time(feed.answered)},
        {"next", json_time(next_time(feed))},
        {"why_then", name_of(feed.why_then)},
        {"failures", feed.failures},
        {"problem", feed.wrong ? nlohmann::ordered_json(words_for(feed.wrong)) : nullptr},
        {"problem_kind", feed.wrong ? nlohmann::ordered_json(rssmania::name_of(feed.wrong.kind)) : nullptr},
    };
    return object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

std::string state_of(const status_words& words)
{
    std::vector<feed_state> feeds = known_feeds(words.where);
    if (!words.feeds.empty())
        feeds = feeds_meant(feeds, words.feeds);
    std::string text;
    std::size_t failing = 0;
    for (const feed_state& feed : feeds) {
        failing += feed.failures > 0 ? 1U : 0U;
        if (!words.failing || feed.failures > 0)
            text += words.json ? for_programs(feed) : for_people(feed);
    }
    if (!words.json)
        text += tr_fill("{} feeds, {} of them failing", feeds.size(), failing) + '\n';
    return text;
}

int run_status(const status_words& words)
{
    if (words.follow) {
        show_again_and_again([&] { return state_of(words); }, std::chrono::seconds(2), 0, ruche::stop_on_signals());
        return all_went_well;
    }
    std::cout << state_of(words);
    flush_output();
    return all_went_well;
}

} // namespace

void add_status(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<status_words>();
    CLI::App* command =
        program.add_subcommand("status", tr("Show how each feed fares: when it was asked, what is wrong"));
    command->add_option("FEED", words->feeds, tr("Only these: addresses, numbers or titles, as \"list\" shows them"));
    command->add_flag("--failing", words->failing, tr("Only those that fail"));
    command->add_flag("--follow", words->follow, tr("Show it again every two seconds, until Ctrl+C"));
    command->add_flag("--json", words->json, tr("Print one JSON object a line for each feed"));
    add_place(*command, words->where);
    command->callback([words, &chosen] { chosen = [words] { return run_status(*words); }; });
}

} // namespace rssmania::cli
