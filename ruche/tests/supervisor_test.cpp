#include "helpers/processes.hpp"

#include <ruche/detail/future_core.hpp>
#include <ruche/exception.hpp>
#include <ruche/queue.hpp>
#include <ruche/supervisor.hpp>
#include <ruche/this_process.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace ruche {
namespace {

using namespace std::chrono_literals;
using kind = supervisor_event::kind;

using ids = queue<int>;

// What the supervised processes do.
void say_id_and_wait(stop_token stop, ids out)
{
    out.push(this_process::id());
    helpers::wait_for_stop(stop);
}

void say_id_and_ignore_all(ids out)
{
    std::signal(SIGTERM, SIG_IGN);
    out.push(this_process::id());
    for (;;)
        (void)queue<int>().pop();
}

void say_name_at_the_end(stop_token stop, queue<std::string> out)
{
    helpers::wait_for_stop(stop);
    out.push(this_process::name());
}

void finish(ids out) { out.push(this_process::id()); }
void fail() { throw std::runtime_error("no luck"); }
void crash() { std::raise(SIGSEGV); }

void work_on(stop_token stop, queue<int> in, queue<int> out)
{
    while (auto item = in.pop_lease(stop)) {
        if (item->value() < 0 && item->deliveries() < 3)
            std::raise(SIGKILL);
        out.push(item->value());
        item->done();
    }
}

void live(stop_token stop, ids out)
{
    out.push(this_process::id());
    (void)queue<int>().pop(stop); // a wait says that it lives
}

void get_stuck(ids out)
{
    out.push(this_process::id());
    for (volatile bool for_ever = true; for_ever;) {
    }
}

void branch(stop_token stop, ids out)
{
    supervisor twigs;
    twigs.add("twig", say_id_and_wait, out);
    twigs.run(stop);
}

void hopeless_branch(stop_token stop, ids out)
{
    out.push(this_process::id());
    supervisor twigs({.max_restarts = 1});
    twigs.add("twig", fail);
    twigs.run(stop);
}

class a_supervisor : public testing::Test {
protected:
    int next_id()
    {
        const auto id = ids_.pop_for(20s);
        EXPECT_TRUE(id) << "nobody has started";
        return id.value_or(0);
    }
    // Waits for the next event of this kind; the others are passed over.
    supervisor_event next_event(kind what)
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            while (!events_.empty()) {
                supervisor_event event = std::move(events_.front());
                events_.erase(events_.begin());
                if (event.what == what)
                    return event;
            }
            if (changed_.wait_for(lock, 20s) == std::cv_status::timeout) {
                ADD_FAILURE() << "no such event";
                return {};
            }
        }
    }
    supervisor_options told(supervisor_options options = {})
    {
        options.on_event = [this](const supervisor_event& event) {
            const std::scoped_lock lock(mutex_);
            events_.push_back(event);
            changed_.notify_all();
        };
        return options;
    }

    ids ids_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<supervisor_event> events_;
};

TEST_F(a_supervisor, starts_a_killed_process_again)
{
    supervisor family(told());
    family.add("worker", say_id_and_wait, ids_);
    const int first = next_id();
    ::kill(first, SIGKILL);
    EXPECT_NE(next_id(), first);
    EXPECT_EQ(next_event(kind::ended).status->signal(), SIGKILL);
    EXPECT_EQ(next_event(kind::restarted).child, "worker");
    EXPECT_EQ(family.restarts("worker"), 1U);
}

TEST_F(a_supervisor, leaves_nobody_when_it_goes)
{
    int id = 0;
    {
        supervisor family(told());
        family.add("worker", say_id_and_wait, ids_);
        id = next_id();
    }
    EXPECT_FALSE(helpers::exists(id));
    EXPECT_EQ(next_event(kind::stopped).child, "worker");
}

TEST_F(a_supervisor, stops_in_reverse_order)
{
    queue<std::string> names;
    supervisor family(told());
    for (const char* name : {"a", "b", "c"})
        family.add(name, say_name_at_the_end, names);
    family.stop();
    for (const char* name : {"c", "b", "a"})
        EXPECT_EQ(names.pop(), name);
}

TEST_F(a_supervisor, ends_who_does_not_listen)
{
    supervisor family(told());
    family.add({.name = "deaf", .last_grace = 50ms, .process = {.grace = 50ms}}, say_id_and_ignore_all, ids_);
    const int id = next_id();
    family.stop();
    EXPECT_FALSE(helpers::exists(id));
}

