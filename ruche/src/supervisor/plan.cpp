#include "supervisor/plan.hpp"

#include <algorithm>
#include <stdexcept>

namespace ruche::supervision {

namespace {

// Saturates: "never" plus anything is never.
moment after(moment now, std::chrono::nanoseconds wait) noexcept
{
    return wait > moment::max() - now ? moment::max() : now + wait;
}

} // namespace

// --- what happens

child_number plan::add(const terms& how, moment now)
{
    children_.push_back({.number = ++last_number_, .how = how});
    if (stopping_)
        children_.back().now = state::resting;
    settle(now);
    return last_number_;
}

void plan::started(child_number which, moment now)
{
    if (child* const one = find(which)) {
        one->now = state::up;
        one->stuck = false;
        one->up_since = one->lived_at = now;
        ++one->starts;
    }
    settle(now);
}

void plan::not_started(child_number which, moment now)
{
    if (child* const one = find(which)) {
        one->up_since = now;
        has_died(*one, ending::badly, now);
    }
    settle(now);
}

void plan::ended(child_number which, ending how, moment now)
{
    if (child* const one = find(which)) {
        if (stopping_ || one->leaving) {
            rest(*one, step_kind::stopped);
        } else if (one->renew) {
            one->renew = false;
            one->now = state::waiting;
            one->next = now;
        } else {
            has_died(*one, one->stuck ? ending::badly : how, now);
        }
    }
    settle(now);
}

void plan::lives(child_number which, moment when)
{
    if (child* const one = find(which))
        one->lived_at = std::max(one->lived_at, when);
}

void plan::time_passes(moment now)
{
    if (now >= kill_all_at())
        for (child& one : children_)
            if (!is_down(one) && one.now != state::made) {
                one.now = state::made;
                emit(step_kind::make, one);
            }
    for (child& one : children_)
        press(one, now);
    settle(now);
}

void plan::remove(child_number which, moment now)
{
    if (child* const one = find(which)) {
        one->leaving = true;
        if (is_down(*one))
            rest(*one, step_kind::stopped);
    }
    settle(now);
}

void plan::restart(child_number which, moment now)
{
    if (child* const one = find(which); one && one->now == state::up && !stopping_) {
        one->renew = true;
        take_down_with(*one);
    }
    settle(now);
}

void plan::stop(moment now)
{
    if (stopping_)
        return;
    stopping_ = true;
    all_gone_by_ = after(now, options_.stop_within);
    settle(now);
}

// --- what is to be done

std::optional<step> plan::next()
{
    if (steps_.empty())
        return std::nullopt;
    const step first = steps_.front();
    steps_.pop_front();
    return first;
}

void plan::emit(step_kind what, const child& one, std::chrono::nanoseconds pause)
{
    steps_.push_back({what, one.number, pause});
}

void plan::settle(moment now)
{
    bring_down(now);
    if (!stopping_)
        start_due(now);
    std::erase_if(children_, [](const child& one) {
        return one.now == state::resting && (one.leaving || one.how.restart == restart_policy::temporary);
    });
}

// The last of those that have to go together is asked; the one before it, when that is down.
void plan::bring_down(moment now)
{
    for (child& one : children_)
        if (stopping_ && one.now == state::waiting)
            rest(one, step_kind::stopped);
    for (auto one = children_.rbegin(); one != children_.rend(); ++one) {
        if (is_down(*one) || !(stopping_ || one->renew || one->leaving))
            continue;
        if (one->now == state::up)
            ask(*one, now);
        if (stopping_ || (in_groups() && one->renew))
            return;
    }
}

void plan::ask(child& one, moment now)
{
    one.now = state::asked;
    one.next = after(now, one.how.grace);
    emit(step_kind::ask, one);
}

void plan::start_due(moment now)
{
    if (in_groups() && (some_go_down() || now < not_before_))
        return;
    for (child& one : children_) {
        const bool due = one.now == state::waiting && now >= one.next;
        if (due) {
            one.now = state::starting;
            emit(step_kind::start, one);
        }
        if (in_groups() && (one.now == state::waiting || one.now == state::starting))
            return; // the next is started when this one is up
    }
}

bool plan::in_groups() const noexcept { return options_.strategy != restart_strategy::one_for_one; }

bool plan::some_go_down() const
{
    return std::any_of(children_.begin(), children_.end(), [](const child& one) { return one.renew; });
}

// What is late takes the next step towards its end.
void plan::press(child& one, moment now)
{
    if (now < next_moment_of(one))
        return;
    switch (one.now) {
    case state::up:
        one.now = state::aborted;
        one.stuck = true;
        one.next = after(now, one.how.last_grace);
        emit(step_kind::abort, one);
        break;
    case state::asked:
        one.now = state::told;
        one.next = after(now, one.how.last_grace);
        emit(step_kind::tell, one);
        break;
    case state::told:
    case state::aborted:
        one.now = state::made;
        emit(step_kind::make, one);
        break;
    case state::waiting:
    case state::starting:
    case state::made:
    case state::resting:
        break;
    }
}

moment plan::next_moment_of(const child& one) const
{
    switch (one.now) {
    case state::up:
        return one.how.heartbeat.count() > 0 ? after(one.lived_at, 2 * one.how.heartbeat) : moment::max();
    case state::waiting:
    case state::asked:
    case state::told:
    case state::aborted:
        return one.next;
    case state::starting:
    case state::made:
    case state::resting:
        break;
    }
    return moment::max();
}

moment plan::wake_at() const
{
    moment first = moment::max();
    bool some_can_be_killed = false;
    bool group_waits = in_groups() && some_go_down(); // its next start waits for an end, not for a moment
    for (const child& one : children_) {
        some_can_be_killed = some_can_be_killed || (!is_down(one) && one.now != state::made);
        const bool in_line = in_groups() && one.now == state::waiting;
        if (in_line && !group_waits)
            first = std::min(first, std::max(one.next, not_before_));
        else if (!in_line)
            first = std::min(first, next_moment_of(one));
        group_waits = group_waits || in_line; // those behind it start when it is up
    }
    return some_can_be_killed ? std::min(first, kill_all_at()) : first;
}

// --- deaths

void plan::rest(child& one, step_kind why)
{
    one.now = state::resting;
    one.renew = false;
    emit(why, one);
}

void plan::has_died(child& one, ending how, moment now)
{
    const bool again = one.how.restart == restart_policy::permanent ||
                       (one.how.restart == restart_policy::transient && how != ending::well);
    if (stopping_ || one.leaving || !again) {
        rest(one, stopping_ || one.leaving ? step_kind::stopped : step_kind::finished);
        return;
    }
    if (too_often(one, how, now)) {
        give_up(one, now);
        return;
    }
    const auto pause = next_pause(one);
    for (moment& death : one.deaths)
        death = after(death, pause);
    one.now = state::waiting;
    one.next = after(now, pause);
    not_before_ = std::max(not_before_, one.next);
    emit(step_kind::pause, one, pause);
    take_down_with(one);
}

bool plan::too_often(child& one, ending how, moment now)
{
    if (now - one.up_since >= options_.pauses.healthy_after)
        one.deaths_in_a_row = one.errors_in_a_row = 0;
    one.errors_in_a_row = how == ending::by_an_error_of_its_own ? one.errors_in_a_row + 1 : 0;
    if (one.errors_in_a_row > options_.max_errors)
        return true;
    if (options_.max_restarts == unlimited)
        return false;
    one.deaths.push_back(now);
    std::size_t recent = 0;
    for (child& each : children_) {
        while (!each.deaths.empty() && now - each.deaths.front() > options_.within)
            each.deaths.pop_front();
        recent += each.deaths.size();
    }
    return recent > options_.max_restarts;
}

std::chrono::nanoseconds plan::next_pause(child& one)
{
    const back_off& pauses = options_.pauses;
    double pause = static_cast<double>(pauses.first.count());
    if (one.deaths_in_a_row > 0) {
        pause = static_cast<double>(pauses.second.count());
        const auto longest = static_cast<double>(pauses.longest.count());
        for (std::size_t i = 1; i < one.deaths_in_a_row && pause < longest && pauses.factor > 1; ++i)
            pause *= pauses.factor;
        pause = std::min(pause, longest);
    }
    ++one.deaths_in_a_row;
    pause *= 1 + pauses.jitter * std::uniform_real_distribution<>(-1, 1)(random_);
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::max(pause, 0.0)));
}

