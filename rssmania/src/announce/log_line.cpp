#include "announce/log_line.hpp"

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>

namespace rssmania {

std::string name_of(problem_kind kind)
{
    static constexpr std::array names{
        "none",        "bad_address",       "unreachable",   "refused_address", "no_first_byte",    "too_slow",
        "too_large",   "headers_too_large", "too_many_hops", "redirect_circle", "redirect_refused", "truncated",
        "http_status", "bad_encoding",      "bomb",          "not_a_feed",      "damaged",          "stage_died",
        "offline",     "too_hard",
    };
    const auto number = static_cast<std::size_t>(kind);
    return number < names.size() ? names.at(number) : "problem_" + std::to_string(number);
}

std::string log_line(const log_entry& entry, log_format format)
{
    if (format == log_format::text)
        return "rssmania: " + (entry.feed.empty() ? "" : entry.feed + ": ") + entry.text + '\n';
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto milliseconds = now.time_since_epoch().count() % 1000;
    nlohmann::ordered_json object{
        {"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                             milliseconds)},
        {"level", entry.level},
        {"text", entry.text},
    };
    if (!entry.feed.empty())
        object["feed"] = entry.feed;
    if (entry.wrong) {
        object["problem"] = name_of(entry.wrong.kind);
        object["detail"] = entry.wrong.detail;
    }
    if (!entry.stage.empty())
        object["stage"] = entry.stage;
    return object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

} // namespace rssmania
