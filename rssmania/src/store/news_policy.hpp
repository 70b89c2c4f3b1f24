#pragma once

#include "config/retention.hpp"
#include "pipeline/messages.hpp"
#include "rules/rule_book.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace rssmania {

/// What the user wants of one feed, where it differs from all.
struct feed_policy {
    std::optional<std::int64_t> first_visit;
    retention keep;

    friend bool operator==(const feed_policy&, const feed_policy&) = default;
};

/// What the user wants to be told and kept. What is not set is as the store behaves by itself: everything.
struct news_policy {
    std::int64_t first_visit = -1; ///< so many articles of a new feed are told, the latest; -1: all
    bool fold = false;             ///< what came with the same link in another feed isn't told again
    bool updates = false;          ///< articles that were changed are told too
    std::vector<rule> rules;
    retention keep;
    std::optional<std::uint64_t> size; ///< bytes that the store may take
    std::map<feed_id, feed_policy> feeds;

    /// The same for one feed.
    [[nodiscard]] std::int64_t first_visit_of(feed_id feed) const;
    [[nodiscard]] retention keep_of(feed_id feed) const;
};

} // namespace rssmania
