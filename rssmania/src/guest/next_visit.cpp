#include "guest/next_visit.hpp"

#include <algorithm>
#include <cmath>

namespace rssmania {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int too_many_requests = 429;
constexpr int unavailable = 503;
constexpr int gone = 410;
constexpr int unauthorized = 401;

// A wait with the reason for its length. Chance may shorten it down to `least`.
struct wait {
    milliseconds length;
    due_reason why;
    milliseconds least = 0s;

    void at_least(milliseconds bound, due_reason reason)
    {
        if (length < bound) {
            length = bound;
            why = reason;
        }
        least = std::max(least, bound);
    }
};

double draw(std::minstd_rand& chance) { return std::uniform_real_distribution<double>(0, 1)(chance); }

milliseconds scaled(milliseconds length, double factor)
{
    return milliseconds(std::llround(static_cast<double>(length.count()) * factor));
}

// `first`, doubled with each further try, up to `last`.
seconds backed_off(seconds first, seconds last, int tries)
{
    seconds length = std::min(first, last);
    for (int i = 1; i < tries && length < last; ++i)
        length = std::min(length * 2, last);
    return length;
}

seconds floor_of(const visit_memory& memory, const manners& how)
{
    const bool lively = memory.published.gap > 0s && memory.published.gap < how.cautious_floor;
    return lively ? how.floor : how.cautious_floor;
}

wait usual_wait(const visit_memory& memory, const visited& visit, const manners& how, due_time now)
{
    wait result{how.cautious_floor, due_reason::floor, how.cautious_floor};
    if (how.every) {
        result = {*how.every, due_reason::set_interval};
    } else if (const auto found = wait_by(memory.published, std::chrono::floor<seconds>(now))) {
        result = {*found, due_reason::rhythm};
        result.at_least(floor_of(memory, how), due_reason::floor);
        if (result.length > how.cap) {
            result.length = how.cap;
            result.why = due_reason::cap;
        }
    }
    result.at_least(std::min(visit.facts.wishes.fresh_for.value_or(0s), how.cap), due_reason::fresh);
    result.at_least(std::min(memory.wishes.period, how.cap), due_reason::publisher);
    return result;
}

wait busy_wait(const visit_memory& memory, const visited& visit, const manners& how)
{
    const seconds unsaid = backed_off(how.busy_retry, how.cap, memory.busy_answers);
    const seconds said = visit.facts.wishes.retry_after.value_or(unsaid);
    const seconds length = std::clamp(said, std::min(seconds(60), how.busy_retry), how.cap);
    return {length, due_reason::busy, length};
}

wait failing_wait(const visit_memory& memory, const manners& how, due_time now)
{
    if (memory.failing_since && now - *memory.failing_since >= how.dead_after)
        return {how.dead_retry, due_reason::dead};
    const milliseconds first = how.every ? std::min<milliseconds>(*how.every, how.first_retry) : how.first_retry;
    milliseconds length = first;
    for (int i = 1; i < memory.failures && length < how.last_retry; ++i)
        length = std::min<milliseconds>(length * 2, how.last_retry);
    return {length, due_reason::failing};
}

bool is_skipped(const publisher_wishes& wishes, due_time when)
{
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const auto hour = static_cast<unsigned>((when - day) / 1h);
    return ((wishes.skip_hours >> hour) & 1U) != 0 ||
           ((wishes.skip_days >> std::chrono::weekday(day).c_encoding()) & 1U) != 0;
}

// The first moment from `when` on that is not in an hour or on a day to be skipped; `when` itself if all are.
due_time not_skipped(const publisher_wishes& wishes, due_time when, std::minstd_rand& chance)
{
    if (!is_skipped(wishes, when))
        return when;
    auto hour = std::chrono::floor<std::chrono::hours>(when);
    for (int i = 0; i < 7 * 24; ++i) {
        hour += 1h;
        if (!is_skipped(wishes, hour))
            return hour + scaled(20min, draw(chance)); // others wait for that hour, too
    }
    return when;
}

due_time off_the_full_minute(due_time when, std::minstd_rand& chance)
{
    const auto past = when - std::chrono::floor<std::chrono::minutes>(when);
    return past < 1s ? when + 1s + scaled(57s, draw(chance)) : when;
}

} // namespace

planned_visit next_visit(const visit_memory& memory, const visited& visit, const manners& how, due_time now,
                         std::minstd_rand& chance)
{
    const bool failed = visit.result == visit_result::failed;
    if (visit.wrong.kind == problem_kind::offline)
        return {now + scaled(how.offline_retry, 1 + how.jitter * draw(chance)), due_reason::offline, std::nullopt};
    if (failed && visit.facts.status == unauthorized)
        return {std::nullopt, due_reason::locked, std::nullopt};

    const bool busy = failed && (visit.facts.status == too_many_requests || visit.facts.status == unavailable);
    wait next = !failed                      ? usual_wait(memory, visit, how, now)
                : busy                       ? busy_wait(memory, visit, how)
                : visit.facts.status == gone ? wait{how.gone_retry, due_reason::gone, how.gone_retry}
                                             : failing_wait(memory, how, now);
    // To both sides, but never before a time that others have set: waits at their bound drift to later ones only.
    const double side = next.length > next.least ? 2 * draw(chance) - 1 : draw(chance);
    const milliseconds length = std::max(scaled(next.length, 1 + how.jitter * side), next.least);
    planned_visit plan{now + length, next.why, std::nullopt};
    if (busy)
        plan.site_free_at = now + next.length;
    if (!failed) {
        const due_time allowed = not_skipped(memory.wishes, *plan.when, chance);
        if (allowed != *plan.when)
            plan = {allowed, due_reason::skipped_hours, std::nullopt};
    }
    if (next.length >= 1min)
        plan.when = off_the_full_minute(*plan.when, chance);
    return plan;
}

} // namespace rssmania
