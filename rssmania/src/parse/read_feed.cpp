#include "parse/read_feed.hpp"

#include "store/identity.hpp"
#include "text/utf8.hpp"

#include <feed/parse.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rssmania {
namespace {

constexpr std::size_t longest_detail = 200;

std::string cut(std::string_view text, std::size_t size) { return std::string(cut_utf8(text, size)); }

std::string kept_id(std::string_view id, const feed_limits& limits)
{
    if (id.size() <= limits.id)
        return std::string(id);
    std::string digest;
    for (const char byte : digest_of(id))
        digest += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return cut(id, limits.id - digest.size()) + digest;
}

std::string kept_link(std::string_view link, const feed_limits& limits)
{
    return link.size() <= limits.address ? std::string(link) : std::string();
}

std::string_view content_of(const feed::entry& entry)
{
    return entry.content.empty() ? entry.summary.value : entry.content.front().value;
}

// What is left for the articles of one visit.
struct room_left {
    std::size_t contents;
    std::size_t lines;
};

article article_from(const feed::entry& entry, room_left& room, const feed_limits& limits)
{
    article result{.id = kept_id(entry.id, limits),
                   .link = kept_link(entry.link, limits),
                   .title = cut(entry.title.plain(), limits.line),
                   .author = cut(entry.author, limits.line),
                   .content = cut(content_of(entry), std::min(limits.content, room.contents)),
                   .published = entry.published,
                   .updated = entry.updated};
    room.contents -= result.content.size();
    room.lines -=
        std::min(room.lines, result.id.size() + result.link.size() + result.title.size() + result.author.size());
    return result;
}

// What is wrong with a document although it could be read: only what its author should mend. A media type that is
// slightly off, or an undeclared but well-known prefix, is nothing that a reader of the news wants to hear of.
problem damage_in(const feed::document& document)
{
    const auto found = std::find_if(document.problems.begin(), document.problems.end(), [](const feed::problem& each) {
        return each.kind == feed::problem_kind::not_well_formed || each.kind == feed::problem_kind::limit;
    });
    if (found == document.problems.end())
        return {};
    std::string what(found->what);
    if (found->line > 0)
        what = fmt::format("line {}: {}", found->line, what);
    return {problem_kind::damaged, cut(what, longest_detail)};
}

// The longer of its wishes: a feed that says both ttl and sy:updatePeriod means at least one of them.
publisher_wishes wishes_of(const feed::document& document)
{
    const feed::schedule& said = document.schedule;
    return {.period = std::max(std::chrono::seconds(said.time_to_live.value_or(std::chrono::minutes(0))),
                               said.update_period.value_or(std::chrono::seconds(0))),
            .skip_hours = said.skip_hours,
            .skip_days = said.skip_days};
}

bool is_within(const article& each, const feed_limits& limits)
{
    return each.id.size() <= limits.id && each.link.size() <= limits.address && each.title.size() <= limits.line &&
           each.author.size() <= limits.line && each.content.size() <= limits.content;
}

// What is wrong with what a parser says: it can't have said that of its own will.
problem why_not_believed(const reading& found, const feed_limits& limits)
{
    const auto lie = [](const char* what) { return problem{problem_kind::stage_died, what}; };
    const problem_kind said = found.wrong.kind;
    const bool failure =
        said == problem_kind::bad_encoding || said == problem_kind::bomb || said == problem_kind::not_a_feed;
    const bool warning = said == problem_kind::none || said == problem_kind::damaged;
    if (found.is_feed ? !warning : !failure)
        return lie("parse: an answer that makes no sense");
    std::size_t contents = 0;
    for (const article& each : found.content.articles) {
        contents += each.content.size();
        if (!is_within(each, limits) || contents > limits.contents)
            return lie("parse: an article beyond the limits");
    }
    if (found.wrong.detail.size() > longest_detail || found.content.title.size() > limits.line ||
        found.content.link.size() > limits.address || found.content.articles.size() > limits.articles)
        return lie("parse: a feed beyond the limits");
    return {};
}

} // namespace

// The wishes of a server hold also where its feed can't be read; where it has moved to is believed only of a feed.
visited failed_visit(fetched&& answer, problem wrong)
{
    answer.facts.fresh = {};
    answer.facts.moved_to.clear();
    return {.feed = answer.feed, .wrong = std::move(wrong), .facts = std::move(answer.facts)};
}

reading read_body(untrusted_body what) { return read_body(std::move(what), feed_limits()); }

reading read_body(untrusted_body what, const feed_limits& limits)
{
    decoded plain = decode(std::move(what.body), what.content_encoding, limits.decoding);
    if (plain.wrong)
        return {.wrong = std::move(plain.wrong)};
    if (plain.body.empty())
        return {.wrong = {problem_kind::not_a_feed, "nothing at all"}};

    const feed::document document = feed::parse(
        std::move(plain.body), {.content_type = what.content_type, .base_uri = what.url, .over_http = true});
    if (document.format == feed::format::none)
        return {.wrong = {problem_kind::not_a_feed, cut(document.reason, longest_detail)}};

    reading result{.is_feed = true,
                   .wrong = damage_in(document),
                   .content = {.title = cut(document.title.plain(), limits.line),
                               .link = kept_link(document.link, limits),
                               .wishes = wishes_of(document),
                               .articles = {}}};
    room_left room{limits.contents, limits.lines};
    for (const feed::entry& entry : document.entries) {
        if (result.content.articles.size() == limits.articles || room.lines == 0)
            break;
        result.content.articles.push_back(article_from(entry, room, limits));
    }
    return result;
}

untrusted_body body_of(fetched& answer)
{
    return {.content_type = answer.content_type,
            .content_encoding = answer.content_encoding,
            .url = answer.facts.url,
            .body = std::move(answer.body)};
}

visited visit_of(fetched&& answer, reading&& found, const feed_limits& limits)
{
    if (const problem lie = why_not_believed(found, limits))
        return failed_visit(std::move(answer), lie);
    if (!found.is_feed)
        return failed_visit(std::move(answer), std::move(found.wrong));
    return {.feed = answer.feed,
            .result = visit_result::read,
            .wrong = std::move(found.wrong),
            .facts = std::move(answer.facts),
            .body_hash = std::move(answer.body_hash),
            .content = std::move(found.content)};
}

visited read_feed(fetched&& answer, const feed_limits& limits)
{
    reading found = read_body(body_of(answer), limits);
    return visit_of(std::move(answer), std::move(found), limits);
}

} // namespace rssmania
