#include "store/archive.hpp"

#include "store/columns.hpp"
#include "store/store.hpp"
#include "store/word_index.hpp"

#include <algorithm>
#include <variant>

namespace rssmania {
namespace {

// Conditions of a query, with a value for each `?` in them.
class conditions {
public:
    explicit conditions(const article_filter& which) : expression_(search_expression(which.search))
    {
        if (!expression_.empty())
            add("words MATCH ?", expression_);
        if (!which.folder.empty()) {
            add("(f.folder = ?", which.folder);
            text_ += " OR substr(f.folder, 1, length(?) + 1) = ? || '/')";
            values_.emplace_back(which.folder);
            values_.emplace_back(which.folder);
        }
        if (which.unread)
            add("a.read IS NULL");
        if (which.starred)
            add("a.starred IS NOT NULL");
        if (which.since)
            add("a.seen >= ?", seconds_of(*which.since));
        if (which.before)
            add("a.seen < ?", seconds_of(*which.before));
        add_feeds(which.feeds);
    }

    [[nodiscard]] bool is_search() const noexcept { return !expression_.empty(); }

    // "FROM … WHERE …" for the articles `a` of the feeds `f`.
    [[nodiscard]] std::string clause() const
    {
        const char* tables = is_search() ? " FROM words JOIN articles a ON a.id = words.rowid" : " FROM articles a";
        return std::string(tables) + " JOIN feeds f ON f.id = a.feed WHERE a.pruned IS NULL" + text_;
    }

    // Binds the values to the `?`s from number `index` on; returns the next number.
    int bind(sqlite::statement& query, int index) const
    {
        for (const auto& value : values_)
            std::visit([&](const auto& each) { query.set(index++, each); }, value);
        return index;
    }

private:
    void add(const std::string& condition) { text_ += " AND " + condition; }
    template <class Value>
    void add(const std::string& condition, Value value)
    {
        add(condition);
        values_.emplace_back(std::move(value));
    }
    void add_feeds(const std::vector<feed_id>& feeds)
    {
        if (feeds.empty())
            return;
        std::string list;
        for (const feed_id feed : feeds)
            list += (list.empty() ? "" : ", ") + std::to_string(feed);
        add("a.feed IN (" + list + ")");
    }

    std::string expression_;
    std::string text_;
    std::vector<std::variant<std::int64_t, std::string>> values_;
};

const char* setting_for(article_mark how)
{
    switch (how) {
    case article_mark::read:
        return "read = coalesce(read, ?1)";
    case article_mark::unread:
        return "read = NULL";
    case article_mark::starred:
        return "starred = coalesce(starred, ?1)";
    case article_mark::unstarred:
        return "starred = NULL";
    }
    return "";
}

// What `article_at` reads, but for the excerpt, which comes last.
constexpr const char* columns =
    "SELECT a.id, a.feed, f.url, iif(f.own_title = '', f.title, f.own_title), a.guid, a.link, a.title, a.author, "
    "a.content, a.published, a.updated, a.seen, a.read, a.starred, f.folder, (SELECT group_concat(tag, char(10)) FROM "
    "tags t WHERE t.article = a.id), ";

archived_article article_at(const sqlite::statement& row)
{
    return {.id = row.integer(0),
            .feed = row.integer(1),
            .feed_url = row.text(2),
            .feed_title = row.text(3),
            .what = {.id = row.text(4),
                     .link = row.text(5),
                     .title = row.text(6),
                     .author = row.text(7),
                     .content = row.text(8),
                     .published = time_in(row, 9),
                     .updated = time_in(row, 10)},
            .seen = unix_time(std::chrono::seconds(row.integer(11))),
            .read = !row.is_null(12),
            .starred = !row.is_null(13),
            .folder = row.text(14),
            .tags = lines_of(row.text(15)),
            .excerpt = row.text(16)};
}

} // namespace

match_subject subject_of(const archived_article& each)
{
    return {.title = each.what.title,
            .author = each.what.author,
            .link = each.what.link,
            .id = each.what.id,
            .content = each.what.content,
            .feed = each.feed_title,
            .url = each.feed_url,
            .folder = each.folder,
            .tags = each.tags,
            .unread = !each.read,
            .starred = each.starred};
}

archive::archive(const std::filesystem::path& directory, sqlite::access how) : db_(directory / store::file_name, how) {}

void archive::find(const article_filter& which, const std::function<void(const archived_article&)>& take)
{
    const conditions wanted(which);
    const std::string excerpt = wanted.is_search() ? "snippet(words, -1, char(2), char(3), '…', 16)" : "''";
    const std::string order = wanted.is_search()
                                  ? "words.rank, a.id DESC"
                                  : "a.seen DESC, min(coalesce(a.published, a.seen), a.seen) DESC, a.id DESC";
    auto query = db_.prepare(columns + excerpt + wanted.clause() + " ORDER BY " + order + " LIMIT ?");
    // A condition is looked at here, so the number is counted here.
    query.set(wanted.bind(query, 1), which.match.is_empty() ? which.most : std::int64_t{-1});
    for (std::int64_t taken = 0; (which.most < 0 || taken < which.most) && query.next();) {
        const archived_article found = article_at(query);
        if (!which.match(subject_of(found)))
            continue;
        take(found);
        ++taken;
    }
}

std::optional<archived_article> archive::find(std::int64_t article)
{
    auto query =
        db_.prepare(std::string(columns) + "''" + " FROM articles a JOIN feeds f ON f.id = a.feed WHERE a.id = ?");
    if (!query.run(article).next())
        return std::nullopt;
    return article_at(query);
}

std::int64_t archive::mark(std::span<const std::int64_t> articles, article_mark how, unix_time now)
{
    sqlite::transaction change(db_);
    auto update = db_.prepare(std::string("UPDATE articles SET ") + setting_for(how) + " WHERE id = ?2");
    std::int64_t marked = 0;
    for (const std::int64_t article : articles) {
        update.execute(seconds_of(now), article);
        marked += db_.changes();
    }
    change.commit();
    return marked;
}

std::int64_t archive::mark(const article_filter& which, article_mark how, unix_time now)
{
    std::vector<std::int64_t> articles;
    find(which, [&](const archived_article& each) { articles.push_back(each.id); });
    return mark(articles, how, now);
}

archive::totals archive::count()
{
    return {db_.single_integer("SELECT count(*) FROM articles WHERE pruned IS NULL"),
            db_.single_integer("SELECT count(*) FROM articles WHERE read IS NULL AND pruned IS NULL")};
}

} // namespace rssmania
