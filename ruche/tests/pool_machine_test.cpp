#include "pool/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

// The decisions of a pool in a world that is all simulated: its clock, its workers, their deaths. Every seed is another
// story; a failure names its seed, and RUCHE_SEED=N tells that one alone.

using namespace std::chrono_literals;
using namespace ruche::pooling;

namespace {

enum class nature { returns, throws_for_ever, throws_once, kills, is_stuck };

struct sim_task {
    nature how = nature::returns;
    task_rules rules;
    moment takes{};
    std::uint32_t begun = 0;
    std::uint32_t outcomes = 0;
    std::optional<ending> end;
    bool returned = false;
    bool cancelled = false;
    bool has_deadline = false;
    bool was_asked = false;
    std::uint32_t murders = 0; ///< its worker was killed while it ran, from outside
};

struct sim_worker {
    enum { absent, starting, alive } now = absent;
    moment at = never; ///< when what it does is done
    struct entry {
        task_id id = no_task;
        bool revoked = false;
        bool surely = false; ///< the machine has been told already
    };
    std::deque<entry> given;
    task_id doing = no_task;
    bool asked = false;
    bool leaves = false;
    bool dying = false; ///< was ended; that is noticed at `at`
};

class world {
public:
    explicit world(std::uint64_t seed) : random_(seed), workers_(16), machine_(settings_of(random_))
    {
        start_fails_ = one_in(4) ? 3 : 0;
    }

