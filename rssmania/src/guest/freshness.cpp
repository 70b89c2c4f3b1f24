#include "guest/freshness.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

namespace rssmania {
namespace {

using std::chrono::seconds;

constexpr seconds longest{std::int64_t{1} << 31U};

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

bool same_word(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// delta-seconds (RFC 9111, 1.2.2): digits alone; too many of them are a very long time.
std::optional<seconds> parse_seconds(std::string_view text)
{
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || text.front() == '-' || end != text.data() + text.size())
        return std::nullopt;
    if (error == std::errc::result_out_of_range)
        return longest;
    return std::min(seconds(number), longest);
}

// Takes the next directive off the front of `list`. A comma inside quotes is part of a value.
std::string_view next_directive(std::string_view& list)
{
    bool quoted = false;
    std::size_t end = 0;
    for (; end < list.size() && (quoted || list[end] != ','); ++end) {
        if (list[end] == '"')
            quoted = !quoted;
    }
    const std::string_view directive = trimmed(list.substr(0, end));
    list.remove_prefix(std::min(list.size(), end + 1));
    return directive;
}

bool has_directive(std::string_view list, std::string_view name)
{
    while (!list.empty()) {
        const std::string_view each = next_directive(list);
        if (same_word(trimmed(each.substr(0, each.find('='))), name))
            return true;
    }
    return false;
}

std::optional<seconds> lifetime(const timing_headers& headers, unix_time sent)
{
    if (has_directive(headers.cache_control, "no-store") || has_directive(headers.cache_control, "no-cache"))
        return std::nullopt;
    if (has_directive(headers.cache_control, "max-age"))
        return seconds_of(headers.cache_control, "max-age");
    if (const auto expires = parse_http_date(headers.expires))
        return *expires - sent;
    return std::nullopt;
}

} // namespace

std::optional<unix_time> parse_http_date(const std::string& text)
{
    const time_t time = text.empty() ? -1 : curl_getdate(text.c_str(), nullptr);
    return time == -1 ? std::nullopt : std::optional(unix_time(seconds(time)));
}

std::optional<seconds> seconds_of(std::string_view cache_control, std::string_view directive)
{
    while (!cache_control.empty()) {
        const std::string_view each = next_directive(cache_control);
        const std::size_t equals = each.find('=');
        if (same_word(trimmed(each.substr(0, equals)), directive))
            return equals == std::string_view::npos ? std::nullopt : parse_seconds(each.substr(equals + 1));
    }
    return std::nullopt;
}

server_wishes wishes_in(const timing_headers& headers, unix_time now)
{
    const unix_time sent = parse_http_date(headers.date).value_or(now);
    server_wishes wishes;
    if (const auto fresh = lifetime(headers, sent)) {
        const seconds left = *fresh - parse_seconds(headers.age).value_or(seconds(0));
        if (left > seconds(0))
            wishes.fresh_for = left;
    }
    wishes.retry_after = parse_seconds(headers.retry_after);
    if (const auto date = parse_http_date(headers.retry_after); date && !wishes.retry_after)
        wishes.retry_after = std::max(*date - sent, seconds(0));
    return wishes;
}

} // namespace rssmania
