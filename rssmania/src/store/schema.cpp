#include "store/schema.hpp"

#include <array>
#include <string>

namespace rssmania {
namespace {

constexpr std::int64_t our_mark = 0x52737331; // "Rss1", in the file's header, so that file(1) and we know it

// One script per version, each from the one before. They are history: never edited, only added to.
constexpr std::array migrations{
    R"(
    CREATE TABLE feeds (
        id            INTEGER PRIMARY KEY,
        url           TEXT NOT NULL UNIQUE,      -- as the user gave it
        title         TEXT NOT NULL DEFAULT '',
        link          TEXT NOT NULL DEFAULT '',
        etag          BLOB NOT NULL DEFAULT x'', -- both validators exactly as received
        last_modified BLOB NOT NULL DEFAULT x'',
        body_hash     BLOB NOT NULL DEFAULT x'', -- of the last body that was a feed
        added         INTEGER NOT NULL,          -- seconds since 1970, as all times here
        asked         INTEGER,                   -- when it was last asked; NULL: never
        answered      INTEGER,                   -- when it last gave a feed or "unchanged"
        run           INTEGER NOT NULL DEFAULT 0, -- of the watcher that asked last
        failures      INTEGER NOT NULL DEFAULT 0, -- in a row
        problem       INTEGER NOT NULL DEFAULT 0, -- problem_kind; 0: none
        detail        TEXT NOT NULL DEFAULT '',
        problem_run   INTEGER NOT NULL DEFAULT 0  -- of the watcher that told of it
    );
    CREATE TABLE articles (
        id        INTEGER PRIMARY KEY,
        feed      INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
        identity  BLOB NOT NULL,                  -- see identity.hpp
        digest    BLOB NOT NULL,
        guid      TEXT NOT NULL,
        link      TEXT NOT NULL,
        title     TEXT NOT NULL,
        author    TEXT NOT NULL,
        content   TEXT NOT NULL,
        published INTEGER,
        updated   INTEGER,
        seen      INTEGER NOT NULL,
        UNIQUE (feed, identity)
    );
    CREATE TABLE events (
        id      INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: what was told is remembered by it
        visit   INTEGER NOT NULL,                  -- the id of the first event of the same visit
        kind    INTEGER NOT NULL,                  -- news_kind
        feed    INTEGER NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
        article INTEGER REFERENCES articles (id) ON DELETE CASCADE,
        problem INTEGER NOT NULL DEFAULT 0,
        detail  TEXT NOT NULL DEFAULT '',
        at      INTEGER NOT NULL
    );
    CREATE INDEX events_article ON events (article);
    CREATE INDEX events_feed ON events (feed);
    )",
    R"(
    ALTER TABLE feeds ADD COLUMN former_url    TEXT NOT NULL DEFAULT '';   -- before a permanent redirect was believed
    ALTER TABLE feeds ADD COLUMN known_from    TEXT NOT NULL DEFAULT '';   -- who gave the validators, if not url
    ALTER TABLE feeds ADD COLUMN whole         INTEGER;                    -- when the last whole body came
    ALTER TABLE feeds ADD COLUMN failing_since INTEGER;
    ALTER TABLE feeds ADD COLUMN due           INTEGER DEFAULT 0;          -- milliseconds since 1970; NULL: never
    ALTER TABLE feeds ADD COLUMN due_reason    INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE feeds ADD COLUMN gap           INTEGER NOT NULL DEFAULT 0; -- seconds between articles; 0: not known
    ALTER TABLE feeds ADD COLUMN newest        INTEGER;
    ALTER TABLE feeds ADD COLUMN by_hour       BLOB NOT NULL DEFAULT x'';  -- a byte for each hour of the day, UTC
    ALTER TABLE feeds ADD COLUMN wish_period   INTEGER NOT NULL DEFAULT 0; -- ttl, sy:updatePeriod, in seconds
    ALTER TABLE feeds ADD COLUMN skip_hours    INTEGER NOT NULL DEFAULT 0; -- bit h: not in hour h, UTC
    ALTER TABLE feeds ADD COLUMN skip_days     INTEGER NOT NULL DEFAULT 0; -- bit d: not on day d; 0: Sunday
    ALTER TABLE feeds ADD COLUMN move_target   TEXT NOT NULL DEFAULT '';   -- where permanent redirects have led
    ALTER TABLE feeds ADD COLUMN move_seen     INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE feeds ADD COLUMN move_first    INTEGER;
    CREATE TABLE sites (                          -- those that asked to be left alone
        site         TEXT PRIMARY KEY,
        busy_answers INTEGER NOT NULL,            -- 429 and 503 in a row
        free_at      INTEGER NOT NULL             -- milliseconds since 1970
    );
    )",
    R"(
    ALTER TABLE feeds ADD COLUMN own_title TEXT NOT NULL DEFAULT ''; -- as the user calls it
    ALTER TABLE feeds ADD COLUMN folder    TEXT NOT NULL DEFAULT ''; -- names joined by "/"
    ALTER TABLE articles ADD COLUMN read    INTEGER;                 -- when it was marked; NULL: not
    ALTER TABLE articles ADD COLUMN starred INTEGER;
    CREATE INDEX articles_seen ON articles (seen);
    CREATE VIRTUAL TABLE words USING fts5 (title, author, text, tokenize = 'unicode61 remove_diacritics 2');
    INSERT INTO words (words, rank) VALUES ('rank', 'bm25(10.0, 3.0, 1.0)');
    CREATE TABLE indexed (up_to INTEGER NOT NULL);                   -- articles up to this id are in words
    INSERT INTO indexed VALUES (0);
    )",
    R"(
    ALTER TABLE feeds ADD COLUMN every         INTEGER;                  -- milliseconds between visits; NULL: not set
    ALTER TABLE feeds ADD COLUMN least_wait    INTEGER;                  -- seconds; NULL: as for all feeds
    ALTER TABLE feeds ADD COLUMN most_wait     INTEGER;
    ALTER TABLE feeds ADD COLUMN user          TEXT NOT NULL DEFAULT ''; -- for basic authentication
    ALTER TABLE feeds ADD COLUMN password_from TEXT NOT NULL DEFAULT ''; -- where the password is, see secret.hpp
    ALTER TABLE feeds ADD COLUMN proxy         TEXT NOT NULL DEFAULT '';
    ALTER TABLE feeds ADD COLUMN user_agent    TEXT NOT NULL DEFAULT '';
    ALTER TABLE feeds ADD COLUMN hosts_allowed TEXT NOT NULL DEFAULT ''; -- that need not be public, by blanks
    ALTER TABLE feeds ADD COLUMN identity_by   INTEGER NOT NULL DEFAULT 0; -- identity_rule
    ALTER TABLE feeds ADD COLUMN hub           TEXT NOT NULL DEFAULT ''; -- WebSub: as the feed names it
    ALTER TABLE feeds ADD COLUMN topic         TEXT NOT NULL DEFAULT '';
    CREATE INDEX feeds_former_url ON feeds (former_url) WHERE former_url <> '';
    CREATE TABLE hub_subscriptions (
        feed    INTEGER PRIMARY KEY REFERENCES feeds (id) ON DELETE CASCADE,
        hub     TEXT NOT NULL,
        topic   TEXT NOT NULL,
        path    TEXT NOT NULL UNIQUE,     -- of the callback; nobody can guess it
        secret  TEXT NOT NULL,            -- that signs what the hub sends
        state   INTEGER NOT NULL,         -- hub_state
        asked   INTEGER NOT NULL,         -- when we last asked the hub
        until   INTEGER                   -- the end of its lease
    );
    )",
    R"(
    ALTER TABLE articles ADD COLUMN pruned INTEGER;                   -- when its texts were let go; NULL: they are there
    CREATE TABLE tags (                                               -- that rules have given
        article INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        tag     TEXT NOT NULL,
        PRIMARY KEY (article, tag)
    ) WITHOUT ROWID;
    DROP INDEX articles_seen;
    CREATE INDEX articles_seen ON articles (seen) WHERE pruned IS NULL;
    CREATE INDEX articles_pruned ON articles (feed, pruned) WHERE pruned IS NOT NULL;
    CREATE INDEX events_trouble ON events (at) WHERE kind <> 0 AND kind <> 4;
    )",
};

} // namespace