    void live()
    {
        const int events = 20 + below(60);
        for (int i = 0; i < events; ++i) {
            something_happens();
            carry_out();
        }
        if (one_in(2))
            machine_.cancel_all(now_);
        else
            end_orderly();
        carry_out();
        for (int steps = 0; !machine_.finished(); ++steps) {
            ASSERT_LT(steps, 100'000) << "it never ends";
            ASSERT_TRUE(go_on()) << "nothing more will happen, and it is not done: " << machine_.tasks() << " tasks, "
                                 << machine_.queued() << " queued, " << machine_.occupied() << " workers";
            carry_out();
        }
    }

    void check() const
    {
        for (const auto& [id, one] : tasks_) {
            SCOPED_TRACE("task " + std::to_string(id & 0xFFFF'FFFF));
            ASSERT_EQ(one.outcomes, 1U);
            ASSERT_LE(one.begun, one.rules.retries + 1);
            const bool died = one.end == ending::died || one.end == ending::quarantined;
            ASSERT_TRUE(!died || one.how == nature::kills || one.murders > 0) << "it paid for another";
            ASSERT_TRUE(one.end != ending::cancelled || one.cancelled);
            ASSERT_TRUE(one.end != ending::expired || one.has_deadline);
            ASSERT_TRUE(one.end != ending::no_worker || start_fails_ > 0);
            const bool may_return = one.how != nature::kills && one.how != nature::is_stuck;
            ASSERT_TRUE(!one.returned || may_return || one.was_asked);
        }
        for (const auto& one : workers_)
            ASSERT_EQ(one.now, sim_worker::absent);
        ASSERT_EQ(machine_.tasks(), 0U);
        ASSERT_FALSE(machine_.busy());
    }

private:
    static machine_settings settings_of(std::mt19937_64& random)
    {
        machine_settings settings;
        settings.workers = 1 + static_cast<std::uint32_t>(random() % 5);
        settings.processors = 1 + static_cast<std::uint32_t>(random() % 3);
        settings.tasks_per_worker = random() % 3 == 0 ? 1 + random() % 4 : 0;
        settings.idle_time = random() % 3 == 0 ? moment(5ms) : never;
        return settings;
    }

    int below(int most) { return static_cast<int>(random_() % static_cast<std::uint64_t>(most)); }
    bool one_in(int chance) { return below(chance) == 0; }

    void something_happens()
    {
        switch (below(10)) {
        case 0:
            if (!tasks_.empty())
                cancel_some_task();
            break;
        case 1:
            kill_some_worker();
            break;
        case 2:
            if (one_in(4))
                machine_.resize(1 + static_cast<std::uint32_t>(below(6)), now_);
            break;
        case 3:
        case 4:
        case 5:
            (void)go_on();
            break;
        default:
            submit();
        }
    }

    void submit()
    {
        sim_task one;
        one.how = static_cast<nature>(one_in(2) ? 0 : below(5));
        one.takes = one_in(3) ? moment(0) : moment(1ms) * below(30);
        one.rules.retries = static_cast<std::uint32_t>(below(5));
        one.rules.first_delay = moment(1ms) * below(3);
        one.rules.longest_delay = 5ms;
        one.rules.priority = below(3);
        one.rules.grace = one_in(2) ? moment(0) : moment(2ms);
        if (one_in(8))
            one.rules.worker = 0;
        one.has_deadline = one_in(4) || one.how == nature::is_stuck;
        if (one.has_deadline)
            one.rules.deadline = now_ + moment(1ms) * below(60);
        const task_id id = machine_.submit(one.rules, now_);
        tasks_.emplace(id, one);
    }

    void cancel_some_task()
    {
        auto at = tasks_.begin();
        std::advance(at, below(static_cast<int>(tasks_.size())));
        if (at->second.outcomes == 0)
            at->second.cancelled = true;
        machine_.cancel(at->first, now_);
    }

    void kill_some_worker()
    {
        auto& victim = workers_[static_cast<std::size_t>(below(static_cast<int>(workers_.size())))];
        if (victim.now != sim_worker::alive || victim.dying)
            return;
        if (victim.doing != no_task)
            ++tasks_.at(victim.doing).murders;
        victim.dying = true;
        victim.at = now_;
    }

    void end_orderly()
    {
        for (auto& [id, one] : tasks_)
            if (one.how == nature::is_stuck && one.rules.deadline == never)
                machine_.cancel(id, now_);
        machine_.close(now_);
    }

    // The next thing that happens by itself.
    bool go_on()
    {
        worker_id first = 0;
        moment when = never;
        for (worker_id i = 0; i < workers_.size(); ++i)
            if (workers_[i].now != sim_worker::absent && workers_[i].at < when) {
                when = workers_[i].at;
                first = i;
            }
        const moment tick = machine_.next();
        if (when == never && tick == never)
            return false;
        if (tick < when) {
            now_ = std::max(now_, tick);
            machine_.tick(now_);
        } else {
            now_ = std::max(now_, when);
            step(first);
        }
        return true;
    }

    void step(worker_id number)
    {
        sim_worker& one = workers_[number];
        one.at = never;
        if (one.now == sim_worker::starting) {
            if (start_fails_ > 0 && one_in(start_fails_)) {
                one = {};
                machine_.start_failed(number, now_);
            } else {
                one.now = sim_worker::alive;
                machine_.started(number, now_);
            }
        } else if (one.dying) {
            const task_id begun = one.doing;
            one = {};
            machine_.ended(number, begun, now_);
        } else if (one.doing != no_task) {
            finish(number);
        } else if (one.leaves) {
            one = {};
            machine_.ended(number, no_task, now_);
        }
        begin_next(number);
    }

    void finish(worker_id number)
    {
        sim_worker& one = workers_[number];
        const task_id id = std::exchange(one.doing, no_task);
        sim_task& what = tasks_.at(id);
        if (what.how == nature::kills && !one.asked) {
            one.doing = id;
            one.dying = true;
            one.at = now_;
            return;
        }
        const bool fit = what.how == nature::throws_for_ever || (what.how == nature::throws_once && what.begun == 1);
        const auto answer = machine_.finished(number, id, fit, one_in(20), what.takes, now_);
        if (answer == verdict::deliver) {
            ++what.outcomes;
            what.returned = true;
        }
    }

    // Tasks are begun in the order in which they were given.
    void begin_next(worker_id number)
    {
        sim_worker& one = workers_[number];
        while (one.now == sim_worker::alive && !one.dying && one.doing == no_task && !one.given.empty()) {
            const auto [id, revoked, surely] = one.given.front();
            one.given.pop_front();
            if (revoked && !surely)
                machine_.skipped(number, id, now_);
            if (revoked)
                continue;
            one.doing = id;
            one.asked = false;
            ++tasks_.at(id).begun;
            one.at = tasks_.at(id).how == nature::is_stuck ? never : now_ + tasks_.at(id).takes;
        }
        if (one.now == sim_worker::alive && !one.dying && one.doing == no_task && one.leaves)
            one.at = now_;
    }

    void carry_out()
    {
        for (int rounds = 0; machine_.has_actions(); ++rounds) {
            ASSERT_LT(rounds, 10'000) << "it goes round and round";
            for (const action& one : machine_.take_actions())
                carry_out(one);
        }
    }

    void carry_out(const action& what)
    {
        sim_worker& one = workers_[what.worker];
        switch (what.what) {
        case action::kind::start:
            ASSERT_EQ(one.now, sim_worker::absent);
            one.now = sim_worker::starting;
            one.at = now_ + 1ms;
            break;
        case action::kind::assign:
            if (one.given.size() > 6 && one_in(2)) {
                machine_.refused(what.worker, what.task, now_);
            } else if (one.now == sim_worker::alive) {
                one.given.push_back({what.task, false, false});
                if (one.doing == no_task)
                    begin_next(what.worker);
            } // else it has just died, which will be noticed
            break;
        case action::kind::revoke: {
            const auto found = std::find_if(one.given.begin(), one.given.end(), [&](const sim_worker::entry& each) {
                return each.id == what.task && !each.surely;
            });
            const bool there = found != one.given.end();
            if (there) {
                found->revoked = true;
                found->surely = !one_in(3); // sometimes it can't be told
            }
            machine_.revoked(what.worker, what.task, there && found->surely, now_);
            break;
        }
        case action::kind::ask:
            if (one.doing == what.task) {
                one.asked = true;
                if (one_in(2))
                    one.at = now_; // it listens
            }
            break;
        case action::kind::end:
            if (what.task != no_task && one.doing != what.task && !one.dying) {
                machine_.spared(what.worker, what.task, now_);
            } else {
                one.dying = true;
                one.at = now_;
            }
            break;
        case action::kind::retire:
            one.leaves = true;
            begin_next(what.worker);
            break;
        case action::kind::settle:
            tasks_.at(what.task).end = what.how;
            ++tasks_.at(what.task).outcomes;
            if (what.how == ending::cancelled)
                tasks_.at(what.task).cancelled = true; // by cancel_all, else `cancel_some_task` has noted it
            break;
        }
    }

    std::mt19937_64 random_;
    std::vector<sim_worker> workers_;
    std::map<task_id, sim_task> tasks_;
    machine machine_;
    moment now_{};
    int start_fails_ = 0;
};

task_id submit(machine& of, task_rules rules = {}) { return of.submit(rules, 0ns); }

std::vector<action> only(machine& of, action::kind what)
{
    auto all = of.take_actions();
    std::erase_if(all, [&](const action& one) { return one.what != what; });
    return all;
}

/// A machine with one worker that is ready.
machine with_one_worker(machine_settings settings = {})
{
    machine one(settings);
    (void)submit(one);
    const auto starts = only(one, action::kind::start);
    EXPECT_EQ(starts.size(), 1U);
    one.started(0, 0ns);
    for (const action& given : only(one, action::kind::assign))
        EXPECT_EQ(one.finished(given.worker, given.task, false, false, 1ms, 0ns), verdict::deliver);
    (void)one.take_actions();
    return one;
}

} // namespace

TEST(pool_machine, every_task_ends_once_in_ten_thousand_worlds)
{
    std::uint64_t first = 1, last = 10'000;
    if (const char* one = std::getenv("RUCHE_SEED"))
        first = last = std::strtoull(one, nullptr, 10);
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ": RUCHE_SEED=" + std::to_string(seed) + " tells it alone");
        world one(seed);
        one.live();
        if (!HasFatalFailure())
            one.check();
        if (HasFatalFailure())
            return;
    }
}

TEST(pool_machine, starts_no_worker_without_work)
{
    machine one({.workers = 4});
    EXPECT_TRUE(one.take_actions().empty());
}

TEST(pool_machine, starts_no_more_workers_than_there_are_tasks)
{
    machine one({.workers = 4});
    (void)submit(one);
    (void)submit(one);
    EXPECT_EQ(only(one, action::kind::start).size(), 2U);
}

TEST(pool_machine, a_greater_priority_goes_first)
{
    machine one = with_one_worker();
    (void)submit(one);
    (void)submit(one);
    (void)one.take_actions(); // two are in the worker's hands
    const task_id low = submit(one, {.priority = -1});
    const task_id high = submit(one, {.priority = 1});
    std::vector<task_id> order;
    for (int i = 0; i < 300 && one.tasks() > 0; ++i) {
        for (const action& given : only(one, action::kind::assign))
            order.push_back(given.task);
        one.ended(0, no_task, 0ns);
        (void)one.take_actions();
        one.started(0, 0ns);
    }
    const auto place = [&](task_id id) { return std::find(order.begin(), order.end(), id) - order.begin(); };
    EXPECT_LT(place(high), place(low));
}

TEST(pool_machine, a_task_that_was_not_begun_costs_nothing_when_its_worker_dies)
{
    machine one = with_one_worker();
    const task_id first = submit(one), second = submit(one);
    (void)one.take_actions();
    one.ended(0, first, 0ns);
    const auto settled = only(one, action::kind::settle);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].task, first);
    EXPECT_TRUE(one.is_live(second));
}

