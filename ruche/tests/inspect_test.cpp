#include <ruche/inspect.hpp>

#include "helpers/forked.hpp"

#include <ruche/async.hpp>
#include <ruche/channel.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/shared.hpp>
#include <ruche/sync.hpp>
#include <ruche/wait.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <shared_mutex>

#include <unistd.h>

using namespace std::chrono_literals;
using helpers::eventually;
using helpers::forked;
namespace inspect = ruche::inspect;

namespace {

inspect::program this_program() { return inspect::program_of(::getpid()); }

const inspect::object* find(const inspect::program& in, const std::string& kind, const std::string& name = "")
{
    const auto found = std::find_if(in.objects.begin(), in.objects.end(),
                                    [&](const auto& one) { return one.kind == kind && one.name == name; });
    return found == in.objects.end() ? nullptr : &*found;
}

/// Looks until somebody waits for an object of that kind; how that wait reads.
std::string wait_seen(const std::string& kind, const std::string& name = "")
{
    std::string why;
    eventually([&] {
        const auto now = this_program();
        for (const auto& what : now.objects) // a channel is two
            if (what.kind == kind && what.name == name && !what.waiters.empty())
                why = what.waiters.front().why;
        return !why.empty();
    });
    return why;
}

struct ended {
    int code = 0;
    std::string said;
};

ended run(const std::string& arguments)
{
    ended how;
    FILE* const pipe = ::popen((std::string(INSPECT) + " " + arguments + " 2>&1").c_str(), "r");
    for (char piece[4096]; const std::size_t count = std::fread(piece, 1, sizeof piece, pipe);)
        how.said.append(piece, count);
    const int status = ::pclose(pipe);
    how.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return how;
}

void take_both(ruche::mutex first, ruche::mutex second, ruche::latch both_have_one)
{
    const std::scoped_lock one(first);
    both_have_one.arrive_and_wait();
    const std::scoped_lock two(second);
}

} // namespace

TEST(inspect, shows_the_processes_of_a_program_by_name_and_role)
{
    ruche::event there, stay;
    ruche::process worker(
        {.name = "hard worker"},
        [](ruche::event begun, ruche::event until) {
            begun.set(); // it has its name by now
            until.wait();
        },
        there, stay);
    there.wait();
    const auto now = this_program();
    EXPECT_EQ(now.id, ::getpid());
    ASSERT_EQ(now.processes.size(), 3U);
    EXPECT_EQ(now.processes[0].role, "program");
    const auto is = [&](const std::string& role, const std::string& name) {
        return std::any_of(now.processes.begin(), now.processes.end(), [&](const auto& one) {
            return one.role == role && one.name.find(name) != std::string::npos;
        });
    };
    EXPECT_TRUE(is("process", "hard worker"));
    EXPECT_TRUE(is("fork server", "fork server"));
    EXPECT_EQ(inspect::program_of(worker.id()).id, ::getpid());
    stay.set();
}

TEST(inspect, shows_how_full_a_queue_is_and_who_leases_from_it)
{
    ruche::queue<std::string> jobs({.name = "jobs"});
    for (int i = 0; i < 5; ++i)
        jobs.push("wash");
    (void)jobs.pop();
    const auto held = jobs.pop_lease();
    const auto now = this_program();
    const auto* const seen = find(now, "queue", "jobs");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->facts.at("items"), 3U);
    EXPECT_EQ(seen->facts.at("pushed"), 5U);
    EXPECT_EQ(seen->facts.at("popped"), 2U);
    EXPECT_EQ(seen->facts.at("capacity"), 256U * 1024);
    EXPECT_GT(seen->facts.at("bytes"), 0U);
    EXPECT_EQ(seen->facts.at("closed"), 0U);
    ASSERT_EQ(seen->holders.size(), 1U);
    EXPECT_EQ(seen->holders[0].how, "leases");
    EXPECT_EQ(seen->holders[0].process, ::getpid());
    EXPECT_EQ(seen->users, std::vector<int>{::getpid()});
    jobs.close();
    EXPECT_EQ(find(this_program(), "queue", "jobs")->facts.at("closed"), 1U);
}

TEST(inspect, looking_changes_nothing)
{
    ruche::queue<int> jobs({.name = "untouched"});
    ruche::mutex m;
    jobs.push(1);
    for (int i = 0; i < 20; ++i)
        (void)this_program();
    EXPECT_EQ(jobs.size(), 1U);
    EXPECT_TRUE(m.try_lock());
    m.unlock();
    EXPECT_EQ(jobs.try_pop(), 1);
}

