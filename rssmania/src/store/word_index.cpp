#include "store/word_index.hpp"

#include <feed/html.hpp>

#include <vector>

namespace rssmania {
namespace {

// A word or a phrase of a search as it was typed.
struct term {
    std::string text;
    bool excluded = false;
    bool beginning = false; // of a word
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Takes the next term off the front of `typed`, which doesn't begin with a blank.
term next_term(std::string_view& typed)
{
    term found;
    if (typed.size() > 1 && typed.front() == '-') {
        found.excluded = true;
        typed.remove_prefix(1);
    }
    const bool quoted = typed.front() == '"';
    if (quoted)
        typed.remove_prefix(1);
    std::size_t end = 0;
    while (end < typed.size() && (quoted ? typed[end] != '"' : !is_blank(typed[end])))
        ++end;
    found.text = typed.substr(0, end);
    typed.remove_prefix(std::min(typed.size(), end + (quoted ? 1 : 0)));
    if (found.text.ends_with('*')) {
        found.beginning = true;
        found.text.pop_back();
    }
    return found;
}

// In FTS5 a string in double quotes is words and nothing else; a quote inside is doubled.
std::string quoted(const term& which)
{
    std::string result = "\"";
    for (const char c : which.text) {
        if (c != '\0') // would end the expression
            result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + (which.beginning ? "\"*" : "\"");
}

} // namespace

std::string search_expression(std::string_view typed)
{
    std::string wanted;
    std::string excluded;
    for (;;) {
        while (!typed.empty() && is_blank(typed.front()))
            typed.remove_prefix(1);
        if (typed.empty())
            break;
        const term next = next_term(typed);
        if (next.text.empty())
            continue;
        std::string& list = next.excluded ? excluded : wanted;
        list += (list.empty() ? "" : next.excluded ? " OR " : " AND ") + quoted(next);
    }
    if (wanted.empty())
        return {};
    return excluded.empty() ? wanted : "(" + wanted + ") NOT (" + excluded + ")";
}

word_index::word_index(sqlite::database& db) :
    db_(db), add_(db.prepare("INSERT INTO words (rowid, title, author, text) VALUES (?, ?, ?, ?)")),
    remove_(db.prepare("DELETE FROM words WHERE rowid = ?")), up_to_(db.single_integer("SELECT up_to FROM indexed"))
{}

int word_index::catch_up(int most)
{
    struct row {
        std::int64_t id;
        std::string title;
        std::string author;
        std::string content;
    };
    std::vector<row> rows;
    auto query = db_.prepare("SELECT id, title, author, content FROM articles WHERE id > ? ORDER BY id LIMIT ?");
    for (query.run(up_to_, most); query.next();)
        rows.push_back({query.integer(0), query.text(1), query.text(2), query.text(3)});
    if (rows.empty())
        return 0;
    sqlite::transaction change(db_);
    for (const row& each : rows)
        add(each.id, each.title, each.author, each.content);
    db_.prepare("UPDATE indexed SET up_to = ?").execute(rows.back().id);
    change.commit();
    up_to_ = rows.back().id;
    return static_cast<int>(rows.size());
}

void word_index::note_change(std::int64_t row, const article& now)
{
    if (row > up_to_)
        return; // its turn comes
    remove_.execute(row);
    add(row, now.title, now.author, now.content);
}

void word_index::add(std::int64_t row, std::string_view title, std::string_view author, std::string_view content)
{
    add_.execute(row, title, author, feed::html_to_text(content));
}

} // namespace rssmania