TEST(pool_machine, a_task_that_kills_too_many_workers_is_quarantined)
{
    machine one = with_one_worker({.quarantine_after = 2});
    const task_id killer = submit(one, {.retries = 10});
    (void)one.take_actions();
    one.ended(0, killer, 0ns);
    one.tick(0ns);
    one.started(0, 0ns);
    (void)one.take_actions();
    one.ended(0, killer, 0ns);
    const auto settled = only(one, action::kind::settle);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].how, ending::quarantined);
}

TEST(pool_machine, retries_wait_longer_each_time)
{
    machine one = with_one_worker();
    const task_id id = submit(one, {.retries = 3, .first_delay = 10ms, .longest_delay = 1s});
    (void)one.take_actions();
    EXPECT_EQ(one.finished(0, id, true, false, 0ns, 0ns), verdict::retry);
    EXPECT_EQ(one.next(), 10ms);
    one.tick(10ms);
    (void)one.take_actions();
    EXPECT_EQ(one.finished(0, id, true, false, 0ns, 10ms), verdict::retry);
    EXPECT_EQ(one.next(), 30ms);
}

TEST(pool_machine, an_idle_worker_takes_over_what_another_has_not_begun)
{
    machine one({.workers = 2});
    const task_id slow = submit(one);
    one.started(0, 0ns);
    const task_id behind = submit(one);
    (void)one.take_actions();
    ASSERT_TRUE(one.is_live(slow));
    one.started(1, 0ns);
    const auto revokes = only(one, action::kind::revoke);
    ASSERT_EQ(revokes.size(), 1U);
    EXPECT_EQ(revokes[0].task, behind);
    one.revoked(0, behind, true, 0ns);
    const auto given = only(one, action::kind::assign);
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].worker, 1U);
}

