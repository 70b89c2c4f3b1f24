#pragma once

#include "pipeline/messages.hpp"
#include "rules/match.hpp"
#include "store/sqlite.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rssmania {

/// Which articles one wants to see. What is not set doesn't matter.
struct article_filter {
    std::string search;              ///< words that must occur, see `search_expression`
    std::vector<feed_id> feeds;      ///< of any of these
    std::string folder;              ///< of feeds in this folder or below it
    bool unread = false;             ///< only those not marked as read
    bool starred = false;            ///< only those with a star
    std::optional<unix_time> since;  ///< that came at this time or later
    std::optional<unix_time> before; ///< that came before it
    article_match match;             ///< and of which this holds
    std::int64_t most = 50;          ///< so many at most; -1 for all
};

/// An article as it is kept.
struct archived_article {
    std::int64_t id = 0; ///< by which it is named in `mark`
    feed_id feed = 0;
    std::string feed_url;
    std::string feed_title;
    article what;
    unix_time seen; ///< when it came
    bool read = false;
    bool starred = false;
    std::string folder; ///< of the feed
    std::vector<std::string> tags;
    std::string excerpt; ///< of a search: where the words are, between U+0002 and U+0003
};

/// What a condition looks at of `each`, which must outlive it.
[[nodiscard]] match_subject subject_of(const archived_article& each);

enum class article_mark { read, unread, starred, unstarred };

/// The articles that have come, for those who look for some: newest first, or best first in a search.
///
///     archive shelf(directory, sqlite::access::read_only);
///     shelf.find({.search = "bees", .unread = true}, [](const archived_article& each) { … });
///
/// Throws: `sqlite::error`, from all members.
class archive {
public:
    /// Opens the store in `directory`, which must be there.
    explicit archive(const std::filesystem::path& directory, sqlite::access how = sqlite::access::read_only);

    /// Calls `take` for each article that passes `which`. Those of the whole result are never in memory at once.
    void find(const article_filter& which, const std::function<void(const archived_article&)>& take);

    /// The article of that number, if it is there.
    [[nodiscard]] std::optional<archived_article> find(std::int64_t article);

    /// Marks those articles. Returns how many there are.
    [[nodiscard]] std::int64_t mark(std::span<const std::int64_t> articles, article_mark how, unix_time now);

    /// Marks all that pass `which`. Returns how many those are.
    [[nodiscard]] std::int64_t mark(const article_filter& which, article_mark how, unix_time now);

    /// How many articles there are, and how many are unread.
    struct totals {
        std::int64_t all = 0;
        std::int64_t unread = 0;
    };
    [[nodiscard]] totals count();

private:
    sqlite::database db_;
};

} // namespace rssmania
