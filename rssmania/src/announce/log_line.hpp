#pragma once

#include "pipeline/problem.hpp"

#include <string>
#include <string_view>

namespace rssmania {

enum class log_format {
    text, ///< `rssmania: TEXT`
    json  ///< `{"time":…,"level":…,"text":…}`: an object a line
};

/// What is told beside the news, for standard error.
struct log_entry {
    const char* level = "warning"; ///< "info", "warning", "error"
    std::string text;              ///< in the user's language, printable
    std::string feed = {};         ///< its address, without secrets, if it is about one
    problem wrong = {};            ///< what is wrong with that
    std::string stage = {};        ///< its name, if it is about a process of ours
};

/// The line for `entry`, with its end.
[[nodiscard]] std::string log_line(const log_entry& entry, log_format format);

/// What a kind of problem is called where programs read it: never translated, never changed.
[[nodiscard]] std::string name_of(problem_kind kind);

/// How many kinds there are.
inline constexpr std::size_t problem_kinds = 32;

} // namespace rssmania
