#include "announce/words.hpp"
#include "cli/commands.hpp"
#include "cli/feed_words.hpp"
#include "cli/options.hpp"
#include "config/paths.hpp"
#include "net/url.hpp"
#include "opml/opml.hpp"
#include "store/store.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace rssmania::cli {
namespace {

unix_time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

void flush_or_throw(std::ostream& out, const std::string& what)
{
    if (!out.flush())
        throw std::runtime_error(tr_fill("can't write to {}", what));
}

// -- add, remove, list ------------------------------------------------------------------------------------------------

struct words_of_add {
    std::vector<std::string> addresses;
    std::string title;
    std::string folder;
    place where;
};

int run_add(const words_of_add& words)
{
    const std::filesystem::path directory = store_directory(words.where);
    make_private_directory(directory);
    const std::vector<std::string> addresses = addresses_of(words.addresses);
    store memory(directory);
    const std::size_t before = memory.feeds().size();
    for (const std::string& address : addresses) {
        const feed_id feed = memory.subscribe(address, now());
        if (!words.folder.empty())
            memory.put_in_folder(feed, words.folder);
        if (!words.title.empty())
            memory.rename(feed, words.title);
    }
    std::cout << tr_fill("{} feeds added, {} were there", memory.feeds().size() - before,
                         addresses.size() - (memory.feeds().size() - before))
              << '\n';
    flush_or_throw(std::cout, tr("standard output"));
    return all_went_well;
}

struct words_of_remove {
    std::vector<std::string> feeds;
    place where;
};

int run_remove(const words_of_remove& words)
{
    store memory(existing_store(words.where));
    for (const feed_state& feed : feeds_meant(memory.feeds(), words.feeds)) {
        memory.unsubscribe(feed.id);
        std::cout << tr_fill("{} and its articles are removed", printable(name_of(feed))) << '\n';
    }
    flush_or_throw(std::cout, tr("standard output"));
    return all_went_well;
}

struct words_of_list {
    bool json = false;
    place where;
};

int run_list(const words_of_list& words)
{
    for (const feed_state& feed : known_feeds(words.where)) {
        if (words.json) {
            const nlohmann::ordered_json object{
                {"id", feed.id}, {"url", without_secrets(feed.url)}, {"title", name_of(feed)}, {"folder", feed.folder}};
            std::cout << object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
            continue;
        }
        std::cout << feed.id << '\t' << printable_url(without_secrets(feed.url)) << '\t' << printable(name_of(feed));
        if (!feed.folder.empty())
            std::cout << '\t' << printable(feed.folder);
        std::cout << '\n';
    }
    flush_or_throw(std::cout, tr("standard output"));
    return all_went_well;
}

// -- import, export ---------------------------------------------------------------------------------------------------

struct words_of_import {
    std::string file;
    place where;
};

// A line for each feed that isn't simply added: one bad line in a list of hundreds is no reason to refuse the list.
int run_import(const words_of_import& words)
{
    const std::vector<subscription> listed = read_opml_file(words.file);
    const std::filesystem::path directory = store_directory(words.where);
    make_private_directory(directory);
    store memory(directory);
    std::size_t added = 0;
    std::size_t refused = 0;
    for (const subscription& each : listed) {
        const std::string address = complete_address(each.url);
        if (const problem wrong = why_not_asked(address)) {
            ++refused;
            std::cerr << "rssmania: " + printable(each.url) + ": " + words_for(wrong) + '\n';
            continue;
        }
        added += memory.subscribe_as(address, each.title, each.folder, now()) ? 1U : 0U;
    }
    std::cout << tr_fill("{} feeds added, {} were there, {} refused", added, listed.size() - added - refused, refused)
              << '\n';
    flush_or_throw(std::cout, tr("standard output"));
    return refused == 0 ? all_went_well : something_failed;
}

struct words_of_export {
    std::string file;
    place where;
};

int run_export(const words_of_export& words)
{
    std::vector<subscription> all;
    for (const feed_state& feed : known_feeds(words.where))
        all.push_back({.url = feed.url, .title = name_of(feed), .folder = feed.folder});
    const std::string document = write_opml(all);
    if (words.file.empty()) {
        std::cout << document;
        flush_or_throw(std::cout, tr("standard output"));
        return all_went_well;
    }
    std::ofstream out(words.file, std::ios::binary);
    out << document;
    flush_or_throw(out, words.file);
    return all_went_well;
}

} // namespace

void add_subscriptions(CLI::App& program, action& chosen)
{
    const auto adding = std::make_shared<words_of_add>();
    CLI::App* add = program.add_subcommand("add", tr("Take feeds in, to be watched from now on"));
    add->add_option("SOURCE", adding->addresses, tr("Addresses of feeds, and OPML files that list them"))->required();
    add->add_option("--title", adding->title, tr("Call them so"));
    add->add_option("--folder", adding->folder, tr("Put them there; names of nested folders are joined by /"));
    add_place(*add, adding->where);
    add->callback([=, &chosen] { chosen = [=] { return run_add(*adding); }; });

    const auto removing = std::make_shared<words_of_remove>();
    CLI::App* remove = program.add_subcommand("remove", tr("Forget feeds, with all their articles"));
    remove->add_option("FEED", removing->feeds, tr("Addresses, numbers or titles, as \"list\" shows them"))->required();
    add_place(*remove, removing->where);
    remove->callback([=, &chosen] { chosen = [=] { return run_remove(*removing); }; });

    const auto listing = std::make_shared<words_of_list>();
    CLI::App* list = program.add_subcommand("list", tr("Show the feeds: number, address, title, folder"));
    list->add_flag("--json", listing->json, tr("Print one JSON object a line for each feed"));
    add_place(*list, listing->where);
    list->callback([=, &chosen] { chosen = [=] { return run_list(*listing); }; });

    const auto importing = std::make_shared<words_of_import>();
    CLI::App* take_in = program.add_subcommand("import", tr("Take in all feeds of an OPML file, with their folders"));
    take_in->add_option("FILE", importing->file, tr("The list of subscriptions that another reader wrote"))->required();
    add_place(*take_in, importing->where);
    take_in->callback([=, &chosen] { chosen = [=] { return run_import(*importing); }; });

    const auto exporting = std::make_shared<words_of_export>();
    CLI::App* write = program.add_subcommand("export", tr("Write all feeds as OPML, for another reader"));
    write->add_option("FILE", exporting->file, tr("Where to; standard output if not given"));
    add_place(*write, exporting->where);
    write->callback([=, &chosen] { chosen = [=] { return run_export(*exporting); }; });
}

} // namespace rssmania::cli
