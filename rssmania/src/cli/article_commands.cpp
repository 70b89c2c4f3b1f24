#include "cli/commands.hpp"
#include "cli/feed_words.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "net/url.hpp"
#include "store/archive.hpp"
#include "store/store.hpp"
#include "store/store_lock.hpp"
#include "store/word_index.hpp"
#include "text/duration.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>

namespace rssmania::cli {
namespace {

// How articles are chosen, the same for those who look at them and those who mark them.
struct words_of_filter {
    std::vector<std::string> search;
    std::vector<std::string> feeds;
    std::string folder;
    std::string match;
    std::optional<std::chrono::milliseconds> within;
    bool unread = false;
    bool starred = false;
    place where;
};

void add_filter(CLI::App& command, const std::shared_ptr<words_of_filter>& words)
{
    command.add_option("--feed", words->feeds, tr("Only of this feed: its address, number or title"));
    command.add_option("--folder", words->folder, tr("Only of feeds in this folder, or below it"));
    command
        .add_option("--match", words->match, tr("Only articles of which this holds, as in 'title ~ bees and not wasp'"))
        ->type_name(tr("CONDITION"));
    add_duration(
        command, "--within", [words](auto time) { words->within = time; }, std::chrono::milliseconds(1),
        tr("Only what came in the last 2h, 3d, …"));
    command.add_flag("--unread", words->unread, tr("Only what isn't marked as read"));
    command.add_flag("--starred", words->starred, tr("Only what has a star"));
    add_place(command, words->where);
}

unix_time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

article_filter filter_of(const words_of_filter& words, const std::vector<std::string>& search, std::int64_t most)
{
    article_filter filter{.folder = words.folder, .unread = words.unread, .starred = words.starred, .most = most};
    try {
        filter.match = article_match(words.match);
    } catch (const match_error& error) {
        throw CLI::ValidationError("--match", tr_fill("column {}: {}", error.column(), error.what()));
    }
    for (const std::string& word : search)
        filter.search += word + " ";
    if (!filter.search.empty() && search_expression(filter.search).empty())
        throw std::runtime_error(tr_fill("nothing to look for in {}", printable(filter.search)));
    if (words.within)
        filter.since = now() - std::chrono::floor<std::chrono::seconds>(*words.within);
    for (const feed_state& feed : feeds_meant(known_feeds(words.where), words.feeds))
        filter.feeds.push_back(feed.id);
    return filter;
}

// What a watcher that was killed left unindexed is indexed here; one that is at work does it by itself.
void index_what_is_left(const std::filesystem::path& directory)
{
    if (const auto lock = store_lock::try_take(directory)) {
        store memory(directory);
        while (memory.index_some())
            continue;
    }
}

// -- articles ---------------------------------------------------------------------------------------------------------

struct words_of_articles : words_of_filter {
    std::int64_t most = 20;
    bool json = false;
    bool content = false;
};

std::string local_time(unix_time time)
{
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(std::chrono::system_clock::to_time_t(time)));
}

std::string marks_of(const archived_article& each)
{
    return std::string(each.read ? " " : "•") + (each.starred ? "★" : " ");
}

void replace_all(std::string& text, std::string_view from, std::string_view to)
{
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// Where a search has found its words, they stand out on a terminal. The marks go through `printable` as two characters
// that nobody has a use for.
std::string shown_excerpt(std::string excerpt, bool in_colour)
{
    constexpr std::string_view begin = "\uE000";
    constexpr std::string_view end = "\uE001";
    replace_all(excerpt, begin, "");
    replace_all(excerpt, end, "");
    replace_all(excerpt, "\x02", begin);
    replace_all(excerpt, "\x03", end);
    std::string shown = printable(excerpt);
    replace_all(shown, begin, in_colour ? "\x1b[1m" : "");
    replace_all(shown, end, in_colour ? "\x1b[0m" : "");
    return shown;
}

void print_for_people(const archived_article& each, bool in_colour)
{
    const std::string title = printable(each.what.title);
    std::cout << fmt::format("{:>6} {} {}  {}\n", each.id, marks_of(each),
                             local_time(each.what.published.value_or(each.seen)),
                             title.empty() ? tr("(no title)") : title);
    std::cout << "          " << printable(each.feed_title);
    for (const std::string& tag : each.tags)
        std::cout << " #" << printable(tag);
    std::cout << '\n';
    if (!each.what.link.empty())
        std::cout << "          " << printable_url(each.what.link) << '\n';
    if (!each.excerpt.empty())
        std::cout << "          " << shown_excerpt(each.excerpt, in_colour) << '\n';
}

nlohmann::ordered_json json_time(std::optional<unix_time> time)
{
    if (!time)
        return nullptr;
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(*time)));
}

