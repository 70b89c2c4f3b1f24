// A year of polling in seconds: the planner and the rules for the next visit, on a clock that is moved by hand, against
// a thousand simulated feeds on a few hundred sites. What is checked is what their servers would see.
#include "guest/next_visit.hpp"
#include "schedule/planner.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace rssmania {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const due_time new_year = due_time(std::chrono::sys_days(std::chrono::January / 1 / 2026));

enum class temper { plain, cached, wishing, skipping, busy, failing, gone, locked };

struct simulated_feed {
    feed_id id = 0;
    std::string site;
    temper mood = temper::plain;
    std::chrono::seconds publishes_every{};
    due_time next_article;
    std::deque<unix_time> articles; // the last few, newest first
    visit_memory memory;
    std::optional<due_time> not_before; // what its server or publisher said at the last visit
    std::optional<due_time> last_visit;
    int visits = 0;
};

struct visit_under_way {
    due_time ends;
    simulated_feed* feed = nullptr;
    friend bool operator>(const visit_under_way& a, const visit_under_way& b) { return a.ends > b.ends; }
};

class a_year : public ::testing::Test {
protected:
    static constexpr int feeds = 1000;
    static constexpr int sites = 300;

    void SetUp() override
    {
        for (int i = 0; i < feeds; ++i) {
            simulated_feed& feed = world_.emplace_back();
            feed.id = i + 1;
            feed.site = "site" + std::to_string(i % sites);
            feed.mood = i % 5 == 0 ? static_cast<temper>(i / 5 % 8) : temper::plain;
            feed.publishes_every = std::chrono::minutes(20 + i * i % 20'000);
            feed.next_article = new_year - feed.publishes_every * 30;
            plan_.add(feed.id, feed.site, planned(new_year));
        }
    }

    static planner::time planned(due_time when) { return planner::time(when - new_year + 1000h); }
    static due_time on_the_wall(planner::time when)
    {
        return new_year + std::chrono::ceil<milliseconds>(when.time_since_epoch() - 1000h);
    }

    void run(std::chrono::hours length)
    {
        due_time now = new_year;
        while (now < new_year + length) {
            while (const auto feed = plan_.take(planned(now)))
                begin(world_.at(static_cast<std::size_t>(*feed - 1)), now);
            std::optional<due_time> next;
            if (const auto moment = plan_.next_moment())
                next = on_the_wall(*moment);
            if (!under_way_.empty() && (!next || under_way_.top().ends <= *next)) {
                now = std::max(now, under_way_.top().ends);
                simulated_feed& feed = *under_way_.top().feed;
                under_way_.pop();
                end(feed, now);
            } else if (next) {
                now = std::max(now, *next);
            } else {
                return;
            }
        }
    }

    void begin(simulated_feed& feed, due_time now)
    {
        check_politeness(feed, now);
        feed.last_visit = now;
        ++feed.visits;
        under_way_.push({now + milliseconds(50 + chance_() % 3000), &feed});
        ++at_site_[feed.site];
        last_at_site_[feed.site] = now;
    }

    void check_politeness(const simulated_feed& feed, due_time now)
    {
        EXPECT_LT(at_site_[feed.site], 2) << "connections to " << feed.site;
        if (const auto last = last_at_site_.find(feed.site); last != last_at_site_.end()) {
            EXPECT_GE(now - last->second, 2s) << feed.site << " is asked too fast";
        }
        if (const auto held = held_.find(feed.site); held != held_.end()) {
            EXPECT_GE(now, held->second) << feed.site << " wanted to be left alone";
        }
        if (feed.not_before) {
            EXPECT_GE(now, *feed.not_before) << "feed " << feed.id << " wished otherwise";
        }
        if (feed.last_visit) {
            EXPECT_GE(now - *feed.last_visit, 15min) << "feed " << feed.id;
        }
        ++beginnings_;
        on_full_minute_ += now.time_since_epoch() % 1min < 1s ? 1 : 0;
        if (std::chrono::floor<std::chrono::minutes>(now) != minute_)
            minute_ = std::chrono::floor<std::chrono::minutes>(now), in_minute_ = 0;
        most_in_a_minute_ = std::max(most_in_a_minute_, now - new_year > 24h ? ++in_minute_ : 0);
    }

    void end(simulated_feed& feed, due_time now)
    {
        --at_site_[feed.site];
        const auto second = std::chrono::floor<std::chrono::seconds>(now);
        for (; feed.next_article <= now; feed.next_article += feed.publishes_every / 2 + jittered(feed.publishes_every))
            feed.articles.push_front(std::chrono::floor<std::chrono::seconds>(feed.next_article));
        feed.articles.resize(std::min<std::size_t>(feed.articles.size(), 50));
        const std::vector<unix_time> times(feed.articles.begin(), feed.articles.end());
        feed.memory.published = rhythm_of(times, second);

        const visited visit = answer_of(feed, now);
        const bool failed = visit.result == visit_result::failed;
        feed.memory.failures = failed ? feed.memory.failures + 1 : 0;
        feed.memory.failing_since = failed ? feed.memory.failing_since.value_or(second) : std::optional<unix_time>();
        int& busy = busy_[feed.site];
        feed.memory.busy_answers = busy + 1;
        const planned_visit next = next_visit(feed.memory, visit, {}, now, chance_);
        busy = next.site_free_at ? busy + 1 : failed ? busy : 0;
        if (next.site_free_at) {
            held_[feed.site] = *next.site_free_at;
            plan_.hold_site_of(feed.id, planned(*next.site_free_at));
        }
        plan_.finished(feed.id, next.when ? std::optional(planned(*next.when)) : std::nullopt, planned(now));
    }

    std::chrono::seconds jittered(std::chrono::seconds length)
    {
        return std::chrono::seconds(chance_() % static_cast<unsigned>(length.count()));
    }

    visited answer_of(simulated_feed& feed, due_time now)
    {
        visited visit{.feed = feed.id, .result = visit_result::unchanged, .facts = {.status = 304}};
        feed.not_before.reset();
        const auto fail = [&](int status) {
            visit.result = visit_result::failed;
            visit.wrong = {problem_kind::http_status, std::to_string(status)};
            visit.facts.status = status;
        };
        switch (feed.mood) {
        case temper::plain:
            break;
        case temper::cached:
            visit.facts.wishes.fresh_for = 6h;
            feed.not_before = now + 6h;
            break;
        case temper::wishing:
            feed.memory.wishes.period = 4h;
            feed.not_before = now + 4h;
            break;
        case temper::skipping:
            feed.memory.wishes = {.skip_hours = 0x0000'00ff, .skip_days = 1};
            break;
        case temper::busy: // now and then
            if (feed.visits % 7 == 0) {
                fail(429);
                visit.facts.wishes.retry_after = 3h;
                feed.not_before = now + 3h;
            }
            break;
        case temper::failing:
            fail(500);
            break;
        case temper::gone:
            fail(410);
            feed.not_before = now + 24h * 29;
            break;
        case temper::locked:
            fail(401);
            feed.not_before = due_time::max();
            break;
        }
        return visit;
    }

    std::minstd_rand chance_{7};
    planner plan_{{}};
    std::vector<simulated_feed> world_ = [] {
        std::vector<simulated_feed> world;
        world.reserve(feeds); // pointers into it are kept
        return world;
    }();
    std::priority_queue<visit_under_way, std::vector<visit_under_way>, std::greater<>> under_way_;
    std::map<std::string, int> at_site_;
    std::map<std::string, int> busy_; // 429 in a row
    std::map<std::string, due_time> last_at_site_;
    std::map<std::string, due_time> held_;
    std::chrono::sys_time<std::chrono::minutes> minute_;
    int in_minute_ = 0;
    int most_in_a_minute_ = 0; // after the first day
    int beginnings_ = 0;
    int on_full_minute_ = 0;
};

TEST_F(a_year, of_polling_a_thousand_feeds_annoys_nobody)
{
    run(24h * 365);

    std::map<temper, int> visits;
    std::map<temper, int> members;
    for (const simulated_feed& feed : world_) {
        visits[feed.mood] += feed.visits;
        ++members[feed.mood];
    }
    const auto each = [&](temper mood) { return visits[mood] / members[mood]; };
    EXPECT_GT(each(temper::plain), 365); // lively ones are asked all day
    EXPECT_LT(each(temper::plain), 365 * 24);
    EXPECT_LE(each(temper::cached), 365 * 4);
    EXPECT_LE(each(temper::wishing), 365 * 6);
    EXPECT_LE(each(temper::failing), 30 + 52); // a back-off of a month, then once a week
    EXPECT_GE(each(temper::failing), 48 + 10);
    EXPECT_LE(each(temper::gone), 13);
    EXPECT_EQ(each(temper::locked), 1);
    // A wait for a place at a site may end on a full minute; being due there never does.
    EXPECT_LT(on_full_minute_, beginnings_ / 100);
    // Nor does anybody's hour strike for all: a minute has what its share of the year is, with room for chance.
    EXPECT_LT(most_in_a_minute_, 60 + 10 * beginnings_ / (365 * 24 * 60));
}

TEST_F(a_year, has_no_hour_in_which_a_feed_that_skips_it_is_asked)
{
    run(24h * 30);
    for (simulated_feed& feed : world_) {
        if (feed.mood != temper::skipping)
            continue;
        EXPECT_GT(feed.visits, 10);
        EXPECT_GE(*feed.last_visit - std::chrono::floor<std::chrono::days>(*feed.last_visit), 8h);
    }
}

} // namespace
} // namespace rssmania
