// Handles travel: as arguments, as members, as items of a queue; and leave nothing behind when they are lost on the
// way.

#include "helpers/forked.hpp"
#include <ruche/async.hpp>
#include <ruche/barrier.hpp>
#include <ruche/channel.hpp>
#include <ruche/condition_variable.hpp>
#include <ruche/event.hpp>
#include <ruche/latch.hpp>
#include <ruche/mutex.hpp>
#include <ruche/once.hpp>
#include <ruche/queue.hpp>
#include <ruche/semaphore.hpp>
#include <ruche/shared.hpp>
#include <ruche/shared_mutex.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <shared_mutex>
#include <unistd.h>

namespace {

template <class T>
T sent(const T& value)
{
    ruche::queue<T> items;
    items.push(value);
    return items.pop().value();
}

/// One of each, as members.
struct handles {
    ruche::queue<int> numbers;
    ruche::mutex lock;
    ruche::shared_mutex many;
    ruche::condition_variable changed;
    ruche::counting_semaphore places{1};
    ruche::event done;
    ruche::latch opened{1};
    ruche::barrier rounds{1};
    ruche::once_flag first;
    ruche::shared<int> value{0};
    ruche::shared_array<double> cells{100};
    ruche::synchronized<int> count{0};
    ruche::stop_source stop;
    ruche::stop_token stopped = stop.get_token();
};

/// Uses each of them.
void use(handles h)
{
    h.numbers.push(1);
    {
        const std::scoped_lock held(h.lock);
        *h.value += 1;
    }
    {
        const std::shared_lock held(h.many);
        h.cells[99] += 1;
    }
    h.changed.notify_all();
    h.places.release();
    h.opened.count_down();
    *h.count.lock() += 1;
    if (!h.stopped.stop_requested())
        h.stop.request_stop();
    h.done.set();
}

void expect_used(handles& h)
{
    EXPECT_TRUE(h.done.wait_for(std::chrono::seconds(10)));
    EXPECT_EQ(h.numbers.pop(), 1);
    EXPECT_EQ(*h.value, 1);
    EXPECT_EQ(h.cells[99], 1);
    EXPECT_TRUE(h.opened.try_wait());
    EXPECT_EQ(h.count.snapshot(), 1);
    EXPECT_TRUE(h.stopped.stop_requested());
    EXPECT_TRUE(h.places.try_acquire() && h.places.try_acquire());
}

std::size_t open_descriptors()
{
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// A descriptor whose other end tells when the last copy is gone.
std::pair<ruche::fd, ruche::fd> pipe_ends()
{
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    return {ruche::fd(ends[0]), ruche::fd(ends[1])};
}

/// Whether nobody has the other end any more.
bool is_alone(const ruche::fd& reader)
{
    return helpers::eventually([&] {
        char letter = 0;
        return ::read(reader.get(), &letter, 1) == 0;
    });
}

} // namespace

TEST(wire_handles, travel_as_members_of_an_argument)
{
    handles h;
    ruche::process p(use, h);
    expect_used(h);
    EXPECT_TRUE(p.join().success());
}

TEST(wire_handles, travel_as_members_of_an_item)
{
    handles h;
    ruche::queue<handles> items;
    items.push(h);
    ruche::process p([](ruche::queue<handles> from) { use(from.pop().value()); }, items);
    expect_used(h);
    EXPECT_TRUE(p.join().success());
}

TEST(wire_handles, travel_through_a_channel_and_in_containers)
{
    handles h;
    auto [here, there] = ruche::make_channel<std::map<std::string, std::vector<handles>>, int>();
    ruche::process p(
        [](ruche::channel<int, std::map<std::string, std::vector<handles>>> line) {
            use(std::move(line.receive().value().at("them").front()));
        },
        std::move(there));
    here.send({{"them", {h}}});
    expect_used(h);
    EXPECT_TRUE(p.join().success());
}

TEST(wire_handles, come_back_as_a_result)
{
    auto h = ruche::async([] {
                 handles made;
                 use(made);
                 return made;
             }).get();
    expect_used(h);
}

TEST(wire_handles, an_end_of_a_channel_travels_in_an_item)
{
    using line = ruche::channel<int, int>;
    auto [here, there] = ruche::make_channel<int, int>();
    ruche::queue<line> ends;
    ends.push(there);
    ruche::process p([](ruche::queue<line> from) { from.pop().value().send(7); }, ends);
    EXPECT_EQ(here.receive(), 7);
    EXPECT_TRUE(p.join().success());
}

// --- what they refer to lives as long as anybody, or any message, has it

TEST(wire_handles, an_item_keeps_what_it_refers_to)
{
    ruche::queue<handles> items;
    items.push(handles{}); // nobody else has them
    auto h = items.pop().value();
    use(h);
    expect_used(h);
}

TEST(wire_handles, a_descriptor_in_an_item_that_nobody_takes_goes_with_the_queue)
{
    auto [reader, writer] = pipe_ends();
    {
        ruche::queue<ruche::fd> items;
        items.push(writer);
        writer.reset();
    }
    EXPECT_TRUE(is_alone(reader));
}

TEST(wire_handles, a_descriptor_in_a_message_that_nobody_receives_goes_with_the_channel)
{
    auto [reader, writer] = pipe_ends();
    {
        auto [here, there] = ruche::make_channel<ruche::fd, int>();
        here.send(writer);
        writer.reset();
    }
    EXPECT_TRUE(is_alone(reader));
}

TEST(wire_handles, a_descriptor_that_was_popped_goes_with_its_killed_owner)
{
    auto [reader, writer] = pipe_ends();
    ruche::queue<ruche::fd> items;
    ruche::event taken;
    ruche::process p(
        [](ruche::queue<ruche::fd> from, ruche::event done) {
            const auto item = from.pop();
            done.set();
            for (;;)
                ::pause();
        },
        items, taken);
    items.push(writer);
    writer.reset();
    taken.wait();
    p.kill();
    p.join();
    EXPECT_TRUE(is_alone(reader));
}

TEST(wire_handles, an_argument_goes_with_a_process_that_is_killed_at_any_moment)
{
    for (int i = 0; i != 20; ++i) {
        auto [reader, writer] = pipe_ends();
        ruche::process p(
            [](const ruche::fd&) {
                for (;;)
                    ::pause();
            },
            writer);
        writer.reset();
        (void)p.join_for(std::chrono::microseconds(i * 200));
        p.kill();
        p.join();
        ASSERT_TRUE(is_alone(reader)) << i;
    }
}

TEST(wire_handles, kills_while_handles_are_on_the_way_leave_nothing)
{
    ruche::queue<handles> items({.items = 4});
    const handles h;
    items.push(h);
    (void)items.pop();
    std::size_t open = 0; // after the first: with it comes what a program has once, for all its processes
    for (int i = 0; i != 20; ++i) {
        if (i == 1)
            open = open_descriptors();
        ruche::process busy(
            [](ruche::queue<handles> all) {
                for (;;) {
                    all.push(handles{});
                    (void)all.pop();
                }
            },
            items);
        (void)busy.join_for(std::chrono::milliseconds(i));
        busy.kill();
        busy.join();
        while (items.try_pop())
            ;
        items.push(h); // what is on the way is found, past what the dead have left
        auto there = items.pop();
        ASSERT_TRUE(there.has_value());
        ASSERT_EQ(there->value, h.value);
    }
    EXPECT_EQ(open_descriptors(), open);
}

namespace {

/// A handle goes as an argument, as a member of an item that somebody takes who is killed then, and as one of an item
/// that nobody takes.
template <class Handle>
void lose(const Handle& handle)
{
    ruche::queue<std::pair<int, Handle>> items;
    ruche::event taken;
    items.push({1, handle});
    ruche::process holder(
        [](const Handle&, ruche::queue<std::pair<int, Handle>> from, ruche::event has_it) {
            const auto item = from.pop();
            has_it.set();
            for (;;)
                ::pause();
        },
        handle, items, taken);
    taken.wait();
    holder.kill();
    holder.join();
    items.push({2, handle});
}

template <class Handle>
void leaves_nothing(const Handle& handle)
{
    lose(handle); // with the first comes what a program has once, for all its processes
    const std::size_t open = open_descriptors();
    lose(handle);
    EXPECT_EQ(open_descriptors(), open) << ruche::wire::type_name<Handle>();
}

} // namespace

TEST(wire_handles, of_each_kind_leave_nothing_when_their_holder_is_killed)
{
    const ruche::stop_source stop;
    leaves_nothing(ruche::queue<int>());
    leaves_nothing(ruche::mutex());
    leaves_nothing(ruche::recursive_mutex());
    leaves_nothing(ruche::shared_mutex());
    leaves_nothing(ruche::condition_variable());
    leaves_nothing(ruche::counting_semaphore(1));
    leaves_nothing(ruche::event());
    leaves_nothing(ruche::latch(1));
    leaves_nothing(ruche::barrier(1));
    leaves_nothing(ruche::once_flag());
    leaves_nothing(ruche::shared<int>(0));
    leaves_nothing(ruche::shared_array<double>(100));
    leaves_nothing(ruche::synchronized<int>(0));
    leaves_nothing(stop);
    leaves_nothing(stop.get_token());
}

TEST(wire_handles, an_encode_that_throws_lets_go_of_what_it_has_attached)
{
    auto [reader, writer] = pipe_ends();
    ruche::queue<std::pair<ruche::fd, std::vector<std::string>>> items({.bytes = 4096, .large_bytes = 4096});
    EXPECT_THROW(items.push(std::pair(std::move(writer), std::vector{std::string(100'000, 'x')})), ruche::too_large);
    EXPECT_TRUE(is_alone(reader));
}

// --- stops

TEST(wire_handles, a_token_that_came_back_is_the_same)
{
    const ruche::stop_source stop;
    EXPECT_EQ(sent(stop), stop);
    EXPECT_EQ(sent(stop.get_token()), stop.get_token());
    EXPECT_EQ(sent(ruche::stop_token()), ruche::stop_token());
    const ruche::stop_source other;
    EXPECT_FALSE(sent(other) == stop);
}

TEST(wire_handles, a_stop_reaches_who_got_its_token_as_an_argument)
{
    ruche::stop_source stop;
    const auto wait = [](ruche::stop_token own, ruche::stop_token given, ruche::queue<int> nothing) {
        (void)nothing.pop(given);
        return given.stop_requested() && !own.stop_requested();
    };
    ruche::queue<int> nothing;
    auto answer = ruche::async(wait, stop.get_token(), nothing);
    EXPECT_FALSE(answer.wait_for(std::chrono::milliseconds(50)));
    stop.request_stop();
    EXPECT_TRUE(answer.get());
}

TEST(wire_handles, a_process_can_hand_its_own_token_on)
{
    ruche::queue<int> nothing;
    ruche::event started;
    ruche::process parent(
        [](ruche::stop_token own, ruche::queue<int> waits, ruche::event ready) {
            ruche::process child(
                [](ruche::stop_token, ruche::stop_token of_parent, ruche::queue<int> nothing_more, ruche::event up) {
                    up.set();
                    (void)nothing_more.pop(of_parent);
                },
                own, waits, ready);
            child.join();
        },
        nothing, started);
    started.wait();
    parent.request_stop();
    EXPECT_TRUE(parent.join().success());
}

TEST(wire_handles, a_stop_in_memory_of_this_process_alone_is_not_sent)
{
    const auto word = std::make_shared<std::atomic<std::uint32_t>>(0);
    ruche::sink message;
    EXPECT_THROW(ruche::encode(message, ruche::stop_source(word)), std::logic_error);
}

TEST(wire_handles, many_stops_share_a_descriptor)
{
    const ruche::stop_source before;
    const std::size_t open = open_descriptors();
    const std::vector<ruche::stop_source> many(3000);
    EXPECT_LE(open_descriptors(), open + 3);
}
