#include "announce/printer.hpp"

#include "announce/article_json.hpp"
#include "announce/words.hpp"
#include "net/url.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"
#include "text/utf8.hpp"

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

} // namespace

printed printer::print(const news& event)
{
    log_entry entry{.level = "info", .text = {}, .feed = printable_url(without_secrets(event.feed_url))};
    switch (event.kind) {
    case news_kind::article:
    case news_kind::updated:
        return {.out = article_lines(event), .err = {}};
    case news_kind::problem:
        entry.level = "warning";
        entry.text = words_for(event.wrong);
        entry.wrong = event.wrong;
        break;
    case news_kind::recovered:
        entry.text = tr("works again");
        break;
    case news_kind::moved:
        entry.text = tr("the feed has moved here for good");
        break;
    }
    return {.out = {}, .err = log_line(entry, look_.log)};
}

std::string printer::article_lines(const news& event)
{
    if (!look_.line.empty())
        return look_.line.fill(event);
    if (look_.format == news_format::json)
        return article_as_json(event, false);
    std::string lines;
    if (headed_ != event.group)
        lines = tr_fill("Latest articles of {}:", name_of_feed(event)) + '\n';
    headed_ = event.group;
    const std::string line = line_of_article(event.what);
    return lines + "- " + (event.kind == news_kind::updated ? tr_fill("{} (changed)", line) : line) + '\n';
}

} // namespace rssmania
