#include "pool/machine.hpp"

#include <algorithm>

namespace ruche::pooling {

namespace {

using namespace std::chrono_literals;

/// How much work a worker is given ahead, so that it need not wait for us between tasks.
constexpr moment ahead = 300us;

/// Work that is not worth taking from one worker to give it to another.
constexpr moment worth_sharing = 50us;

/// Tasks that take no longer than this: to wake another worker would take longer than they do.
constexpr moment quick = 20us;

/// So much work in front of it is no reason to wake another worker for a task.
constexpr moment longest_wait = 30us;

/// A worker that has finished nothing for so long has got something else than what its pace says.
constexpr moment patience = 1ms;

moment after(moment now, moment delay) { return delay >= never - now ? never : now + delay; }

moment doubled(moment first, moment longest, std::uint32_t times)
{
    moment delay = first;
    for (std::uint32_t i = 0; i < times && delay < longest; ++i)
        delay *= 2;
    return std::min(delay, std::max(first, longest));
}

} // namespace

machine::machine(const machine_settings& settings) :
    settings_(settings), target_(settings.workers), workers_(settings.workers)
{}

// --- tasks ---

task_id machine::submit(const task_rules& rules, moment now)
{
    if (free_.empty()) {
        tasks_.emplace_back();
        free_.push_back(static_cast<std::uint32_t>(tasks_.size()));
    }
    const std::uint32_t place_number = free_.back();
    free_.pop_back();
    task& one = tasks_[place_number - 1];
    const task_id id = (std::uint64_t{one.generation} << 32) | place_number;
    one.rules = rules;
    one.settled = one.over = one.asked_back = false;
    one.failures = one.deaths = 0;
    one.limit = one.again = never;
    ++live_tasks_;
    if (rules.deadline != never)
        set_timer(rules.deadline, id);
    queue(id, false);
    dispatch(now);
    return id;
}

bool machine::is_live(task_id id) const noexcept
{
    const auto number = static_cast<std::uint32_t>(id);
    return number != 0 && number <= tasks_.size() && get(id).generation == id >> 32 &&
           get(id).where != place::nowhere && !get(id).settled;
}

std::uint32_t machine::attempts(task_id id) const noexcept { return get(id).failures + get(id).deaths; }

void machine::queue(task_id id, bool in_front)
{
    task& one = get(id);
    one.where = place::queue;
    if (one.rules.worker != any_worker)
        ++own_queued_;
    auto& line = one.rules.worker != any_worker ? workers_[one.rules.worker].own : queues_[one.rules.priority];
    if (in_front)
        line.push_front(id);
    else
        line.push_back(id);
    ++queued_;
}

task_id machine::pop_own(worker& of)
{
    while (!of.own.empty()) {
        const task_id id = of.own.front();
        of.own.pop_front();
        if (get(id).generation != id >> 32 || get(id).where != place::queue)
            continue; // given up meanwhile
        --queued_;
        --own_queued_;
        return id;
    }
    return no_task;
}

task_id machine::pop()
{
    for (auto line = queues_.begin(); line != queues_.end();) {
        while (!line->second.empty()) {
            const task_id id = line->second.front();
            line->second.pop_front();
            if (get(id).generation != id >> 32 || get(id).where != place::queue)
                continue; // given up meanwhile
            --queued_;
            return id;
        }
        line = queues_.size() > 1 ? queues_.erase(line) : std::next(line);
    }
    return no_task;
}

void machine::settle(task_id id, ending how)
{
    get(id).settled = true;
    emit(action::kind::settle, get(id).worker, id, how);
}

void machine::release(task_id id)
{
    task& one = get(id);
    drop_timer(one.rules.deadline, id);
    drop_timer(one.limit, id);
    drop_timer(one.again, id);
    if (one.where == place::queue) {
        --queued_;
        own_queued_ -= one.rules.worker != any_worker ? 1 : 0;
    }
    one.where = place::nowhere;
    ++one.generation;
    free_.push_back(static_cast<std::uint32_t>(id));
    --live_tasks_;
}

void machine::cancel(task_id id, moment now)
{
    if (is_live(id))
        give_up(id, ending::cancelled, now);
    dispatch(now);
}

// Once at a time: a second answer would be taken for one about the task's next worker.
void machine::ask_back(task_id id)
{
    if (!std::exchange(get(id).asked_back, true))
        emit(action::kind::revoke, get(id).worker, id);
}

void machine::give_up(task_id id, ending how, moment)
{
    const bool in_hands = get(id).where == place::hands;
    settle(id, how);
    if (in_hands)
        ask_back(id);
    else
        release(id);
}

bool machine::wait_for_retry(task_id id, moment now)
{
    task& one = get(id);
    if (one.failures + one.deaths > one.rules.retries)
        return false;
    one.where = place::waiting;
    one.again = after(now, doubled(one.rules.first_delay, one.rules.longest_delay, one.failures + one.deaths - 1));
    set_timer(one.again, id);
    return true;
}

void machine::retry_or_settle(task_id id, ending how, moment now)
{
    if (how == ending::died && get(id).deaths >= settings_.quarantine_after)
        how = ending::quarantined;
    else if (wait_for_retry(id, now))
        return;
    settle(id, how);
    release(id);
}

verdict machine::finished(worker_id number, task_id id, bool fit_for_retry, bool worn, moment run_time, moment now)
{
    worker& by = workers_[number];
    by.pace = by.pace.count() < 0 ? run_time : (by.pace * 7 + run_time) / 8;
    by.full = false;
    by.is_stuck = false;
    by.progress = now;
    verdict answer = verdict::ignore;
    const auto in_hands = std::find(by.hands.begin(), by.hands.end(), id);
    if (in_hands != by.hands.end()) {
        by.hands.erase(in_hands);
        --in_hands_;
        if (!get(id).settled) {
            answer = verdict::deliver;
            if (fit_for_retry) {
                ++get(id).failures;
                if (wait_for_retry(id, now))
                    answer = verdict::retry;
            }
        }
        if (answer != verdict::retry)
            release(id);
    }
    if (worn)
        retire(number, now);
    became_free(number, now);
    dispatch(now);
    return answer;
}

// --- workers ---

void machine::emit(action::kind what, worker_id number, task_id id, ending how)
{
    actions_.push_back({what, how, number, id});
}

void machine::started(worker_id number, moment now)
{
    worker& one = workers_[number];
    --starting_;
    failed_starts_ = 0;
    next_start_ = {};
    if (one.now != state::starting)
        return; // it is to end
    one.now = state::ready;
    if (number >= target_)
        retire(number, now);
    became_free(number, now);
    leave_if_closed(now);
    dispatch(now);
}

void machine::start_failed(worker_id number, moment now)
{
    --starting_;
    become_absent(number);
    if (++failed_starts_ >= settings_.start_attempts && occupied_ == starting_) {
        failed_starts_ = 0;
        next_start_ = {};
        for (std::uint32_t place_number = 1; place_number <= tasks_.size(); ++place_number) {
            const task_id id = (std::uint64_t{tasks_[place_number - 1].generation} << 32) | place_number;
            if (get(id).where != place::queue)
                continue;
            settle(id, ending::no_worker);
            release(id);
        }
    } else {
        next_start_ =
            after(now, doubled(settings_.first_start_delay, settings_.longest_start_delay, failed_starts_ - 1));
    }
    leave_if_closed(now);
    dispatch(now);
}

void machine::refused(worker_id number, task_id id, moment)
{
    worker& one = workers_[number];
    std::erase(one.hands, id);
    --in_hands_;
    one.full = true;
    if (get(id).settled)
        release(id);
    else
        queue(id, true);
    // Not dispatched again: that would offer it to the same worker. The next event does.
}

bool machine::take_over(worker_id number, task_id id)
{
    if (!is_live(id) || get(id).where == place::waiting)
        return false;
    task& one = get(id);
    if (one.where == place::hands) {
        std::erase(workers_[one.worker].hands, id);
    } else {
        --queued_;
        own_queued_ -= one.rules.worker != any_worker ? 1 : 0;
        ++in_hands_;
    }
    one.where = place::hands;
    one.worker = number;
    leave_idle(number);
    workers_[number].hands.push_front(id);
    return true;
}

void machine::revoked(worker_id number, task_id id, bool sure, moment now)
{
    if (get(id).generation == id >> 32)
        get(id).asked_back = false;
    if (sure)
        skipped(number, id, now);
    else if (get(id).generation == id >> 32 && get(id).settled)
        stop_running(number, id, now);
    // If it is not sure, nothing has changed: to dispatch would only ask again.
}

void machine::skipped(worker_id number, task_id id, moment now)
{
    workers_[number].full = false;
    take_from_hands(number, id, now);
    dispatch(now);
}

void machine::take_from_hands(worker_id number, task_id id, moment now)
{
    worker& one = workers_[number];
    const auto found = std::find(one.hands.begin(), one.hands.end(), id);
    if (found == one.hands.end())
        return; // it was taken before
    one.hands.erase(found);
    --in_hands_;
    if (get(id).settled)
        release(id);
    else
        queue(id, true);
    became_free(number, now);
}

void machine::stop_running(worker_id number, task_id id, moment now)
{
    task& one = get(id);
    if (workers_[number].now == state::ending || one.limit != never || one.over)
        return; // it is under way
    if (one.rules.grace <= 0ns) {
        end_worker(number, id);
        return;
    }
    emit(action::kind::ask, number, id);
    one.limit = after(now, one.rules.grace);
    set_timer(one.limit, id);
}

void machine::end_worker(worker_id number, task_id because)
{
    worker& one = workers_[number];
    if (one.now == state::ending || one.now == state::absent)
        return;
    leave_idle(number);
    one.now = state::ending;
    set_limit(one, never);
    emit(action::kind::end, number, because);
}

void machine::spared(worker_id number, task_id because, moment now)
{
    worker& one = workers_[number];
    if (get(because).generation == because >> 32)
        get(because).over = true;
    if (one.now != state::ending)
        return;
    one.now = state::ready;
    // Others that were given up meanwhile were to end with it.
    for (const task_id id : std::deque(one.hands))
        if (one.now == state::ready && get(id).settled)
            stop_running(number, id, now);
    became_free(number, now);
    if (one.leaves || number >= target_)
        retire(number, now);
    dispatch(now);
}

void machine::retire(worker_id number, moment now)
{
    worker& one = workers_[number];
    if (one.now != state::ready)
        return;
    leave_idle(number);
    one.now = state::leaving;
    one.leaves = true;
    // What it has not begun is for others.
    for (std::size_t i = one.hands.size(); i-- > 1;)
        ask_back(one.hands[i]);
    emit(action::kind::retire, number);
    if (one.hands.empty())
        set_limit(one, after(now, settings_.leaving_time));
}

void machine::ended(worker_id number, task_id begun, moment now)
{
    worker& one = workers_[number];
    auto hands = std::exchange(one.hands, {});
    in_hands_ -= hands.size();
    become_absent(number);
    // The last first, so that they are in front of the queue in their order.
    for (auto at = hands.rbegin(); at != hands.rend(); ++at) {
        task& had = get(*at);
        if (had.settled) {
            release(*at);
        } else if (*at == begun) {
            ++had.deaths;
            retry_or_settle(*at, ending::died, now);
        } else {
            queue(*at, true);
        }
    }
    leave_if_closed(now);
    dispatch(now);
}

void machine::become_absent(worker_id number)
{
    leave_idle(number);
    set_limit(workers_[number], never);
    worker next;
    next.is_busy = workers_[number].is_busy; // it is in the list until somebody looks
    next.pace = workers_[number].pace;       // the tasks are the same
    next.own.swap(workers_[number].own);
    workers_[number] = std::move(next);
    --occupied_;
}

void machine::leave_idle(worker_id number)
{
    if (std::exchange(workers_[number].is_idle, false))
        std::erase(idle_, number);
}

void machine::became_free(worker_id number, moment now)
{
    worker& one = workers_[number];
    all_are_full_ = false;
    if (!one.hands.empty())
        return;
    if (one.now == state::leaving && one.limit == never) {
        set_limit(one, after(now, settings_.leaving_time));
    } else if (one.now == state::ready) {
        if (settings_.tasks_per_worker != 0 && one.taken >= settings_.tasks_per_worker) {
            retire(number, now);
        } else if (!std::exchange(one.is_idle, true)) {
            one.idle_since = now;
            idle_.push_back(number);
        }
    }
    leave_if_closed(now);
}

void machine::resize(std::uint32_t workers, moment now)
{
    target_ = workers;
    settings_.workers = workers;
    if (workers_.size() < workers)
        workers_.resize(workers);
    for (auto number = static_cast<worker_id>(workers_.size()); number-- > workers;)
        retire(number, now);
    all_are_full_ = false;
    dispatch(now);
}

void machine::close(moment now)
{
    closed_ = true;
    leave_if_closed(now);
}

void machine::leave_if_closed(moment now)
{
    if (!closed_ || live_tasks_ != 0)
        return;
    for (worker_id number = 0; number < workers_.size(); ++number)
        retire(number, now);
}

void machine::cancel_all(moment now)
{
    closed_ = true;
    for (std::uint32_t number = 1; number <= tasks_.size(); ++number) {
        const task_id id = (std::uint64_t{tasks_[number - 1].generation} << 32) | number;
        if (is_live(id))
            give_up(id, ending::cancelled, now);
    }
    leave_if_closed(now);
}

// --- who does what ---

std::size_t machine::depth(const worker& one) const noexcept
{
    if (one.pace.count() < 0)
        return 2;
    return std::clamp<std::size_t>(static_cast<std::size_t>(ahead / std::max(one.pace, moment(1))), 2, most_in_hands);
}

bool machine::may_take(const worker& one) const noexcept
{
    return one.now == state::ready && !one.full && one.hands.size() < depth(one) &&
           (settings_.tasks_per_worker == 0 || one.taken < settings_.tasks_per_worker);
}

// Whether what it has in its hands will be done before another could have been woken.
bool machine::is_quick(const worker& one) const noexcept
{
    return one.now == state::ready && !one.is_stuck && one.pace.count() >= 0 && one.pace <= quick;
}

// Of those who are at work on what takes next to nothing, the one with the least, if it may have more. As many workers
// as there are processors do all of such work that can be done; more of them would only take turns.
machine::worker* machine::quick_one()
{
    worker* best = nullptr;
    std::uint32_t quick_ones = 0;
    for (std::size_t i = 0; i < busy_.size();) {
        worker& one = workers_[busy_[i]];
        if (one.hands.empty()) {
            one.is_busy = false;
            busy_[i] = busy_.back();
            busy_.pop_back();
            continue;
        }
        ++i;
        if (!is_quick(one))
            continue;
        ++quick_ones;
        if (may_take(one) && (!best || one.hands.size() < best->hands.size()))
            best = &one;
    }
    enough_are_busy_ = quick_ones >= settings_.processors;
    return best;
}

machine::worker* machine::with_room()
{
    worker* const quick = quick_one();
    if (quick && (enough_are_busy_ || quick->pace * static_cast<std::int64_t>(quick->hands.size()) <= longest_wait))
        return quick;
    if (enough_are_busy_)
        return nullptr; // soon one of them has room
    // Whoever was idle last is warm; the others may retire.
    while (!idle_.empty()) {
        worker& one = workers_[idle_.back()];
        if (may_take(one))
            return &one;
        leave_idle(idle_.back());
    }
    if (all_are_full_)
        return nullptr;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        turn_ = static_cast<worker_id>((turn_ + 1) % workers_.size());
        if (may_take(workers_[turn_]))
            return &workers_[turn_];
    }
    all_are_full_ = true;
    return nullptr;
}

