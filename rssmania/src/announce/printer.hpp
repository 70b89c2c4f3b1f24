#pragma once

#include "announce/log_line.hpp"
#include "announce/news_template.hpp"
#include "pipeline/messages.hpp"

#include <string>

namespace rssmania {

enum class news_format {
    text, ///< for people: `Latest articles of TITLE:`, then a line per article
    json  ///< for programs: one object a line
};

/// How news is to look.
struct news_look {
    news_format format = news_format::text;
    news_template line = {}; ///< instead of `format`, unless it is empty
    log_format log = log_format::text;
};

/// What one event looks like, on which of the two outputs.
struct printed {
    std::string out;
    std::string err;
};

/// Turns news into lines.
///
///     printer lines({});
///     std::cout << lines.print(event).out;                 // Latest articles of xkcd.com:
///                                                          // - https://xkcd.com/3000/
///
/// Articles of one visit share a heading. Problems are lines for standard error, also where articles are JSON. Nothing
/// that a feed says reaches the lines unfiltered.
class printer {
public:
    explicit printer(news_look look) : look_(std::move(look)) {}

    [[nodiscard]] printed print(const news& event);

private:
    [[nodiscard]] std::string article_lines(const news& event);

    news_look look_;
    event_id headed_ = 0; // the group whose heading was printed last
};

} // namespace rssmania
