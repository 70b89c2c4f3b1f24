#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rssmania {

/// A feed as a subscription list names it.
struct subscription {
    std::string url;
    std::string title;
    std::string folder; ///< the names of the outlines around it, joined by `/`
};

/// The feeds in an OPML document, in its order. Damaged documents are read as far as they go, attributes in whatever
/// case they are written (`xmlUrl`, `xmlurl`, `url`). At most `most` feeds; what an outline includes from elsewhere is
/// not fetched.
[[nodiscard]] std::vector<subscription> read_opml(std::string_view document, std::size_t most = 100'000);

/// The same for a file. Throws `std::runtime_error` if it can't be read or names no feed.
[[nodiscard]] std::vector<subscription> read_opml_file(const std::filesystem::path& file);

/// An OPML 2.0 document with these feeds, in folders as they say, in their order.
[[nodiscard]] std::string write_opml(const std::vector<subscription>& feeds);

} // namespace rssmania
