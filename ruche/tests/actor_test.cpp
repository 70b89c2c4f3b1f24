#include "helpers/processes.hpp"

#include <ruche/actor.hpp>
#include <ruche/async.hpp>
#include <ruche/event.hpp>
#include <ruche/futures.hpp>
#include <ruche/queue.hpp>
#include <ruche/this_process.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace ruche {
namespace {

using namespace std::chrono_literals;

/// What the tests call: notes what it is told, says where it lives, and says when it is destroyed.
class notebook {
public:
    explicit notebook(std::string title) : title_(std::move(title)) {}
    notebook(std::string title, queue<std::string> farewell) : title_(std::move(title)), farewell_(std::move(farewell))
    {}
    ~notebook()
    {
        if (farewell_)
            farewell_->push(title_ + " " + std::to_string(notes_.size()));
    }
    notebook(const notebook&) = delete;

    void add(int note) { notes_.push_back(note); }
    [[nodiscard]] std::vector<int> notes() const { return notes_; }
    [[nodiscard]] const std::string& title() const noexcept { return title_; }
    [[nodiscard]] int first() const { return notes_.at(0); }
    [[nodiscard]] int process() const { return this_process::id(); }
    std::string echo(std::string text) { return text; }
    void wait(event until) { until.wait(); }
    void die(int signal) { std::raise(signal); }
    void wait_for_stop(stop_token stop) { helpers::wait_for_stop(stop); }

private:
    std::string title_;
    std::vector<int> notes_;
    std::optional<queue<std::string>> farewell_;
};

class refuser {
public:
    explicit refuser(int) { throw std::domain_error("not today"); }
    void nothing() {}
};

/// Calls another one.
class secretary {
public:
    explicit secretary(actor<notebook> book) : book_(std::move(book)) {}
    void dictate(int note) { book_.call<&notebook::add>(note); }
    [[nodiscard]] actor<notebook> book() const { return book_; }

private:
    actor<notebook> book_;
};

void add_one(actor<notebook> book, int note) { book.call<&notebook::add>(note); }
void add_many(actor<notebook> book, int from)
{
    for (int i = 0; i < 100; ++i)
        book.tell<&notebook::add>(from + i);
    (void)book.call<&notebook::title>();
}
void hold(stop_token stop, actor<notebook> book, queue<int> ready)
{
    (void)book.call<&notebook::title>();
    ready.push(this_process::id());
    helpers::wait_for_stop(stop);
}
void call_for_ever(actor<notebook> book, event never, queue<int> ready)
{
    ready.push(this_process::id());
    book.call<&notebook::wait>(never);
}
actor<notebook> make_one_there(queue<std::string> farewell) { return actor<notebook>("made there", farewell); }

class an_actor : public testing::Test {
protected:
    queue<std::string> farewell_;
    queue<int> ready_;
};

TEST_F(an_actor, lives_in_a_process_of_its_own)
{
    actor<notebook> book("a");
    EXPECT_NE(book.call<&notebook::process>(), this_process::id());
    EXPECT_EQ(book.call<&notebook::title>(), "a");
}

TEST_F(an_actor, is_one_object_for_all_handles_in_all_processes)
{
    actor<notebook> book("a");
    process(add_one, book, 1).join();
    process(add_one, book, 2).join();
    EXPECT_EQ(book.call<&notebook::notes>(), (std::vector{1, 2}));
}

TEST_F(an_actor, carries_out_the_calls_of_one_process_in_their_order)
{
    actor<notebook> book("a");
    std::vector<process> callers;
    for (int i = 0; i < 3; ++i)
        callers.emplace_back(add_many, book, i * 1000);
    for (auto& each : callers)
        each.join();
    const auto notes = book.call<&notebook::notes>();
    ASSERT_EQ(notes.size(), 300U);
    std::map<int, int> last;
    for (const int note : notes) {
        const auto found = last.find(note / 1000);
        EXPECT_EQ(note % 1000, found == last.end() ? 0 : found->second + 1);
        last[note / 1000] = note % 1000;
    }
}

TEST_F(an_actor, throws_at_the_caller_what_the_function_threw)
{
    actor<notebook> book("a");
    EXPECT_THROW((void)book.call<&notebook::first>(), std::out_of_range);
    EXPECT_EQ(book.call<&notebook::title>(), "a"); // and lives on
}

TEST_F(an_actor, throws_what_its_constructor_threw)
{
    EXPECT_THROW(actor<refuser>(1), std::domain_error);
    actor<notebook> book("a");
    EXPECT_THROW(actor<refuser>(beside(book), 1), std::domain_error);
    EXPECT_EQ(book.call<&notebook::title>(), "a");
}

TEST_F(an_actor, answers_later)
{
    actor<notebook> book("a");
    auto title = book.async<&notebook::title>();
    auto first = book.async<&notebook::first>();
    EXPECT_THROW((void)first.get(), std::out_of_range);
    EXPECT_EQ(title.get(), "a");
}

TEST_F(an_actor, has_room_for_more_calls_than_wait)
{
    actor<notebook> book("a");
    std::vector<future<std::string>> all;
    for (int i = 0; i < 1000; ++i)
        all.push_back(book.async<&notebook::echo>(std::to_string(i)));
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), std::to_string(i));
}