void print_for_programs(const archived_article& each, bool content)
{
    nlohmann::ordered_json object{{"number", each.id},
                                  {"feed", {{"url", without_secrets(each.feed_url)}, {"title", each.feed_title}}},
                                  {"id", each.what.id},
                                  {"link", each.what.link},
                                  {"title", each.what.title},
                                  {"author", each.what.author},
                                  {"published", json_time(each.what.published)},
                                  {"updated", json_time(each.what.updated)},
                                  {"seen", json_time(each.seen)},
                                  {"read", each.read},
                                  {"starred", each.starred},
                                  {"folder", each.folder},
                                  {"tags", each.tags}};
    if (content)
        object["content"] = each.what.content;
    std::cout << object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

int run_articles(const words_of_articles& words)
{
    const std::filesystem::path directory = existing_store(words.where);
    if (!words.search.empty())
        index_what_is_left(directory);
    archive shelf(directory);
    const bool in_colour = wants_colour();
    shelf.find(filter_of(words, words.search, words.most), [&](const archived_article& each) {
        if (words.json)
            print_for_programs(each, words.content);
        else
            print_for_people(each, in_colour);
    });
    flush_output();
    return all_went_well;
}

// -- mark -------------------------------------------------------------------------------------------------------------

struct words_of_mark : words_of_filter {
    article_mark how = article_mark::read;
    std::vector<std::int64_t> articles;
    bool all = false;
};

int run_mark(const words_of_mark& words)
{
    if (words.articles.empty() != words.all)
        throw CLI::ValidationError(tr("name articles by their numbers, or use --all with a filter"));
    archive shelf(existing_store(words.where), sqlite::access::read_write);
    const std::int64_t marked = words.all ? shelf.mark(filter_of(words, {}, -1), words.how, now())
                                          : shelf.mark(words.articles, words.how, now());
    std::cout << tr_fill("{} articles marked", marked) << '\n';
    const auto missing = static_cast<std::int64_t>(words.articles.size()) - marked;
    if (!words.all && missing > 0)
        throw std::runtime_error(tr_fill("{} of the numbers are no articles", missing));
    return all_went_well;
}

} // namespace

void add_articles(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<words_of_articles>();
    CLI::App* show =
        program.add_subcommand("articles", tr("Show articles that have come, or find them by their words"));
    show->add_option("WORD", words->search,
                     tr("Words that must occur; \"two words\" in that order, bee* as a beginning, -wasp not at all"));
    add_filter(*show, words);
    show->add_option("--most", words->most, tr("So many at most, -1 for all; 20 if not given"));
    show->add_flag("--json", words->json, tr("Print one JSON object a line for each article"));
    show->add_flag("--content", words->content, tr("With --json: the content too, as sanitised HTML"));
    show->footer(tr("Newest first; in a search, best first. • is unread, ★ has a star."));
    show->callback([=, &chosen] { chosen = [=] { return run_articles(*words); }; });

    const auto marking = std::make_shared<words_of_mark>();
    CLI::App* mark = program.add_subcommand("mark", tr("Mark articles as read or unread, give or take a star"));
    const std::map<std::string, article_mark> hows{{"read", article_mark::read},
                                                   {"unread", article_mark::unread},
                                                   {"star", article_mark::starred},
                                                   {"unstar", article_mark::unstarred}};
    mark->add_option("HOW", marking->how, tr("read, unread, star or unstar"))
        ->required()
        ->transform(CLI::CheckedTransformer(hows));
    mark->add_option("NUMBER", marking->articles, tr("The numbers of articles, as \"articles\" shows them"));
    mark->add_flag("--all", marking->all, tr("All that the filter leaves"));
    add_filter(*mark, marking);
    mark->callback([=, &chosen] { chosen = [=] { return run_mark(*marking); }; });
}

} // namespace rssmania::cli