void machine::assign(worker& to, task_id id)
{
    const auto number = static_cast<worker_id>(&to - workers_.data());
    leave_idle(number);
    to.hands.push_back(id);
    ++to.taken;
    if (!std::exchange(to.is_busy, true))
        busy_.push_back(number);
    ++in_hands_;
    task& one = get(id);
    one.where = place::hands;
    one.worker = number;
    emit(action::kind::assign, number, id);
}

void machine::start(worker_id number)
{
    workers_[number].now = state::starting;
    ++starting_;
    ++occupied_;
    emit(action::kind::start, number);
}

// Tasks that one worker has to do: it is started for them, whatever the size of the pool.
void machine::dispatch_own(moment now)
{
    for (worker_id number = 0; number < workers_.size(); ++number) {
        worker& one = workers_[number];
        while (!one.own.empty() && one.now == state::ready && !one.full && one.hands.size() < most_in_hands) {
            if (const task_id id = pop_own(one); id != no_task)
                assign(one, id);
        }
        if (!one.own.empty() && one.now == state::absent && now >= next_start_)
            start(number);
    }
}

void machine::start_workers(moment now)
{
    if (now < next_start_)
        return;
    for (worker_id number = 0; number < target_ && starting_ < queued_ - own_queued_ && occupied_ < target_; ++number) {
        if (workers_[number].now != state::absent)
            continue;
        start(number);
        if (failed_starts_ > 0)
            return; // one at a time, until one succeeds
    }
}

