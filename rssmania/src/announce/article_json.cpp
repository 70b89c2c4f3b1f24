#include "announce/article_json.hpp"

#include "net/url.hpp"

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

namespace rssmania {
namespace {

nlohmann::ordered_json json_time(std::optional<unix_time> time)
{
    if (!time)
        return nullptr;
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(*time)));
}

} // namespace

std::string article_as_json(const news& event, bool content)
{
    const article& what = event.what;
    nlohmann::ordered_json object{
        {"event", event.id},
        {"number", event.article_id},
        {"update", event.kind == news_kind::updated},
        {"feed", {{"url", without_secrets(event.feed_url)}, {"title", event.feed_title}}},
        {"id", what.id},
        {"link", what.link},
        {"title", what.title},
        {"author", what.author},
        {"published", json_time(what.published)},
        {"updated", json_time(what.updated)},
        {"tags", event.tags},
    };
    if (content)
        object["content"] = what.content;
    return object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

} // namespace rssmania
