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

/// What a server's answer says, from bytes to articles: decompressed, read as whatever kind of feed it is, cut to the
/// limits. An answer that is no feed is a failed visit with the reason.
///
/// This is the code that touches hostile bytes: it opens nothing and knows nothing but its argument.
[[nodiscard]] visited read_feed(fetched&& answer, const feed_limits& limits = {});

} // namespace rssmania
