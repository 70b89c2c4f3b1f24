#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rssmania {

/// What a `match` looks at: an article and the feed that it came in. The texts live elsewhere.
struct match_subject {
    std::string_view title;
    std::string_view author;
    std::string_view link;
    std::string_view id;
    std::string_view content; ///< HTML; what is looked at is its text
    std::string_view feed;    ///< the title of the feed
    std::string_view url;     ///< its address
    std::string_view folder;
    std::vector<std::string> tags = {};
    bool unread = true;
    bool starred = false;
};

/// A condition can't be read: where, and why.
class match_error : public std::runtime_error {
public:
    match_error(std::size_t column, const std::string& what) : std::runtime_error(what), column_(column) {}
    [[nodiscard]] std::size_t column() const noexcept { return column_; } ///< from 1, in bytes

private:
    std::size_t column_;
};

/// A condition on articles, as a person writes it:
///
///     title ~ bees and not (author = "A. Wasp" or feed ~ gossip)
///
/// Fields: `title`, `author`, `link`, `id`, `content`, `feed` (its title), `url` (its address), `folder`, `tag`.
/// `~` holds if the text has the value in it, `=` if it is the value, `!~` and `!=` if not; upper and lower case are
/// the same. A value is a word, or anything between double quotes (`\"` and `\\` within). `unread` and `starred` stand
/// alone. A value alone is looked for in title and content. Then `not`, `and`, `or`, in that order, and parentheses.
///
/// An empty condition holds for everything. There are no patterns: the cost grows with the length of the texts alone.
///
/// Throws: `match_error` by the constructor, for what is no condition, is longer than 4 KB or nests deeper than 50.
/// Thread safety: constant once made.
class article_match {
public:
    article_match() = default;
    explicit article_match(std::string_view text);

    [[nodiscard]] bool operator()(const match_subject& article) const;
    [[nodiscard]] bool is_empty() const noexcept { return !root_; }

    struct node;

private:
    std::shared_ptr<const node> root_; // none: everything passes
};

} // namespace rssmania
