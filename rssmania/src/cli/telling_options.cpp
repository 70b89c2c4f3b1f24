#include "cli/telling_options.hpp"

#include "metrics/observer.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>

#include <stdexcept>

namespace rssmania::cli {

void add_telling(CLI::App& command, const std::shared_ptr<words_of_telling>& words)
{
    CLI::Option* json = command.add_flag("--json", words->json, tr("Print one JSON object a line for each article"));
    command
        .add_option("--format", words->format,
                    tr("Print each article so, as in \"{published:%H:%M} {feed:20} {title}\\n{link}\""))
        ->type_name(tr("TEMPLATE"))
        ->excludes(json);
    command
        .add_option("--match", words->match, tr("Only articles of which this holds, as in 'title ~ bees and not wasp'"))
        ->type_name(tr("CONDITION"));
    command.add_flag("--updates", words->updates, tr("Tell of articles too that were there before and have changed"));
    command.add_flag("--fold", words->fold, tr("An article that another feed had already isn't told again"));
    command
        .add_option("--first", words->first,
                    tr("Of a feed that is new tell so many articles, the latest; 10 if not given, -1 for all"))
        ->type_name(tr("NUMBER"))
        ->check(CLI::Range(std::int64_t{-1}, std::int64_t{1'000'000}));
    command
        .add_option("--exec", words->exec,
                    tr("Run this program for each article, which it finds as JSON on its standard input; no shell"))
        ->type_name(tr("COMMAND"));
    command.add_flag("--notify", words->notify, tr("Tell the desktop too, by notify-send"));
    command
        .add_option("--metrics", words->metrics,
                    tr("Write numbers for Prometheus to this file, or serve them at localhost:PORT"))
        ->type_name(tr("FILE|localhost:PORT"));
    command.add_option("--log", words->log, tr("How to say what is wrong: text or json, an object a line"))
        ->type_name("text|json")
        ->check(CLI::IsMember({"text", "json"}));
    command.add_flag("--allow-local", words->allow_local,
                     tr("Also ask this machine and private networks; only public addresses otherwise"));
    add_place(command, words->where);
}

watch_options options_of(const words_of_telling& words)
{
    watch_options options{.settings = configuration_of(words.where), .match = words.match};
    configuration& set = options.settings;
    options.store = store_directory(words.where);
    options.format = words.json ? news_format::json : news_format::text;
    options.allow_local = words.allow_local;
    set.updates |= words.updates;
    set.fold |= words.fold;
    set.notify |= words.notify;
    set.first_visit = words.first.value_or(set.first_visit);
    if (!words.format.empty() || words.json)
        set.format = words.format;
    if (!words.exec.empty())
        set.exec = words_of_command(words.exec);
    if (!words.metrics.empty())
        set.metrics = words.metrics;
    if (!words.log.empty())
        set.log_as_json = words.log == "json";
    try {
        (void)news_template(set.format);
        (void)parse_metrics_target(set.metrics);
        (void)article_match(options.match);
    } catch (const match_error& error) {
        throw CLI::ValidationError("--match", tr_fill("column {}: {}", error.column(), error.what()));
    } catch (const std::runtime_error& error) {
        throw CLI::ValidationError(error.what());
    }
    return options;
}

std::vector<std::string> words_of_command(std::string_view line)
{
    std::vector<std::string> words;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (blank && quote == '\0') {
            in_word = false;
            continue;
        }
        if (!std::exchange(in_word, true))
            words.emplace_back();
        if (c == quote)
            quote = '\0';
        else if (quote == '\0' && (c == '"' || c == '\''))
            quote = c;
        else if (c == '\\' && quote != '\'' && i + 1 < line.size())
            words.back() += line[++i];
        else
            words.back() += c;
    }
    if (quote != '\0')
        throw std::runtime_error(tr("a quote in the command doesn't end"));
    return words;
}

} // namespace rssmania::cli