std::int64_t schema_version() noexcept { return static_cast<std::int64_t>(migrations.size()); }

void migrate(sqlite::database& db) { migrate(db, schema_version()); }

void migrate(sqlite::database& db, std::int64_t wanted)
{
    // WAL: readers and the one writer don't wait for each other. FULL: what was told must not be forgotten by a power
    // cut, or it would be told again.
    // Pages go from the journal to their places after 16 MB, not 4: those that change again and again, once.
    db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
               "PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -8192");
    sqlite::transaction all_or_nothing(db);
    const std::int64_t version = db.single_integer("PRAGMA user_version");
    const std::int64_t mark = db.single_integer("PRAGMA application_id");
    if (mark != our_mark && (mark != 0 || db.single_integer("SELECT count(*) FROM sqlite_schema") != 0))
        throw sqlite::error("the store is a database of another program");
    if (version > wanted)
        throw sqlite::error("the store is from a later rssmania (version " + std::to_string(version) + ")");
    for (std::int64_t next = version; next < wanted; ++next)
        db.execute(migrations.at(static_cast<std::size_t>(next)));
    db.execute(("PRAGMA application_id = " + std::to_string(our_mark)).c_str());
    db.execute(("PRAGMA user_version = " + std::to_string(wanted)).c_str());
    all_or_nothing.commit();
}

} // namespace rssmania