TEST(inspect, shows_who_waits_for_what_and_since_when)
{
    ruche::queue<int> empty({.name = "empty"});
    ruche::queue<int> full({.items = 1, .name = "full"});
    full.push(1);
    auto [here, there] = ruche::make_channel<int, int>();
    ruche::event never;
    ruche::latch shut(1);
    ruche::barrier alone(2);
    ruche::counting_semaphore none(0);
    ruche::mutex held;
    ruche::shared_mutex written;
    ruche::condition_variable changed;
    ruche::mutex beside;
    held.lock();
    written.lock();
    std::vector<forked> sleepers;
    const auto sleeps = [&](auto wait) {
        sleepers.emplace_back([wait]() mutable {
            wait();
            return 0;
        });
    };
    sleeps([&] { (void)empty.pop(); });
    sleeps([&] { full.push(2); });
    sleeps([&, line = &here] { (void)line->receive(); });
    sleeps([&] { never.wait(); });
    sleeps([&] { shut.wait(); });
    sleeps([&] { alone.arrive_and_wait(); });
    sleeps([&] { none.acquire(); });
    sleeps([&] { held.lock(); });
    sleeps([&] { written.lock_shared(); });
    sleeps([&] {
        std::unique_lock lock(beside);
        changed.wait(lock, [] { return false; });
    });
    EXPECT_EQ(wait_seen("queue", "empty"), "to pop");
    EXPECT_EQ(wait_seen("queue", "full"), "to push");
    EXPECT_EQ(wait_seen("channel"), "to receive");
    EXPECT_EQ(wait_seen("event"), "for the event");
    EXPECT_EQ(wait_seen("latch"), "for the latch");
    EXPECT_EQ(wait_seen("barrier"), "for the others");
    EXPECT_EQ(wait_seen("semaphore"), "to acquire");
    EXPECT_EQ(wait_seen("mutex"), "to lock");
    EXPECT_EQ(wait_seen("shared mutex"), "to lock");
    EXPECT_EQ(wait_seen("condition variable"), "to be notified");

    const auto first = find(this_program(), "queue", "empty")->waiters.front();
    EXPECT_EQ(first.process, sleepers.front().pid());
    EXPECT_EQ(first.thread, sleepers.front().pid());
    std::this_thread::sleep_for(250ms); // longer than a sleep lasts before the sleeper looks by itself
    EXPECT_GT(find(this_program(), "queue", "empty")->waiters.front().since, first.since + 200ms);

    EXPECT_EQ(find(this_program(), "barrier")->facts.at("arrived"), 1U);
    EXPECT_EQ(find(this_program(), "latch")->facts.at("left"), 1U);
    EXPECT_TRUE(this_program().deadlocks.empty()); // they wait, but we could let them go
    sleepers.clear();
    held.unlock();
    written.unlock();
}

TEST(inspect, shows_who_waits_for_several_things_or_for_the_end_of_a_process)
{
    ruche::event never;
    ruche::queue<int> jobs;
    forked several([&] {
        (void)ruche::wait_any(never, jobs);
        return 0;
    });
    ruche::event stay;
    ruche::process worker([](ruche::event until) { until.wait(); }, stay);
    std::thread joiner([&] { worker.join(); });
    EXPECT_TRUE(eventually([&] {
        const auto now = this_program();
        const auto waits = [&](int process, int for_process) {
            return std::any_of(now.other_waits.begin(), now.other_waits.end(), [&](const auto& one) {
                return one.who.process == process && one.for_process == for_process;
            });
        };
        return waits(several.pid(), 0) && waits(::getpid(), worker.id());
    }));
    stay.set();
    joiner.join();
}

TEST(inspect, shows_who_holds_a_lock)
{
    ruche::mutex m;
    ruche::recursive_mutex again;
    ruche::counting_semaphore permits(3);
    ruche::shared_mutex read;
    const std::scoped_lock one(m, again);
    const std::scoped_lock twice(again);
    const std::shared_lock reading(read);
    permits.acquire();
    const auto now = this_program();
    for (const auto& thing : now.objects)
        if (thing.kind == "mutex" || thing.kind == "semaphore" || thing.kind == "shared mutex") {
            ASSERT_EQ(thing.holders.size(), 1U) << thing.kind;
            EXPECT_EQ(thing.holders[0].process, ::getpid());
        }
    EXPECT_EQ(find(now, "semaphore")->facts.at("available"), 2U);
    EXPECT_EQ(find(now, "shared mutex")->holders[0].how, "reads");
    EXPECT_EQ(std::count_if(now.objects.begin(), now.objects.end(),
                            [](const auto& thing) { return thing.kind == "mutex" && thing.holders[0].count == 2; }),
              1);
    permits.release();
}

TEST(inspect, finds_a_deadlock_and_who_is_in_it)
{
    ruche::mutex a, b;
    ruche::latch both_have_one(2);
    ruche::event never;
    ruche::process left({.name = "Left"}, take_both, a, b, both_have_one);
    ruche::process right({.name = "Right"}, take_both, b, a, both_have_one);
    ruche::process bystander([](ruche::event until) { until.wait(); }, never);
    ASSERT_TRUE(eventually([] { return !this_program().deadlocks.empty(); }));
    const auto found = this_program().deadlocks;
    ASSERT_EQ(found.size(), 1U);
    ASSERT_EQ(found[0].steps.size(), 2U);
    std::vector<int> members{found[0].steps[0].process, found[0].steps[1].process};
    std::sort(members.begin(), members.end());
    std::vector<int> expected{left.id(), right.id()};
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(members, expected);
    const auto told = run(std::to_string(::getpid()));
    EXPECT_NE(told.said.find("DEADLOCK"), std::string::npos) << told.said;
    EXPECT_NE(told.said.find("Left (" + std::to_string(left.id()) + ") waits for mutex"), std::string::npos);
    left.kill();
    right.join();
    EXPECT_TRUE(this_program().deadlocks.empty());
    never.set();
}

