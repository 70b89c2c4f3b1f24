#include "announce/printer.hpp"

#include "announce/words.hpp"
#include "net/url.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"
#include "text/utf8.hpp"

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

namespace rssmania {
namespace {

std::string name_of_feed(const news& event)
{
    const std::string title = printable(event.feed_title);
    return title.empty() ? printable_url(without_secrets(event.feed_url)) : title;
}

std::string line_of_article(const article& what)
{
    if (!what.link.empty())
        return printable_url(what.link);
    if (const std::string title = printable(what.title); !title.empty())
        return title;
    if (const std::string id = printable(what.id); !id.empty())
        return id;
    return tr("(an article without link, title and id)");
}

nlohmann::ordered_json json_time(std::optional<unix_time> time)
{
    if (!time)
        return nullptr;
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(*time)));
}

std::string json_line(const news& event)
{
    const article& what = event.what;
    const nlohmann::ordered_json object{
        {"event", event.id},
        {"feed", {{"url", without_secrets(event.feed_url)}, {"title", event.feed_title}}},
        {"id", what.id},
        {"link", what.link},
        {"title", what.title},
        {"author", what.author},
        {"published", json_time(what.published)},
        {"updated", json_time(what.updated)},
    };
    // Escaped down to ASCII: no control character of any kind gets out, and any terminal and locale can show it.
    return object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

} // namespace

printed printer::print(const news& event)
{
    const std::string feed = printable_url(without_secrets(event.feed_url));
    switch (event.kind) {
    case news_kind::article:
        return {.out = format_ == news_format::json ? json_line(event) : article_lines(event), .err = {}};
    case news_kind::problem:
        return {.out = {}, .err = fmt::format("rssmania: {}: {}\n", feed, words_for(event.wrong))};
    case news_kind::recovered:
        return {.out = {}, .err = fmt::format("rssmania: {}: {}\n", feed, tr("works again"))};
    case news_kind::moved:
        return {.out = {}, .err = fmt::format("rssmania: {}: {}\n", feed, tr("the feed has moved here for good"))};
    }
    return {};
}

std::string printer::article_lines(const news& event)
{
    std::string lines;
    if (headed_ != event.group)
        lines = tr_fill("Latest articles of {}:", name_of_feed(event)) + '\n';
    headed_ = event.group;
    return lines + "- " + line_of_article(event.what) + '\n';
}

} // namespace rssmania
