#pragma once

#include "pipeline/messages.hpp"
#include "store/sqlite.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rssmania {

/// The full-text index over titles, authors and plain texts of articles.
///
/// Indexing is the dearest part of storing an article, so it comes after: `catch_up` takes what is there and not yet
/// indexed, a batch at a time, when there is nothing else to do. Until then an article is stored, told and listed, but
/// not found by its words.
///
/// Throws: `sqlite::error`, from all members.
class word_index {
public:
    explicit word_index(sqlite::database& db);

    /// Indexes at most `most` articles that are not indexed yet, in one transaction. Returns how many it were: fewer
    /// than `most` if none are left.
    [[nodiscard]] int catch_up(int most);

    /// The text of an article has changed: if it was indexed, it is anew. Within the caller's transaction.
    void note_change(std::int64_t row, const article& now);

private:
    void add(std::int64_t row, std::string_view title, std::string_view author, std::string_view content);

    sqlite::database& db_;
    sqlite::statement add_;
    sqlite::statement remove_;
    std::int64_t up_to_;
};

/// What a person types to search, as FTS5 wants it: all words must occur, `"two words"` in that order, `bee*` as the
/// beginning of a word, `-wasp` not at all. Whatever else is typed is taken as words, never as syntax. Empty if there
/// is no word in it that must occur.
[[nodiscard]] std::string search_expression(std::string_view typed);

} // namespace rssmania
