#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace feed {

/// A feed that a page names.
struct discovered {
    std::string href; ///< absolute, where the base was known
    std::string type; ///< the media type that the page gives, in lower case
    std::string title;
};

/// The feeds that an HTML page names in its head (`<link rel="alternate" type="application/rss+xml" ...>`, Atom, JSON
/// Feed), in document order. `url` is where the page was read from; a `base` element goes before it.
[[nodiscard]] std::vector<discovered> discover(std::string_view html, std::string_view url);

/// Addresses at which a site that names no feed often has one (`/feed`, `/rss.xml`, `/atom.xml`...), most likely first.
[[nodiscard]] std::vector<std::string> common_feed_addresses(std::string_view url);

} // namespace feed