TEST_F(a_supervisor, ends_all_within_the_time_that_was_set)
{
    supervisor family(told({.stop_within = 300ms}));
    for (const char* name : {"a", "b", "c"})
        family.add(name, say_id_and_ignore_all, ids_); // each has five seconds of grace
    for (int i = 0; i < 3; ++i)
        (void)next_id();
    const auto asked = std::chrono::steady_clock::now();
    family.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 4s);
}

TEST_F(a_supervisor, gives_what_a_dead_one_had_leased_to_its_successor)
{
    queue<int> in, out;
    for (const int item : {1, -2, 3})
        in.push(item);
    supervisor family(told());
    family.add("worker", work_on, in, out);
    std::set<int> seen;
    while (seen.size() < 3)
        seen.insert(out.pop_for(20s).value());
    EXPECT_EQ(family.restarts("worker"), 2U);
}

TEST_F(a_supervisor, gives_up_and_says_who)
{
    supervisor family(told({.max_restarts = 2}));
    family.add("other", say_id_and_wait, ids_);
    const int other = next_id();
    family.add("hopeless", crash);
    try {
        family.wait();
        ADD_FAILURE() << "it did not give up";
    } catch (const too_many_restarts& error) {
        EXPECT_EQ(error.child(), "hopeless");
        EXPECT_NE(std::string(error.what()).find("signal 11"), std::string::npos) << error.what();
    }
    EXPECT_FALSE(helpers::exists(other));
    EXPECT_THROW(family.add("late", finish, ids_), std::logic_error);
}

TEST_F(a_supervisor, gives_up_with_the_exception_of_the_last_death)
{
    supervisor family(told({.max_errors = 1}));
    family.add("unlucky", fail);
    try {
        family.wait();
        ADD_FAILURE() << "it did not give up";
    } catch (const too_many_restarts& error) {
        EXPECT_THROW(std::rethrow_if_nested(error), std::runtime_error);
    }
}

TEST_F(a_supervisor, is_done_when_all_have_finished)
{
    supervisor family(told());
    family.add({.name = "once", .restart = restart_policy::transient}, finish, ids_);
    family.add({.name = "never", .restart = restart_policy::temporary}, fail);
    family.wait();
    EXPECT_EQ(ids_.size(), 1U);
    EXPECT_EQ(family.children().size(), 1U); // the temporary one is forgotten
}

TEST_F(a_supervisor, brings_down_what_was_added_after_the_dead_one)
{
    supervisor family(told({.strategy = restart_strategy::rest_for_one}));
    for (const char* name : {"a", "b", "c"})
        family.add(name, say_id_and_wait, ids_);
    const auto before = family.children();
    for (int i = 0; i < 3; ++i)
        (void)next_id();
    ::kill(before[1].id, SIGKILL);
    (void)next_id();
    EXPECT_FALSE(helpers::exists(before[2].id)); // before b comes back
    (void)next_id();
    EXPECT_TRUE(helpers::exists(before[0].id));
    family.stop();
    EXPECT_EQ(family.restarts("a"), 0U);
    EXPECT_EQ(family.restarts("c"), 1U);
}

TEST_F(a_supervisor, brings_down_all_if_they_stand_together)
{
    supervisor family(told({.strategy = restart_strategy::one_for_all}));
    for (const char* name : {"a", "b"})
        family.add(name, say_id_and_wait, ids_);
    const auto before = family.children();
    (void)next_id();
    (void)next_id();
    ::kill(before[1].id, SIGKILL);
    (void)next_id();
    EXPECT_FALSE(helpers::exists(before[0].id));
    (void)next_id();
    EXPECT_EQ(family.restarts("a"), 1U);
}

TEST_F(a_supervisor, ends_the_stuck_and_tells_where_it_was)
{
    supervisor family(told());
    family.add({.name = "stuck", .restart = restart_policy::temporary, .process = {.heartbeat = 100ms}}, get_stuck,
               ids_);
    EXPECT_EQ(next_event(kind::stuck).child, "stuck");
    const auto ended = next_event(kind::ended);
    EXPECT_EQ(ended.status->signal(), SIGABRT);
    EXPECT_NE(ended.status->stack().find("get_stuck"), std::string::npos) << ended.status->stack();
}

