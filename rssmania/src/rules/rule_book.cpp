#include "rules/rule_book.hpp"

#include <algorithm>

namespace rssmania {

rule_book::rule_book(const std::vector<rule>& rules)
{
    rules_.reserve(rules.size());
    for (const rule& each : rules)
        rules_.push_back({each, article_match(each.match)});
}

verdict rule_book::judge(match_subject article) const
{
    verdict result;
    for (std::size_t number = 0; number < rules_.size(); ++number) {
        const auto& [what, match] = rules_[number];
        if (!what.feed.empty() && what.feed != article.url && what.feed != article.feed)
            continue;
        if (!match(article))
            continue;
        result.drop |= what.drop;
        result.read |= what.read;
        result.star |= what.star;
        article.starred |= what.star;
        article.unread &= !(what.read || what.drop);
        for (const std::string& tag : what.tags) {
            if (std::find(article.tags.begin(), article.tags.end(), tag) == article.tags.end())
                article.tags.push_back(tag);
        }
        if (!what.run.empty())
            result.runs.push_back(number);
    }
    result.tags = std::move(article.tags);
    return result;
}

} // namespace rssmania
