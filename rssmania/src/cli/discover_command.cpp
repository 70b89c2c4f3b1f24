#include "cli/commands.hpp"
#include "cli/document_source.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <feed/feed.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <stdexcept>

namespace rssmania::cli {
namespace {

struct discover_words {
    std::string source;
    std::string base;
    bool guess = false;
    bool json = false;
    bool allow_local = false;
};

std::string url_of(const read_document& document)
{
    for (const auto& [name, value] : document.about)
        if (name == "url")
            return value;
    return {};
}

std::string type_of(const read_document& document)
{
    for (const auto& [name, value] : document.about)
        if (name == "content-type")
            return value.substr(0, value.find(';'));
    return {};
}

// The document itself, if it is a feed.
std::vector<feed::discovered> itself(const read_document& document, const std::string& source)
{
    const feed::document read = feed::parse(document.bytes, {.content_type = {}, .base_uri = {}});
    if (read.format == feed::format::none)
        return {};
    const std::string url = url_of(document);
    return {{url.empty() ? source : url, type_of(document), read.title.plain()}};
}

// The first feed at one of the addresses where a site often has one.
std::vector<feed::discovered> guessed(const std::string& url, bool allow_local)
{
    for (const std::string& address : feed::common_feed_addresses(url)) {
        try {
            auto found = itself(read_source(address, allow_local), address);
            if (!found.empty())
                return found;
        } catch (const std::runtime_error& why) {
            std::cerr << "rssmania: " << why.what() << '\n'; // a guess that is wrong; the next may be right
        }
    }
    return {};
}

void print(const feed::discovered& feed, bool json)
{
    if (json) {
        const nlohmann::ordered_json object{{"href", feed.href}, {"type", feed.type}, {"title", feed.title}};
        std::cout << object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
    } else {
        std::cout << printable_url(feed.href) << '\t' << printable(feed.type) << '\t' << printable(feed.title) << '\n';
    }
}

int run_discover(const discover_words& words)
{
    const read_document page = read_source(words.source, words.allow_local);
    const std::string url = words.base.empty() ? url_of(page) : words.base;
    std::vector<feed::discovered> found = itself(page, words.source);
    if (found.empty())
        found = feed::discover(page.bytes, url);
    if (found.empty() && words.guess && !url.empty())
        found = guessed(url, words.allow_local);
    for (const feed::discovered& each : found)
        print(each, words.json);
    if (!std::cout.flush())
        throw std::runtime_error(tr_fill("can't write to {}", tr("standard output")));
    if (found.empty())
        throw std::runtime_error(tr_fill("{} names no feed", printable(words.source.empty() ? "-" : words.source)));
    return all_went_well;
}

} // namespace

void add_discover(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<discover_words>();
    CLI::App* command = program.add_subcommand("discover", tr("Show the feeds that a page names"));
    command->add_option("SOURCE", words->source,
                        tr("A file, or an address with its scheme; standard input if not given"));
    command->add_option("--base", words->base, tr("Take links as relative to this address"))->type_name(tr("URL"));
    command->add_flag("--guess", words->guess,
                      tr("If it names none, ask the addresses at which sites often have one, until one is a feed"));
    command->add_flag("--json", words->json, tr("Print one JSON object a line for each feed"));
    command->add_flag("--allow-local", words->allow_local,
                      tr("Also ask this machine and private networks; only public addresses otherwise"));
    command->footer(tr("Prints address, type and title of each, in the order of the page. A feed names itself."));
    command->callback([words, &chosen] { chosen = [words] { return run_discover(*words); }; });
}

} // namespace rssmania::cli