namespace {

/// Two processors, and so many workers that are there and idle, each having done a task of a microsecond.
machine with_quick_workers(std::uint32_t count)
{
    machine one({.workers = count, .processors = 2});
    std::vector<task_id> first;
    for (worker_id number = 0; number < count; ++number)
        first.push_back(submit(one, {.worker = number}));
    for (worker_id number = 0; number < count; ++number)
        one.started(number, 0ns);
    for (worker_id number = 0; number < count; ++number)
        EXPECT_EQ(one.finished(number, first[number], false, false, 1us, 0ns), verdict::deliver);
    (void)one.take_actions();
    return one;
}

} // namespace

TEST(pool_machine, quick_tasks_wake_no_more_workers_than_there_are_processors)
{
    machine one = with_quick_workers(8);
    for (int i = 0; i < 1000; ++i)
        (void)submit(one);
    std::set<worker_id> woken;
    for (const action& given : only(one, action::kind::assign))
        woken.insert(given.worker);
    EXPECT_EQ(woken.size(), 2U);
    EXPECT_GT(one.queued(), 0U);
}

TEST(pool_machine, the_idle_take_nothing_from_the_quick)
{
    machine one = with_quick_workers(8);
    for (int i = 0; i < 200; ++i)
        (void)submit(one);
    EXPECT_TRUE(only(one, action::kind::revoke).empty());
}

