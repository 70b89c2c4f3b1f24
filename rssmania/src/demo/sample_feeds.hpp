#pragma once

#include <string>
#include <vector>

namespace rssmania {

/// The kinds of feed that the sample server has.
enum class sample_format { rss, atom, json, malformed_rss };

/// A feed that exists only for demonstration: what it says follows from how many articles it has published.
struct sample_feed {
    std::string path; ///< on the server, as in `/hive.rss`
    std::string title;
    sample_format format = sample_format::rss;
    bool slow = false; ///< the server takes seconds for it
};

/// The samples: RSS, Atom and JSON Feed, one that is malformed, one that is slow.
[[nodiscard]] const std::vector<sample_feed>& sample_feeds();

/// The document of `feed` after `published` articles, the newest ten of them, newest first; `site` is the server's
/// address without a slash at its end.
[[nodiscard]] std::string sample_document(const sample_feed& feed, int published, const std::string& site);

/// The media type of that document.
[[nodiscard]] std::string media_type_of(sample_format format);

/// The title of the `number`th article of any feed, from 1.
[[nodiscard]] std::string sample_title(int number);

} // namespace rssmania
