#include "missing.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace feed_command {

namespace {

using feed::format;

// Formats as bits, so that a line of a table can name several.
using formats = std::uint32_t;

constexpr formats these(std::initializer_list<format> kinds)
{
    formats result = 0;
    for (const format kind : kinds)
        result |= formats{1} << static_cast<unsigned>(kind);
    return result;
}

constexpr formats rdf = these({format::rss090, format::rss10});
constexpr formats netscape = these({format::rss091n, format::rss091u});
constexpr formats userland = these({format::rss092, format::rss093, format::rss094, format::rss20, format::rss});
constexpr formats rss = rdf | netscape | userland;
constexpr formats old_atom = these({format::atom01, format::atom02, format::atom03});
constexpr formats new_atom = these({format::atom10, format::atom});
constexpr formats atom = old_atom | new_atom;
constexpr formats json = these({format::json1, format::json11});

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

struct feed_rule {
    formats where;
    std::string_view lacks;
    bool (*holds)(const feed::document& of);
    std::string_view remedy;
};

constexpr feed_rule feed_rules[] = {
    {rss | atom | json, "title", [](const feed::document& of) { return !is_blank(of.title.value); },
     "give the feed a title: the name of the site or of what it tells of"},
    {rss, "link", [](const feed::document& of) { return !of.link.empty(); },
     "give the channel a <link>: the address of the page that the feed belongs to"},
    {rss, "description", [](const feed::document& of) { return !is_blank(of.subtitle.value); },
     "give the channel a <description>: a sentence on what the feed is about"},
    {netscape, "language", [](const feed::document& of) { return !of.language.empty(); },
     "give the channel a <language>, as in en-us, or write RSS 2.0, which does not demand it"},
    {new_atom, "id", [](const feed::document& of) { return !of.id_as_written.empty(); },
     "give the feed an <id>: an address or urn:uuid that is its own and never changes"},
    {atom, "date of its last change", [](const feed::document& of) { return !of.updated_text.empty(); },
     "give the feed an <updated> (<modified> before Atom 1.0): when something last changed, as in "
     "2026-01-31T09:30:00Z"},
};

struct entry_rule {
    formats where;
    std::string_view lacks;
    bool (*holds)(const feed::entry& each, const feed::document& of);
    std::string_view remedy;
};

bool has_own_author(const feed::entry& each) { return !each.authors.empty() || !each.author.empty(); }

constexpr entry_rule entry_rules[] = {
    {userland, "title and no description",
     [](const feed::entry& each, const feed::document&) {
         return !is_blank(each.title.value) || !is_blank(each.summary.value) || !each.content.empty();
     },
     "give each item a <title> or a <description>, better both"},
    {rdf | netscape | atom, "title",
     [](const feed::entry& each, const feed::document&) { return static_cast<bool>(each.title); },
     "give each entry a title; in Atom it may be empty, but has to be there"},
    {rdf | netscape, "link", [](const feed::entry& each, const feed::document&) { return !each.link.empty(); },
     "give each item a <link>: the address of its page"},
    {atom | json, "id", [](const feed::entry& each, const feed::document&) { return !each.id_as_written.empty(); },
     "give each entry an id that is its own and never changes: without one, readers show it again when it is edited"},
    {atom, "date of its last change",
     [](const feed::entry& each, const feed::document&) { return !each.updated_text.empty(); },
     "give each entry an <updated> (<modified> before Atom 1.0), as in 2026-01-31T09:30:00Z"},
    {new_atom, "author",
     [](const feed::entry& each, const feed::document& of) {
         return has_own_author(each) || !of.authors.empty() || !of.author.empty() ||
                (each.source != nullptr && !each.source->authors.empty());
     },
     "give the feed an <author> with a <name>, or each entry its own"},
    {json, "content", [](const feed::entry& each, const feed::document&) { return !each.content.empty(); },
     "give each item a content_html or a content_text"},
};

// `entry 2`, `entries 1, 4 and 9`, `entries 1, 2, 3, 4, 5 and 12 more`; counted from 1.
std::string entries_named(const std::vector<std::size_t>& numbers)
{
    constexpr std::size_t most = 5;
    std::string result = numbers.size() == 1 ? "entry " : "entries ";
    const bool cut = numbers.size() > most + 1;
    const std::size_t named = cut ? most : numbers.size();
    for (std::size_t i = 0; i < named; ++i) {
        if (i > 0)
            result.append(i + 1 == named && !cut ? " and " : ", ");
        result.append(std::to_string(numbers[i]));
    }
    if (cut)
        result.append(" and ").append(std::to_string(numbers.size() - named)).append(" more");
    return result;
}

// The entries whose id an earlier one has, counted from 1.
std::vector<std::size_t> with_an_id_again(const feed::document& document)
{
    std::set<std::string_view> seen;
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < document.entries.size(); ++i)
        if (const std::string_view id = document.entries[i].id_as_written; !id.empty() && !seen.insert(id).second)
            result.push_back(i + 1);
    return result;
}

} // namespace

std::vector<missing_element> missing_elements(const feed::document& document)
{
    std::vector<missing_element> result;
    const formats kind = these({document.format});
    for (const feed_rule& rule : feed_rules)
        if ((rule.where & kind) != 0 && !rule.holds(document))
            result.push_back({std::string("the feed has no ").append(rule.lacks), rule.remedy});
    for (const entry_rule& rule : entry_rules) {
        if ((rule.where & kind) == 0)
            continue;
        std::vector<std::size_t> lacking;
        for (std::size_t i = 0; i < document.entries.size(); ++i)
            if (!rule.holds(document.entries[i], document))
                lacking.push_back(i + 1);
        if (!lacking.empty())
            result.push_back(
                {entries_named(lacking).append(lacking.size() == 1 ? " has no " : " have no ").append(rule.lacks),
                 rule.remedy});
    }
    if (const std::vector<std::size_t> again = with_an_id_again(document); !again.empty())
        result.push_back(
            {entries_named(again).append(again.size() == 1 ? " has" : " have").append(" the id of an earlier entry"),
             "give each entry an id of its own: of those that share one, readers show one"});
    return result;
}

} // namespace feed_command
