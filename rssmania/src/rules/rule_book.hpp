#pragma once

#include "rules/match.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace rssmania {

/// What the user wants to be done with new articles that `match`: words of the configuration, which travel as they are.
struct rule {
    std::string match; ///< see `article_match`; empty: all
    std::string feed;  ///< only of the feed with this address or title; empty: of all
    bool drop = false; ///< keep it, marked as read, and don't tell of it
    bool read = false; ///< mark it as read
    bool star = false;
    std::vector<std::string> tags;
    std::vector<std::string> run; ///< a program and its arguments, run with the article on its standard input

    friend bool operator==(const rule&, const rule&) = default;
};

/// What all rules together say of one article.
struct verdict {
    bool drop = false;
    bool read = false;
    bool star = false;
    std::vector<std::string> tags; ///< each once
    std::vector<std::size_t> runs; ///< the numbers of the rules whose programs are to run
};

/// Rules, ready to be asked. All that match apply, in their order; a rule sees the tags that those before it have
/// given.
///
/// Throws: `match_error` by the constructor.
class rule_book {
public:
    rule_book() = default;
    explicit rule_book(const std::vector<rule>& rules);

    [[nodiscard]] verdict judge(match_subject article) const;
    [[nodiscard]] bool empty() const noexcept { return rules_.empty(); }

private:
    struct prepared {
        rule what;
        article_match match;
    };
    std::vector<prepared> rules_;
};

} // namespace rssmania
