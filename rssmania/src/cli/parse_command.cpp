#include "cli/commands.hpp"
#include "cli/document_source.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace rssmania::cli {
namespace {

struct parse_words {
    std::string source;
    feed_command::headers headers;
    bool batch = false;
    bool summary = false;
    bool explain = false;
    bool allow_local = false;
};

// Headers that the user gives take the place of those that came.
feed_command::headers merged(feed_command::headers given, const feed_command::headers& came)
{
    for (const auto& header : came) {
        const bool known =
            std::any_of(given.begin(), given.end(), [&](const auto& each) { return each.first == header.first; });
        if (!known)
            given.push_back(header);
    }
    return given;
}

int run_parse(const parse_words& words)
{
    if (words.batch) {
        std::ios::sync_with_stdio(false);
        feed_command::answer_batch(std::cin, std::cout, feed_command::read_whole_file);
    } else {
        read_document document = read_source(words.source, words.allow_local);
        const feed_command::headers about = merged(words.headers, document.about);
        if (words.summary)
            std::cout << feed_command::summarise(std::move(document.bytes), about);
        else if (words.explain)
            std::cout << feed_command::explain(std::move(document.bytes), about);
        else
            std::cout << feed_command::parse_to_json(std::move(document.bytes), about) << '\n';
    }
    if (!std::cout.flush())
        throw std::runtime_error(tr_fill("can't write to {}", tr("standard output")));
    return all_went_well;
}

void add_header(feed_command::headers& headers, const std::string& line)
{
    auto header = feed_command::read_header(line);
    if (!header)
        throw CLI::ValidationError(tr_fill("{} is no header: write it as \"name: value\"", line));
    headers.push_back(std::move(*header));
}

} // namespace

void add_parse(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<parse_words>();
    CLI::App* command = program.add_subcommand("parse", tr("Read one feed and show what it says, as JSON"));
    CLI::Option* source = command->add_option("SOURCE", words->source,
                                              tr("A file, or an address with its scheme; standard input if not given"));
    CLI::Option* header = command->add_option_function<std::vector<std::string>>(
        "--header",
        [words](const std::vector<std::string>& lines) {
            for (const std::string& line : lines)
                add_header(words->headers, line);
        },
        tr("Read it as if it came with this header, \"name: value\"; the name \"url\" says where from"));
    header->allow_extra_args(false)->type_name(tr("HEADER"));
    CLI::Option* batch = command->add_flag(
        "--batch", words->batch,
        tr("Read many: for each line \"FILE [TAB name: value]…\" of standard input, answer a line of JSON"));
    CLI::Option* summary =
        command->add_flag("--summary", words->summary, tr("Show title, dates and links, for people"));
    CLI::Option* explain =
        command->add_flag("--explain", words->explain, tr("Show what is wrong with it, and how to mend it"));
    CLI::Option* local =
        command->add_flag("--allow-local", words->allow_local,
                          tr("Also ask this machine and private networks; only public addresses otherwise"));
    for (CLI::Option* other : {source, header, summary, explain, local})
        batch->excludes(other);
    summary->excludes(explain);
    command->footer(tr("The JSON has the shape of Python's feedparser. For an HTML page it names the page's feeds."));
    command->callback([words, &chosen] { chosen = [words] { return run_parse(*words); }; });
}

} // namespace rssmania::cli