void machine::dispatch(moment now)
{
    if (own_queued_ > 0)
        dispatch_own(now);
    while (queued_ > own_queued_) {
        worker* const to = with_room();
        if (idle_.empty() && !enough_are_busy_)
            start_workers(now);
        if (!to)
            break;
        if (to->hands.empty())
            to->progress = now;
        assign(*to, pop());
    }
    if (!idle_.empty())
        share_out();
    watch_for_stuck(now);
}

// Others could help, and only a worker's pace says that they need not.
void machine::watch_for_stuck(moment now)
{
    if (next_look_ == never && in_hands_ + queued_ > 1 && !busy_.empty() && (!idle_.empty() || occupied_ < target_))
        next_look_ = after(now, patience);
}

void machine::look_for_stuck(moment now)
{
    next_look_ = never;
    for (const worker_id number : busy_) {
        worker& one = workers_[number];
        if (one.now != state::ready || one.hands.empty() || after(one.progress, patience) > now)
            continue;
        one.is_stuck = true;
        for (std::size_t i = one.hands.size(); i-- > 1;)
            ask_back(one.hands[i]);
    }
}

// An idle worker, and another with more than it can begin: half of that is taken back, and so comes to the idle one.
void machine::share_out()
{
    for (worker_id number = 0; number < workers_.size(); ++number) {
        worker& rich = workers_[number];
        if (rich.now != state::ready || rich.hands.size() < 2 || is_quick(rich))
            continue; // the quick have been given more than others on purpose
        const std::size_t spare = rich.hands.size() - 1;
        if (rich.pace.count() >= 0 && rich.pace * static_cast<std::int64_t>(spare) < worth_sharing)
            continue;
        std::size_t left = (spare + 1) / 2;
        for (std::size_t i = rich.hands.size(); left > 0; --left)
            ask_back(rich.hands[--i]);
        return;
    }
}

