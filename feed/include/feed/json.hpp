#pragma once

#include <feed/document.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace feed {

/// What was known of the answer that brought a document, to be told beside it.
struct response {
    std::string_view url;
    /// Headers, names in lower case.
    std::vector<std::pair<std::string_view, std::string_view>> headers;
};

/// The document as one line of JSON, in the shape (and under the names) of Python's feedparser.
[[nodiscard]] std::string to_json(const document& document, const response& about = {});

} // namespace feed
