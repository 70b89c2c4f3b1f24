#pragma once

#include "pipeline/messages.hpp"

#include <string>

namespace rssmania {

enum class news_format {
    text, ///< for people: `Latest articles of TITLE:`, then a line per article
    json  ///< for programs: one object a line
};

/// What one event looks like, on which of the two outputs.
struct printed {
    std::string out;
    std::string err;
};

/// Turns news into lines.
///
///     printer lines(news_format::text);
///     std::cout << lines.print(event).out;                 // Latest articles of xkcd.com:
///                                                          // - https://xkcd.com/3000/
///
/// Articles of one visit share a heading. Problems are lines for standard error, also where articles are JSON. Nothing
/// that a feed says reaches the lines unfiltered.
class printer {
public:
    explicit printer(news_format format) : format_(format) {}

    [[nodiscard]] printed print(const news& event);

private:
    [[nodiscard]] std::string article_lines(const news& event);

    news_format format_;
    event_id headed_ = 0; // the group whose heading was printed last
};

} // namespace rssmania