// --- time ---

void machine::set_limit(worker& of, moment at) noexcept
{
    limits_ -= of.limit != never ? 1U : 0U;
    of.limit = at;
    limits_ += of.limit != never ? 1U : 0U;
}

void machine::set_timer(moment at, task_id id)
{
    if (at != never)
        timers_.emplace(at, id);
}

void machine::drop_timer(moment at, task_id id)
{
    if (at != never)
        timers_.erase({at, id});
}

moment machine::next() const
{
    moment first = timers_.empty() ? never : timers_.begin()->first;
    if (settings_.idle_time != never && !idle_.empty())
        first = std::min(first, after(workers_[idle_.front()].idle_since, settings_.idle_time));
    if (queued_ > 0 && failed_starts_ > 0 && starting_ == 0 && next_start_ > last_tick_)
        first = std::min(first, next_start_);
    if (limits_ > 0)
        for (const worker& one : workers_)
            first = std::min(first, one.limit);
    return std::min(first, next_look_);
}

void machine::tick(moment now)
{
    last_tick_ = now;
    while (!timers_.empty() && timers_.begin()->first <= now) {
        const auto [at, id] = *timers_.begin();
        timers_.erase(timers_.begin());
        task& one = get(id);
        // One entry may stand for two: a retry is due at the very deadline.
        const bool expires = one.rules.deadline == at && !one.settled;
        if (one.again == at && one.where == place::waiting) {
            one.again = never;
            queue(id, false);
        }
        if (one.limit == at && one.settled) {
            one.limit = never;
            end_worker(one.worker, id);
        }
        if (expires) {
            one.rules.deadline = never;
            give_up(id, ending::expired, now);
        }
    }
    for (worker_id number = 0; number < workers_.size(); ++number)
        if (workers_[number].limit <= now)
            end_worker(number);
    if (next_look_ <= now)
        look_for_stuck(now);
    if (settings_.idle_time != never)
        while (!idle_.empty() && after(workers_[idle_.front()].idle_since, settings_.idle_time) <= now)
            retire(idle_.front(), now);
    leave_if_closed(now);
    dispatch(now);
}

} // namespace ruche::pooling