TEST(pool_machine, what_waits_behind_a_task_that_is_not_quick_after_all_is_given_to_another)
{
    machine one = with_quick_workers(8);
    for (int i = 0; i < 10; ++i)
        (void)submit(one);
    std::set<worker_id> woken;
    for (const action& given : only(one, action::kind::assign))
        woken.insert(given.worker);
    ASSERT_LE(one.next(), 2ms);
    one.tick(2ms);
    const auto revokes = only(one, action::kind::revoke);
    EXPECT_EQ(revokes.size(), 10 - woken.size()) << "all but those that are being done";
    for (const action& back : revokes)
        one.revoked(back.worker, back.task, true, 2ms);
    for (const action& given : only(one, action::kind::assign))
        EXPECT_FALSE(woken.contains(given.worker));
}

TEST(pool_machine, a_task_is_asked_back_once_at_a_time)
{
    machine one({.workers = 3});
    const task_id first = submit(one);
    one.started(0, 0ns);
    const task_id behind = submit(one);
    (void)one.take_actions();
    ASSERT_TRUE(one.is_live(first));
    one.started(1, 0ns);
    one.tick(0ns); // before the driver has come to answer
    one.cancel(behind, 0ns);
    EXPECT_EQ(only(one, action::kind::revoke).size(), 1U);
}

TEST(pool_machine, workers_that_can_not_be_started_are_tried_again_later_and_then_the_tasks_are_told)
{
    machine one({.workers = 1, .start_attempts = 2, .first_start_delay = 10ms});
    const task_id id = submit(one);
    (void)one.take_actions();
    one.start_failed(0, 0ns);
    EXPECT_TRUE(one.take_actions().empty());
    EXPECT_EQ(one.next(), 10ms);
    one.tick(10ms);
    EXPECT_EQ(only(one, action::kind::start).size(), 1U);
    one.start_failed(0, 10ms);
    const auto settled = only(one, action::kind::settle);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].task, id);
    EXPECT_EQ(settled[0].how, ending::no_worker);
}

TEST(pool_machine, a_worker_leaves_after_its_number_of_tasks)
{
    machine one({.workers = 1, .tasks_per_worker = 1});
    const task_id id = submit(one);
    one.started(0, 0ns);
    (void)one.take_actions();
    (void)one.finished(0, id, false, false, 0ns, 0ns);
    EXPECT_EQ(only(one, action::kind::retire).size(), 1U);
}

TEST(pool_machine, an_idle_worker_leaves_after_its_time)
{
    machine one = with_one_worker({.idle_time = 1s});
    EXPECT_EQ(one.next(), 1s);
    one.tick(1s);
    EXPECT_EQ(only(one, action::kind::retire).size(), 1U);
}