void plan::take_down_with(const child& dead)
{
    if (options_.strategy == restart_strategy::one_for_one)
        return;
    for (child& each : children_)
        if (!is_down(each) && each.now != state::starting &&
            (options_.strategy == restart_strategy::one_for_all || each.number > dead.number))
            each.renew = true;
}

void plan::give_up(const child& one, moment now)
{
    given_up_ = one.number;
    emit(step_kind::given_up, one);
    stopping_ = true;
    all_gone_by_ = after(now, options_.stop_within);
    find(one.number)->now = state::resting;
}

// --- how things are

plan::child* plan::find(child_number which)
{
    const auto found = std::lower_bound(children_.begin(), children_.end(), which,
                                        [](const child& one, child_number number) { return one.number < number; });
    return found != children_.end() && found->number == which ? &*found : nullptr;
}

const plan::child* plan::find(child_number which) const { return const_cast<plan*>(this)->find(which); }

bool plan::is_known(child_number which) const { return find(which) != nullptr; }

bool plan::is_up(child_number which) const
{
    const child* const one = find(which);
    return one && !is_down(*one) && one->now != state::starting;
}

std::size_t plan::restarts(child_number which) const
{
    const child* const one = find(which);
    return one && one->starts > 0 ? one->starts - 1 : 0;
}

bool plan::is_over() const
{
    return steps_.empty() &&
           std::all_of(children_.begin(), children_.end(), [](const child& one) { return one.now == state::resting; });
}

} // namespace ruche::supervision