TEST(inspect, three_round_a_table_are_one_deadlock)
{
    std::vector<ruche::mutex> forks(3);
    ruche::latch all_have_one(3);
    std::vector<ruche::process> table;
    for (std::size_t i = 0; i < 3; ++i)
        table.emplace_back(take_both, forks[i], forks[(i + 1) % 3], all_have_one);
    ASSERT_TRUE(eventually([] {
        const auto now = this_program();
        return now.deadlocks.size() == 1 && now.deadlocks[0].steps.size() == 3;
    }));
    table[0].kill();
    for (auto& one : table)
        (void)one.join();
}

TEST(inspect, what_was_killed_leaves_nothing_to_stumble_over)
{
    ruche::event ready;
    ruche::mutex m;
    ruche::queue<int> jobs({.name = "survivor"});
    jobs.push(1);
    forked victim([&] {
        ruche::queue<int> own({.name = "gone"});
        m.lock();
        const auto held = jobs.pop_lease();
        ready.set();
        own.push(*own.pop());
        return 0;
    });
    ready.wait();
    ASSERT_TRUE(eventually([] { return find(this_program(), "queue", "gone") != nullptr; }));
    const int dead = victim.pid();
    victim.kill();
    victim.join();
    const auto now = this_program();
    EXPECT_EQ(find(now, "queue", "gone"), nullptr);
    EXPECT_TRUE(find(now, "mutex")->holders.empty());
    for (const auto& program : inspect::programs()) // others' programs come and go
        for (const auto& one : program.processes)
            EXPECT_NE(one.id, dead);
    EXPECT_NE(find(now, "queue", "survivor"), nullptr);
}

TEST(inspect, looks_while_processes_come_work_and_are_killed)
{
    ruche::queue<int> jobs({.name = "storm"});
    const auto end = std::chrono::steady_clock::now() + 1s;
    std::uint64_t workers = 0; // each may leave the item that it has just pushed
    while (std::chrono::steady_clock::now() < end) {
        ++workers;
        forked worker([&] {
            for (;;) {
                jobs.push(1);
                (void)jobs.pop();
            }
            return 0;
        });
        const auto now = this_program();
        const auto* const seen = find(now, "queue", "storm");
        ASSERT_TRUE(seen);
        EXPECT_LE(seen->facts.at("items"), workers);
        worker.kill();
    }
}

TEST(inspect, a_process_that_does_not_use_ruche_is_refused)
{
    EXPECT_THROW((void)inspect::program_of(1), std::invalid_argument);
    EXPECT_EQ(run("1").code, 1);
    EXPECT_EQ(run("999999999").code, 1);
}

TEST(inspect_command, json_has_all_that_there_is)
{
    ruche::queue<int> jobs({.name = "ja\"bs\n"});
    jobs.push(1);
    ruche::mutex m;
    const std::scoped_lock lock(m);
    const auto told = run("--json " + std::to_string(::getpid()));
    ASSERT_EQ(told.code, 0);
    const auto seen = nlohmann::json::parse(told.said);
    EXPECT_EQ(seen["format"], 1);
    ASSERT_EQ(seen["programs"].size(), 1U);
    const auto& program = seen["programs"][0];
    EXPECT_EQ(program["id"], ::getpid());
    bool found = false;
    for (const auto& one : program["objects"])
        if (one["kind"] == "queue" && one["name"] == "ja\"bs\n") {
            found = true;
            EXPECT_EQ(one["facts"]["items"], 1);
        }
    EXPECT_TRUE(found) << told.said;
}

TEST(inspect_command, watching_tells_how_fast_a_queue_is)
{
    ruche::queue<int> jobs({.name = "fast"});
    forked pump([&] {
        for (;;) {
            jobs.push(1);
            (void)jobs.pop();
        }
        return 0;
    });
    FILE* const pipe =
        ::popen((std::string(INSPECT) + " --json --watch 0.1 " + std::to_string(::getpid())).c_str(), "r");
    std::string line(1 << 20, '\0');
    double speed = 0;
    for (int look = 0; look < 3; ++look) {
        ASSERT_TRUE(std::fgets(line.data(), static_cast<int>(line.size()), pipe));
        const auto seen = nlohmann::json::parse(line.c_str());
        for (const auto& one : seen["programs"][0]["objects"])
            if (one["name"] == "fast" && one.contains("rates"))
                speed = one["rates"]["pushed_per_second"];
    }
    EXPECT_GT(speed, 1000);
    pump.kill();
    // It ends when nobody reads any more.
    ::pclose(pipe);
}

TEST(inspect_command, explains_itself)
{
    EXPECT_NE(run("--help").said.find("deadlocks"), std::string::npos);
    EXPECT_NE(run("--version").said.find("ruche-inspect "), std::string::npos);
    EXPECT_NE(run("--nonsense").code, 0);
    EXPECT_NE(run("--watch 0 1").code, 0);
}
