#pragma once

#include "parse/decode.hpp"
#include "pipeline/messages.hpp"

#include <cstddef>

namespace rssmania {

/// How much of a feed is kept. What is longer is cut: texts at a character, the list of articles at its end.
struct feed_limits {
    decode_limits decoding;
    std::size_t line = 4U << 10U;      ///< bytes of a title, a name
    std::size_t address = 8U << 10U;   ///< bytes of a link; longer ones are no links
    std::size_t id = 1U << 10U;        ///< bytes; of longer ones a digest is kept, so that they still differ
    std::size_t content = 1U << 20U;   ///< bytes of one article
    std::size_t contents = 16U << 20U; ///< bytes of the contents of all articles of one visit
    std::size_t lines = 16U << 20U;    ///< bytes of all their titles, links, authors and ids; no more articles then
    std::size_t articles = 10'000;
};

/// What a parser gets to see of an answer.
struct untrusted_body {
    std::string content_type;
    std::string content_encoding;
    std::string url;  ///< that addresses in it are relative to
    std::string body; ///< still encoded
};

/// What it found there.
struct reading {
    bool is_feed = false;
    problem wrong; ///< why it is none; or what is damaged in it
    parsed_feed content;
};

/// Reads a body, from bytes to articles: decompressed, read as whatever kind of feed it is, cut to the limits.
///
/// This is the code that touches hostile bytes: it opens nothing and knows nothing but its argument.
[[nodiscard]] reading read_body(untrusted_body what);
[[nodiscard]] reading read_body(untrusted_body what, const feed_limits& limits);

/// The visit that `answer` makes, whose body was read as `found`. Of what was found nothing is believed beyond what an
/// honest parser could have said: whoever took over its process may say anything.
[[nodiscard]] visited visit_of(fetched&& answer, reading&& found, const feed_limits& limits = {});

/// The visit that `answer` makes if its body can't be read.
[[nodiscard]] visited failed_visit(fetched&& answer, problem why);

/// Both, for who has the process to itself.
[[nodiscard]] visited read_feed(fetched&& answer, const feed_limits& limits = {});

/// Takes the part of `answer` that a parser is to see out of it.
[[nodiscard]] untrusted_body body_of(fetched& answer);

} // namespace rssmania
