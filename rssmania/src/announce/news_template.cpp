#include "announce/news_template.hpp"

#include "net/url.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"
#include "text/utf8.hpp"

#include <feed/html.hpp>
#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace rssmania {
namespace {

std::string local_time(std::optional<unix_time> time, const std::string& how)
{
    if (!time)
        return {};
    const std::string pattern = "{:" + (how.empty() ? std::string("%Y-%m-%d %H:%M") : how) + "}";
    return fmt::format(fmt::runtime(pattern), fmt::localtime(std::chrono::system_clock::to_time_t(*time)));
}

std::string cut(const std::string& text, std::size_t characters)
{
    std::string_view rest = text;
    std::string kept;
    for (std::size_t i = 0; i < characters && !rest.empty(); ++i)
        append_character(kept, take_character(rest));
    if (!rest.empty() && !kept.empty()) {
        std::string_view all_but_one = kept;
        std::string shorter;
        for (std::size_t i = 0; i + 1 < characters; ++i)
            append_character(shorter, take_character(all_but_one));
        return shorter + "…";
    }
    return kept;
}

// Only what fmt knows of strftime, and only signs that need no locale of the machine.
bool is_time_pattern(std::string_view how)
{
    for (std::size_t i = 0; i < how.size(); ++i) {
        if (how[i] == '{' || how[i] == '}')
            return false;
        if (how[i] == '%' &&
            (++i == how.size() || std::string_view("YmdHMSyjeaAbBFTRz%").find(how[i]) == std::string_view::npos))
            return false;
    }
    return how.find('%') != std::string_view::npos;
}

std::string joined(const std::vector<std::string>& tags)
{
    std::string all;
    for (const std::string& tag : tags)
        all += (all.empty() ? "" : ", ") + tag;
    return all;
}

} // namespace

news_template::news_template(std::string_view text)
{
    std::string literal;
    const auto end_literal = [&] {
        if (!literal.empty())
            pieces_.push_back({field::literal, std::exchange(literal, {}), 0});
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if ((c == '{' || c == '}') && next == c) {
            literal += text[i++];
        } else if (c == '\\' && (next == 'n' || next == 't' || next == '\\')) {
            literal += next == 'n' ? '\n' : next == 't' ? '\t' : '\\';
            ++i;
        } else if (c == '}') {
            throw template_error(tr_fill("column {}: a }} without its {{; write it twice to mean itself", i + 1));
        } else if (c == '{') {
            const std::size_t end = text.find('}', i);
            if (end == std::string_view::npos)
                throw template_error(tr_fill("column {}: a {{ without its }}; write it twice to mean itself", i + 1));
            end_literal();
            read_field(text.substr(i + 1, end - i - 1), i + 2);
            i = end;
        } else {
            literal += c;
        }
    }
    end_literal();
    const bool ended = pieces_.empty() || pieces_.back().text.ends_with('\n');
    if (!ended)
        pieces_.push_back({field::literal, "\n", 0});
}

void news_template::read_field(std::string_view inside, std::size_t column)
{
    static constexpr std::array names{
        std::pair{"title", field::title},     std::pair{"link", field::link},
        std::pair{"author", field::author},   std::pair{"id", field::id},
        std::pair{"feed", field::feed},       std::pair{"url", field::url},
        std::pair{"text", field::text},       std::pair{"published", field::published},
        std::pair{"updated", field::updated}, std::pair{"event", field::event},
        std::pair{"tags", field::tags},
    };
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string_view name = inside.substr(0, colon);
    const std::string_view how = inside.substr(std::min(colon + 1, inside.size()));
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const auto& each) { return name == each.first; });
    if (found == names.end())
        throw template_error(tr_fill("column {}: there is no field {}; there are title, link, author, id, feed, url, "
                                     "text, published, updated, event and tags",
                                     column, printable(name)));
    piece added{found->second, {}, 0};
    const bool is_time = added.what == field::published || added.what == field::updated;
    if (is_time && !how.empty()) {
        if (!is_time_pattern(how))
            throw template_error(tr_fill("column {}: {} is no way to write a time, such as %Y-%m-%d",
                                         column + colon + 1, printable(how)));
        added.text = how;
    } else if (!how.empty()) {
        const auto [end, error] = std::from_chars(how.data(), how.data() + how.size(), added.most);
        if (error != std::errc() || end != how.data() + how.size() || added.most == 0)
            throw template_error(
                tr_fill("column {}: {} is no number of characters", column + colon + 1, printable(how)));
    }
    pieces_.push_back(std::move(added));
}

std::string news_template::value_of(const piece& which, const news& event)
{
    switch (which.what) {
    case field::literal:
        return which.text;
    case field::title:
        return printable(event.what.title);
    case field::link:
        return printable_url(event.what.link);
    case field::author:
        return printable(event.what.author);
    case field::id:
        return printable(event.what.id);
    case field::feed:
        return printable(event.feed_title);
    case field::url:
        return printable_url(without_secrets(event.feed_url));
    case field::text:
        return printable(feed::html_to_text(event.what.content));
    case field::published:
        return local_time(event.what.published, which.text);
    case field::updated:
        return local_time(event.what.updated, which.text);
    case field::event:
        return std::to_string(event.id);
    case field::tags:
        return printable(joined(event.tags));
    }
    return {};
}

std::string news_template::fill(const news& event) const
{
    std::string text;
    for (const piece& each : pieces_) {
        const std::string value = value_of(each, event);
        text += each.most == 0 ? value : cut(value, each.most);
    }
    return text;
}

} // namespace rssmania
