#include "store/feed_state.hpp"

namespace rssmania {
namespace {

// Which of two sets of validators holds after an answer: a whole one replaces both, a 304 renews what it repeats.
void take_validators(feed_state& feed, const visited& visit)
{
    const answer_facts& facts = visit.facts;
    if (visit.result != visit_result::unchanged) {
        feed.known = facts.fresh;
        feed.known_from = facts.url == feed.url ? std::string() : facts.url;
        return;
    }
    if (!facts.fresh.etag.empty())
        feed.known.etag = facts.fresh.etag;
    if (!facts.fresh.last_modified.empty())
        feed.known.last_modified = facts.fresh.last_modified;
}

void take_failure(feed_state& feed, unix_time now)
{
    ++feed.failures;
    if (!feed.failing_since)
        feed.failing_since = now;
}

} // namespace

due request_for(const feed_state& feed)
{
    return {.feed = feed.id,
            .url = feed.url,
            .known = feed.known,
            .known_from = feed.known_from,
            .body_hash = feed.body_hash,
            .how = {.user = feed.wanted.user,
                    .password = {},
                    .proxy = feed.wanted.proxy,
                    .user_agent = feed.wanted.user_agent,
                    .hosts_allowed = feed.wanted.hosts_allowed}};
}

bool take_note(feed_state& feed, const visited& visit, unix_time now, run_id run)
{
    feed.asked = now;
    feed.run = run;
    if (visit.wrong.kind == problem_kind::offline)
        return false; // it has not been asked at all
    if (visit.result == visit_result::failed) {
        take_failure(feed, now);
        return false;
    }
    feed.answered = now;
    feed.failures = 0;
    feed.failing_since.reset();
    take_validators(feed, visit);
    if (visit.result != visit_result::unchanged && visit.facts.status != 226)
        feed.whole = now;
    if (visit.result == visit_result::read) {
        feed.title = visit.content.title;
        feed.link = visit.content.link;
        feed.body_hash = visit.body_hash;
        feed.wishes = visit.content.wishes;
    }
    return note_move(feed.move, visit.facts.moved_to, now);
}

} // namespace rssmania