TEST_F(a_supervisor, takes_nobody_for_stuck_who_waits)
{
    supervisor family(told());
    family.add({.name = "idle", .process = {.heartbeat = 50ms}}, live, ids_);
    (void)next_id();
    std::this_thread::sleep_for(500ms); // five times as long as it may be silent: nothing is to happen
    EXPECT_EQ(family.restarts("idle"), 0U);
}

TEST_F(a_supervisor, that_is_killed_leaves_nobody_and_is_itself_started_again)
{
    supervisor root(told());
    root.add("branch", branch, ids_);
    const int twig = next_id();
    const int killed = root.children().front().id;
    ::kill(killed, SIGKILL);
    const int next_twig = next_id();
    EXPECT_TRUE(helpers::gone_within(twig, 5s));
    EXPECT_NE(next_twig, twig);
    root.stop();
    EXPECT_FALSE(helpers::exists(next_twig));
}

TEST_F(a_supervisor, starts_a_branch_again_that_has_given_up)
{
    supervisor root(told({.max_restarts = 1}));
    root.add("branch", hopeless_branch, ids_);
    (void)next_id();
    const auto ended = next_event(kind::ended);
    EXPECT_THROW(std::rethrow_exception(ended.status->error()), too_many_restarts);
    (void)next_id(); // again
    EXPECT_THROW(root.wait(), too_many_restarts);
}

TEST_F(a_supervisor, refuses_what_can_not_be_started)
{
    supervisor family(told());
    child_options nowhere{.name = "nowhere"};
    nowhere.process.working_directory = "/does/not/exist";
    EXPECT_THROW(family.add(nowhere, finish, ids_), start_failed);
    EXPECT_TRUE(family.children().empty());
}

TEST_F(a_supervisor, refuses_two_of_one_name)
{
    supervisor family(told());
    family.add("worker", say_id_and_wait, ids_);
    EXPECT_THROW(family.add("worker", say_id_and_wait, ids_), std::invalid_argument);
}

TEST_F(a_supervisor, removes_one_for_good)
{
    supervisor family(told());
    family.add("worker", say_id_and_wait, ids_);
    const int id = next_id();
    family.remove("worker");
    EXPECT_EQ(next_event(kind::stopped).child, "worker");
    EXPECT_FALSE(helpers::exists(id));
    EXPECT_THROW(family.remove("worker"), std::out_of_range);
}

TEST_F(a_supervisor, restarts_one_when_asked)
{
    supervisor family(told());
    family.add("worker", say_id_and_wait, ids_);
    const int first = next_id();
    family.restart("worker");
    EXPECT_NE(next_id(), first);
    EXPECT_FALSE(helpers::exists(first));
}

TEST_F(a_supervisor, runs_until_it_is_stopped)
{
    stop_source source;
    supervisor family(told());
    family.add("worker", say_id_and_wait, ids_);
    const int id = next_id();
    std::jthread stopper([&] { source.request_stop(); });
    family.run(source.get_token());
    EXPECT_FALSE(helpers::exists(id));
}

TEST_F(a_supervisor, starts_again_with_the_signals_of_who_added)
{
    supervisor family(told());
    family.add({.name = "worker", .last_grace = 20s, .process = {.grace = 0s}}, say_id_and_wait, ids_);
    ::kill(next_id(), SIGKILL);
    const int second = next_id();
    ::kill(second, SIGTERM); // blocked in the service thread, and not here
    EXPECT_TRUE(helpers::gone_within(second, 10s));
}

TEST_F(a_supervisor, leaves_no_descriptor)
{
    // What a supervisor lets go of goes with the last job of the service thread that is about it.
    const auto count = [] {
        std::binary_semaphore caught_up(0);
        detail::run_on_service([&] { caught_up.release(); });
        caught_up.acquire();
        return helpers::count_descriptors();
    };
    {
        supervisor family(told());
        family.add("worker", say_id_and_wait, ids_);
        ::kill(next_id(), SIGKILL);
        (void)next_id();
    }
    const auto before = count();
    for (int i = 0; i < 20; ++i) {
        supervisor family(told());
        family.add("worker", say_id_and_wait, ids_);
        ::kill(next_id(), SIGKILL);
        (void)next_id();
    }
    EXPECT_EQ(count(), before);
}

} // namespace
} // namespace ruche
