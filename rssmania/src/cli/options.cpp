#include "cli/options.hpp"

#include "announce/words.hpp"
#include "config/paths.hpp"
#include "net/url.hpp"
#include "opml/opml.hpp"
#include "store/schema.hpp"
#include "store/store.hpp"
#include "store/store_lock.hpp"
#include "text/duration.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <iostream>
#include <stdexcept>
#include <unordered_set>

namespace rssmania::cli {

CLI::Option* add_duration(CLI::App& command, const std::string& name,
                          std::function<void(std::chrono::milliseconds)> take, std::chrono::milliseconds least,
                          const std::string& help)
{
    const auto parse = [take = std::move(take), least](const std::string& text) {
        const auto parsed = parse_duration(text);
        if (!parsed)
            throw CLI::ValidationError(tr_fill("{} is no span of time: write it as 90s, 5m or 1h30m", text));
        if (*parsed < least)
            throw CLI::ValidationError(tr_fill("{} is too short", text));
        take(*parsed);
    };
    return command.add_option_function<std::string>(name, parse, help)->type_name(tr("TIME"));
}

void add_place(CLI::App& command, place& where)
{
    command
        .add_option("--store", where.store,
                    tr("Keep what is known in this directory; $XDG_STATE_HOME/rssmania if not given"))
        ->type_name(tr("DIR"));
    command
        .add_option("--config", where.config,
                    tr("Read what is set from this file; $XDG_CONFIG_HOME/rssmania/config.toml if not given"))
        ->type_name(tr("FILE"));
}

configuration configuration_of(const place& where) { return load_configuration(where.config); }

std::filesystem::path store_directory(const place& where)
{
    if (!where.store.empty())
        return where.store;
    if (const auto set = configuration_of(where).store)
        return *set;
    return default_store();
}

namespace {

// Who only reads can't upgrade a store, and needs it to be as this version has it.
void bring_up_to_date(const std::filesystem::path& directory)
{
    const std::int64_t version =
        sqlite::database(directory / store::file_name, sqlite::access::read_only).single_integer("PRAGMA user_version");
    if (version >= schema_version())
        return;
    const auto lock = store_lock::try_take(directory);
    if (!lock)
        throw std::runtime_error(tr_fill("another rssmania works on the store {}; end it first", directory.string()));
    const store upgraded(directory);
}

} // namespace

std::filesystem::path existing_store(const place& where)
{
    std::filesystem::path directory = store_directory(where);
    if (!std::filesystem::exists(directory / store::file_name))
        throw std::runtime_error(
            tr_fill("there is no store in {}: nothing was added or watched yet; \"rssmania add\" adds a feed",
                    directory.string()));
    bring_up_to_date(directory);
    return directory;
}

std::vector<feed_state> known_feeds(const place& where)
{
    const std::filesystem::path directory = store_directory(where);
    if (!std::filesystem::exists(directory / store::file_name))
        return {};
    bring_up_to_date(directory);
    return store(directory, sqlite::access::read_only).feeds();
}

std::vector<std::string> addresses_of(const std::vector<std::string>& sources)
{
    std::vector<std::string> addresses;
    std::unordered_set<std::string> seen;
    const auto add = [&](const std::string& typed) {
        std::string address = complete_address(typed);
        if (const problem wrong = why_not_asked(address))
            return wrong;
        if (seen.insert(address).second)
            addresses.push_back(std::move(address));
        return problem{};
    };
    for (const std::string& source : sources) {
        std::error_code unreadable;
        if (!std::filesystem::exists(source, unreadable)) {
            if (const problem wrong = add(source))
                throw std::runtime_error(printable(source) + ": " + words_for(wrong));
            continue;
        }
        for (const subscription& each : read_opml_file(source)) {
            // One bad line in a list of hundreds is no reason to refuse the list.
            if (const problem wrong = add(each.url))
                std::cerr << "rssmania: " + printable(source) + ": " + printable(each.url) + ": " + words_for(wrong) +
                                 '\n';
        }
    }
    return addresses;
}

} // namespace rssmania::cli