TEST_F(an_actor, calls_back_when_an_answer_is_there)
{
    actor<notebook> book("a");
    auto length = book.async<&notebook::echo>("four").then([](std::string text) { return text.size(); });
    EXPECT_EQ(length.get(), 4U);
}

TEST_F(an_actor, can_be_called_by_many_threads)
{
    actor<notebook> book("a");
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([book, t]() mutable {
            for (int i = 0; i < 200; ++i)
                EXPECT_EQ(book.call<&notebook::echo>(std::to_string(t)), std::to_string(t));
        });
}

TEST_F(an_actor, takes_and_gives_large_values)
{
    actor<notebook> book("a");
    const std::string large(3'000'000, 'x');
    EXPECT_EQ(book.call<&notebook::echo>(large), large);
    const std::string middle(10'000, 'y');
    EXPECT_EQ(book.call<&notebook::echo>(middle), middle);
}

TEST_F(an_actor, may_be_an_argument_and_a_member_of_another)
{
    actor<notebook> book("a");
    actor<secretary> aide(book);
    aide.call<&secretary::dictate>(7);
    EXPECT_EQ(book.call<&notebook::first>(), 7);
    EXPECT_EQ(aide.call<&secretary::book>(), book);
}

TEST_F(an_actor, may_live_beside_another)
{
    actor<notebook> book("a");
    actor<notebook> other(beside(book), "b");
    EXPECT_EQ(book.call<&notebook::process>(), other.call<&notebook::process>());
    EXPECT_EQ(other.call<&notebook::title>(), "b");
    EXPECT_NE(book, other);
}

// --- lifetime

TEST_F(an_actor, is_destroyed_with_its_last_handle_after_what_was_called)
{
    {
        actor<notebook> book("bye", farewell_);
        for (int i = 0; i < 10; ++i)
            book.tell<&notebook::add>(i);
    }
    EXPECT_EQ(farewell_.try_pop(), "bye 10"); // the maker has waited for it
}

TEST_F(an_actor, lives_as_long_as_a_handle_in_any_process)
{
    std::optional<actor<notebook>> book(std::in_place, "bye", farewell_);
    process holder(hold, *book, ready_);
    ASSERT_TRUE(ready_.pop_for(20s));
    book.reset();
    EXPECT_EQ(farewell_.try_pop(), std::nullopt);
    holder.request_stop();
    EXPECT_EQ(farewell_.pop_for(20s), "bye 0");
}

TEST_F(an_actor, is_destroyed_when_its_last_holder_is_killed)
{
    std::optional<actor<notebook>> book(std::in_place, "bye", farewell_);
    process holder(hold, *book, ready_);
    ASSERT_TRUE(ready_.pop_for(20s));
    book.reset();
    holder.kill();
    EXPECT_EQ(farewell_.pop_for(20s), "bye 0");
}

TEST_F(an_actor, lives_by_a_handle_that_is_on_its_way)
{
    queue<actor<notebook>> post;
    {
        actor<notebook> book("bye", farewell_);
        post.push(book);
    }
    EXPECT_EQ(farewell_.try_pop(), std::nullopt);
    {
        auto arrived = post.pop().value();
        EXPECT_EQ(arrived.call<&notebook::title>(), "bye");
    }
    EXPECT_EQ(farewell_.pop_for(20s), "bye 0");
}

TEST_F(an_actor, is_destroyed_when_a_handle_on_its_way_is_dropped)
{
    {
        queue<actor<notebook>> post;
        post.push(actor<notebook>("bye", farewell_));
    }
    EXPECT_EQ(farewell_.pop_for(20s), "bye 0");
}

TEST_F(an_actor, outlives_the_process_that_made_it)
{
    auto book = async(make_one_there, farewell_).get();
    EXPECT_EQ(book.call<&notebook::title>(), "made there");
}

TEST_F(an_actor, is_ended_for_all_by_stop)
{
    actor<notebook> book("bye", farewell_);
    book.tell<&notebook::add>(1);
    book.stop();
    EXPECT_EQ(farewell_.pop_for(20s), "bye 1");
    EXPECT_THROW((void)book.call<&notebook::title>(), process_died);
}

TEST_F(an_actor, that_is_stopped_has_answered_what_was_called_before)
{
    actor<notebook> book("a");
    event go;
    auto first = book.async<&notebook::wait>(go);
    auto before = book.async<&notebook::title>();
    book.stop();
    auto after = book.async<&notebook::title>(); // lies unread in the line when that is closed
    go.set();
    EXPECT_NO_THROW(first.get());
    EXPECT_EQ(before.get(), "a");
    EXPECT_THROW((void)after.get(), process_died);
}

TEST_F(an_actor, beside_another_is_ended_alone)
{
    actor<notebook> book("a");
    actor<notebook> other(beside(book), "b");
    other.stop();
    EXPECT_THROW((void)other.call<&notebook::title>(), process_died);
    EXPECT_EQ(book.call<&notebook::title>(), "a");
}

TEST_F(an_actor, beside_another_outlives_it)
{
    std::optional<actor<notebook>> book(std::in_place, "bye", farewell_);
    actor<notebook> other(beside(*book), "b");
    book.reset();
    EXPECT_EQ(farewell_.pop_for(20s), "bye 0");
    EXPECT_EQ(other.call<&notebook::title>(), "b");
}

TEST_F(an_actor, that_does_not_come_to_an_end_is_ended_with_its_last_handle)
{
    const auto start = std::chrono::steady_clock::now();
    {
        actor<notebook> book(in_process({.grace = 50ms}), "a");
        book.tell<&notebook::wait>(event());
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
    EXPECT_TRUE(active_children().empty());
}

TEST_F(an_actor, that_is_idle_is_not_taken_for_stuck)
{
    supervisor family({.on_event = [](const supervisor_event&) {}});
    actor<notebook> book(supervised(family, {.name = "book", .process = {.heartbeat = 50ms}}), "a");
    std::this_thread::sleep_for(300ms); // three times as long as it may be silent: nothing is to happen
    EXPECT_EQ(family.restarts("book"), 0U);
}

// --- deaths

TEST_F(an_actor, that_dies_in_a_call_is_an_error_to_the_caller_at_once)
{
    actor<notebook> book("a");
    try {
        book.call<&notebook::die>(SIGKILL);
        ADD_FAILURE() << "the call returned";
    } catch (const process_died& error) {
        EXPECT_EQ(error.status().signal(), SIGKILL);
    }
    EXPECT_THROW((void)book.call<&notebook::title>(), process_died); // and ever after
}

TEST_F(an_actor, that_crashes_says_where)
{
    actor<notebook> book("a");
    try {
        book.call<&notebook::die>(SIGSEGV);
        ADD_FAILURE() << "the call returned";
    } catch (const process_died& error) {
        EXPECT_NE(error.stack().find("notebook::die"), std::string::npos) << error.what();
    }
}

TEST_F(an_actor, that_dies_between_two_calls_is_an_error_to_the_next)
{
    actor<notebook> book("a");
    const int id = book.call<&notebook::process>();
    ::kill(id, SIGKILL);
    ASSERT_TRUE(helpers::gone_within(id, 20s));
    EXPECT_THROW((void)book.call<&notebook::title>(), process_died);
}

void expect_signal(actor<notebook> book, queue<int> signals)
{
    try {
        book.call<&notebook::die>(SIGKILL);
    } catch (const process_died& error) {
        signals.push(error.status().signal().value_or(0));
    }
}

TEST_F(an_actor, that_dies_is_an_error_in_processes_that_have_not_made_it)
{
    actor<notebook> book("a");
    queue<int> signals;
    process(expect_signal, book, signals).join();
    const auto signal = signals.try_pop();
    ASSERT_TRUE(signal);
    EXPECT_TRUE(*signal == SIGKILL || *signal == 0); // older kernels don't tell strangers
}

TEST_F(an_actor, that_dies_settles_all_futures)
{
    actor<notebook> book("a");
    const int id = book.call<&notebook::process>();
    event never;
    auto first = book.async<&notebook::wait>(never);
    std::vector<future<std::string>> rest;
    for (int i = 0; i < 20; ++i)
        rest.push_back(book.async<&notebook::title>());
    ::kill(id, SIGKILL);
    EXPECT_THROW(first.get(), process_died);
    for (auto& each : rest)
        EXPECT_THROW((void)each.get(), process_died);
}

TEST_F(an_actor, survives_a_caller_that_is_killed_in_a_call)
{
    actor<notebook> book("a");
    event go;
    process caller(call_for_ever, book, go, ready_);
    ASSERT_TRUE(ready_.pop_for(20s));
    auto after = book.async<&notebook::title>();
    caller.kill();
    caller.join();
    go.set();
    EXPECT_EQ(after.get(), "a");
}

TEST_F(an_actor, survives_callers_killed_at_any_moment)
{
    actor<notebook> book("a");
    for (int round = 0; round < 30; ++round) {
        process caller(add_many, book, 0);
        (void)caller.join_for(std::chrono::microseconds(100 * round));
        caller.kill();
        caller.join();
    }
    EXPECT_EQ(book.call<&notebook::title>(), "a");
}

TEST_F(an_actor, answers_by_a_deadline_or_not_at_all)
{
    actor<notebook> book("a");
    event go;
    EXPECT_THROW(book.call_for<&notebook::wait>(50ms, go), deadline_exceeded);
    go.set();
    EXPECT_EQ(book.call_for<&notebook::title>(20s), "a");
}

TEST_F(an_actor, can_be_called_from_a_forked_copy)
{
    actor<notebook> book("a");
    (void)book.call<&notebook::title>();
    process copy(forked, [&book] { book.call<&notebook::add>(5); });
    EXPECT_TRUE(copy.join().success());
    EXPECT_EQ(book.call<&notebook::first>(), 5);
}

// --- supervised

supervisor_options quiet()
{
    return {.on_event = [](const supervisor_event&) {}};
}

TEST_F(an_actor, that_is_supervised_comes_back_anew)
{
    supervisor family(quiet());
    actor<notebook> book(supervised(family, {.name = "book"}), "a");
    book.call<&notebook::add>(1);
    const int first = book.call<&notebook::process>();
    EXPECT_THROW(book.call<&notebook::die>(SIGKILL), process_died);
    EXPECT_EQ(book.call<&notebook::notes>(), std::vector<int>{});
    EXPECT_NE(book.call<&notebook::process>(), first);
    EXPECT_EQ(family.restarts("book"), 1U);
}

TEST_F(an_actor, that_is_supervised_ends_with_its_last_handle)
{
    supervisor family(quiet());
    {
        actor<notebook> book(supervised(family, {.name = "book"}), "bye", farewell_);
    }
    family.wait();
    EXPECT_EQ(farewell_.try_pop(), "bye 0");
}

TEST_F(an_actor, that_is_given_up_is_an_error)
{
    supervisor family({.max_restarts = 1, .on_event = [](const supervisor_event&) {}});
    actor<notebook> book(supervised(family, {.name = "book"}), "a");
    for (int i = 0; i < 2; ++i)
        EXPECT_THROW(book.call<&notebook::die>(SIGKILL), process_died);
    EXPECT_THROW((void)book.call<&notebook::title>(), process_died);
    EXPECT_THROW(family.wait(), too_many_restarts);
}

TEST_F(an_actor, that_is_supervised_is_stopped_in_the_middle_of_a_call)
{
    supervisor family(quiet());
    actor<notebook> book(supervised(family, {.name = "book"}), "a");
    auto waiting = book.async<&notebook::wait_for_stop>();
    family.stop();
    EXPECT_TRUE(waiting.wait_for(20s));
}

TEST_F(an_actor, leaves_no_descriptor_and_no_process)
{
    {
        actor<notebook> warm("up");
        (void)warm.async<&notebook::title>().then([](std::string) {}).get();
    }
    const auto before = helpers::count_descriptors();
    for (int i = 0; i < 10; ++i) {
        actor<notebook> book("a");
        actor<notebook> other(beside(book), "b");
        (void)book.call<&notebook::title>();
        other.tell<&notebook::add>(1);
    }
    EXPECT_EQ(helpers::count_descriptors(), before);
    EXPECT_TRUE(active_children().empty());
}

} // namespace
} // namespace ruche
