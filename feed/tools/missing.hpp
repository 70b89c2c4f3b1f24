#pragma once

#include <feed/document.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace feed_command {

/// An element that the format of a feed demands, and that the feed or some of its entries do not have.
struct missing_element {
    std::string what; ///< `the feed has no link`, `entries 1, 4 and 9 have no title`
    std::string_view remedy;
};

/// What `document` lacks by the letter of its format, the feed's own elements first, and ids that are no entry's own.
/// What stands in for an element (a
/// podcast's summary for a description) counts as that element: a reader misses nothing.
[[nodiscard]] std::vector<missing_element> missing_elements(const feed::document& document);

} // namespace feed_command
