#pragma once

#include "pipeline/messages.hpp"

#include <string>

namespace rssmania {

/// An article for programs: one JSON object on one line, escaped down to ASCII, so that no control character of any
/// kind gets out and any terminal and locale can show it.
///
///     {"event":7,"number":3,"update":false,"feed":{"url":"https://…","title":"…"},"id":"…","link":"…","title":"…",
///      "author":"…","published":"2026-01-01T12:00:00Z","updated":null,"tags":[]}
///
/// `event` is never used twice, also not by another article; `number` is what `mark` takes. With `content`, that too,
/// as sanitised HTML.
[[nodiscard]] std::string article_as_json(const news& event, bool content);

} // namespace rssmania
