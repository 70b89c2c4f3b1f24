#pragma once

#include "pipeline/problem.hpp"
#include "pipeline/wishes.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What travels between the stages: one struct per arrow of the pipeline, all plain aggregates.
///
///     schedule ─due─▶ fetch ─fetched─▶ parse ─visited─▶ store ─news─▶ main
///         ▲                                               │
///         └──────────────────── outcome ──────────────────┘
///
/// Whatever happens to a feed on its way (an error, nothing changed) goes the rest of the way as a `visited`, so that
/// every `due` ends at the store, once, and the schedule hears of it.
namespace rssmania {

using feed_id = std::int64_t;
using event_id = std::int64_t;
using unix_time = std::chrono::sys_seconds;

/// What a server gave to make the next request conditional: sent back byte for byte, or not at all if empty.
struct validators {
    std::string etag;
    std::string last_modified;

    [[nodiscard]] bool empty() const noexcept { return etag.empty() && last_modified.empty(); }

    friend bool operator==(const validators&, const validators&) = default;
};

/// How a user wants a feed's server to be spoken to. What is empty is as usual.
struct access {
    std::string user; ///< for basic authentication, with the feed's own server only
    std::string password;
    std::string proxy;
    std::string user_agent;
    std::string hosts_allowed; ///< hosts, by blanks, that need not be at public addresses

    friend bool operator==(const access&, const access&) = default;
};

/// A feed to be asked now.
struct due {
    feed_id feed = 0;
    std::string url;
    validators known;
    std::string known_from; ///< the address that gave them, if it is not `url`; nobody else gets them
    std::string body_hash;  ///< of the last body that was read as a feed; empty if none was
    access how;
};

/// What the head of an answer says beside how the visit went. It goes with a visit to its end.
struct answer_facts {
    int status = 0;       ///< the server's last word; 0 if there was none
    std::string url;      ///< who said it, after redirects
    std::string moved_to; ///< where permanent redirects alone lead from the feed's address; empty if there were none
    validators fresh;     ///< to be sent back next time, to that `url`
    server_wishes wishes;
    std::uint64_t bytes = 0;           ///< of the body, as it was sent
    std::chrono::milliseconds took{0}; ///< from the request to the end of the answer
};

/// An answer with a body, as it came from the network: nothing in it has been looked at.
struct fetched {
    feed_id feed = 0;
    std::string content_type;
    std::string content_encoding;
    std::string body; ///< still encoded
    std::string body_hash;
    answer_facts facts;
};

/// One article, cleaned of what no reader should see. Empty means that the feed doesn't say.
struct article {
    std::string id;
    std::string link;
    std::string title;
    std::string author;
    std::string content; ///< HTML, sanitised by the parser
    std::optional<unix_time> published;
    std::optional<unix_time> updated;
};

struct parsed_feed {
    std::string title;
    std::string link;
    publisher_wishes wishes;
    std::vector<article> articles;
};

/// How a visit went.
enum class visit_result {
    failed,    ///< `wrong` says why; what is known of the feed stays
    unchanged, ///< the server says so; `facts.fresh` is what its answer renews
    same_body, ///< a whole answer, but its body is the one we know; `facts.fresh` is the new set
    read       ///< `content` is what the document says; `wrong` may still hold a warning
};

struct visited {
    feed_id feed = 0;
    visit_result result = visit_result::failed;
    problem wrong;
    answer_facts facts;
    std::string body_hash;
    parsed_feed content;
};

/// A moment at which a feed is due: finer than the seconds of everything else, for those who watch at short intervals.
using due_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// What the schedule learns of a visit, when the store has it.
struct outcome {
    feed_id feed = 0;
    std::optional<due_time> due;          ///< when it is to be asked next; never, if empty
    std::optional<due_time> site_free_at; ///< when its site may be asked again, if that wants to be left alone
    bool offline = false;                 ///< there was no network here: it says nothing of this feed or of others
};

/// Something to tell: an article that was not there before, or a change in how a feed fares.
enum class news_kind {
    article,
    problem,   ///< `wrong` says what
    recovered, ///< it works again
    moved,     ///< `feed_url` is its new address
    updated    ///< an article that was there before has been changed
};

struct news {
    event_id id = 0;    ///< grows for ever; what was told is remembered by it
    event_id group = 0; ///< the first event of the same visit
    news_kind kind = news_kind::article;
    feed_id feed = 0;
    std::string feed_url;
    std::string feed_title;
    std::string feed_folder;
    article what;                ///< for articles, new or updated
    std::int64_t article_id = 0; ///< by which it is named in `mark`
    bool read = false;           ///< it is marked so
    bool starred = false;
    std::vector<std::string> tags; ///< that rules have given it
    problem wrong;                 ///< for problems
};

} // namespace rssmania
