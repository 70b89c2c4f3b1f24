#include <ruche/channel.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/wait.hpp>

#include "helpers/forked.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

using namespace std::chrono_literals;
using helpers::forked;
using ruche::make_channel;

static_assert(!std::is_copy_constructible_v<ruche::channel<int, int>>);
static_assert(std::is_nothrow_move_constructible_v<ruche::channel<int, int>>);
static_assert(ruche::sendable<ruche::channel<int, std::string>>);
static_assert(ruche::waitable<ruche::queue<int>> && ruche::waitable<ruche::channel<int, int>>);
static_assert(ruche::waitable<ruche::fd> && !ruche::waitable<int>);

namespace {

template <class T>
T sent(T value)
{
    ruche::sink message;
    ruche::encode(message, value);
    std::vector<ruche::fd> descriptors;
    for (const auto& one : message.descriptors())
        descriptors.push_back(one->duplicate());
    ruche::source in(message.bytes(), std::move(descriptors));
    return ruche::decode<T>(in);
}

} // namespace

TEST(channel, carries_messages_both_ways)
{
    auto [here, there] = make_channel<std::string, int>();
    here.send("four");
    here.send("");
    EXPECT_EQ(there.receive(), "four");
    EXPECT_EQ(there.receive(), "");
    there.send(4);
    EXPECT_EQ(here.receive(), 4);
    EXPECT_EQ(here.try_receive(), std::nullopt);
    EXPECT_EQ(here.receive_for(1ms), std::nullopt);
}

TEST(channel, carries_messages_between_processes_in_order)
{
    auto [here, there] = make_channel<std::string, std::string>();
    forked echo([&] {
        while (auto word = there.receive())
            there.send(*word + "!");
        return 0;
    });
    for (int i = 0; i < 3000; ++i) {
        here.send(std::to_string(i));
        ASSERT_EQ(here.receive(), std::to_string(i) + "!");
    }
}

TEST(channel, what_was_sent_before_a_close_is_received)
{
    auto [here, there] = make_channel<int, int>();
    here.send(1);
    here.send(2);
    here.close();
    EXPECT_FALSE(there.is_open());
    EXPECT_EQ(there.receive(), 1);
    EXPECT_EQ(there.receive(), 2);
    EXPECT_EQ(there.receive(), std::nullopt);
    EXPECT_THROW(there.send(3), ruche::channel_closed);
    EXPECT_THROW(here.send(3), std::logic_error);
}

TEST(channel, sees_the_death_of_the_other_end)
{
    auto [here, there] = make_channel<int, int>();
    forked child([&] {
        there.send(1);
        return ::raise(SIGKILL);
    });
    {
        ruche::sink message; // sent away: this process keeps no copy
        ruche::encode(message, there);
        const auto gone = std::move(there);
    }
    EXPECT_EQ(child.join(), -SIGKILL);
    EXPECT_EQ(here.receive(), 1);
    EXPECT_EQ(here.receive_for(1s), std::nullopt);
    EXPECT_FALSE(here.is_open());
}

TEST(channel, an_end_that_was_given_to_a_process_ends_with_that_process)
{
    auto [here, there] = make_channel<int, int>();
    ruche::process victim([](ruche::channel<int, int> line) { ::raise(line.receive().value()); }, std::move(there));
    here.send(SIGKILL);
    EXPECT_EQ(here.receive(), std::nullopt); // `there` still stands in this function, and holds nothing
    EXPECT_EQ(victim.join().signal(), SIGKILL);
}

TEST(channel, a_full_one_holds_up_its_sender_until_there_is_room)
{
    auto [here, there] = make_channel<std::string, int>({.bytes = 4096, .large_bytes = 4096});
    const std::string text(500, 'x');
    int count = 0;
    while (here.try_send(text))
        ++count;
    EXPECT_GT(count, 5);
    EXPECT_FALSE(here.send_for(text, 5ms));
    std::thread reader([&] { (void)there.receive(); });
    EXPECT_TRUE(here.send_for(text, 5s));
    reader.join();
}

TEST(channel, an_end_that_was_sent_works_there_and_stays_open)
{
    auto [here, there] = make_channel<int, int>();
    auto arrived = sent(std::move(there));
    here.send(5);
    EXPECT_EQ(arrived.receive(), 5);
    EXPECT_TRUE(here.is_open());
    arrived.close();
    EXPECT_FALSE(here.is_open());
}

TEST(channel, carries_descriptors)
{
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const ruche::fd reader(ends[0]);
    auto [here, there] = make_channel<ruche::fd, int>();
    here.send(ruche::fd(ends[1]));
    {
        const auto writer = there.receive();
        EXPECT_EQ(::write(writer->get(), "x", 1), 1);
    }
    char byte = 0;
    EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
    EXPECT_EQ(::read(reader.get(), &byte, 1), 0);
}

TEST(channel, descriptors_arrive_though_the_sender_went_without_reading_all)
{
    auto [here, there] = make_channel<ruche::fd, int>();
    (void)here.native_handle();
    there.send(1); // leaves a wake-up in the socket of `here`, which nobody reads
    here.send(ruche::fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
    here.close();
    EXPECT_TRUE(there.receive());
    EXPECT_FALSE(there.receive());
}

TEST(channel, a_stop_ends_a_wait)
{
    auto [here, there] = make_channel<int, int>();
    ruche::stop_source source;
    std::thread stopper([&] { source.request_stop(); });
    EXPECT_EQ(here.receive(source.get_token()), std::nullopt);
    stopper.join();
    EXPECT_FALSE(here.send(1, source.get_token()));
}

TEST(wait_any, says_which_is_ready)
{
    auto [here, there] = make_channel<int, int>();
    ruche::queue<int> jobs;
    EXPECT_EQ(ruche::wait_any(5ms, here, jobs), std::nullopt);
    jobs.push(1);
    EXPECT_EQ(ruche::wait_any(5s, here, jobs), 1U);
    there.send(1);
    EXPECT_EQ(ruche::wait_any(here, jobs), 0U);
    EXPECT_EQ(here.receive(), 1);
    EXPECT_EQ(ruche::wait_any(5s, here, jobs), 1U);
    (void)jobs.pop();
    EXPECT_EQ(ruche::wait_any(5ms, here, jobs), std::nullopt);
    there.close();
    EXPECT_EQ(ruche::wait_any(5s, jobs, here), 1U);
}

TEST(wait_any, is_woken_by_what_arrives_while_it_sleeps)
{
    auto [here, there] = make_channel<int, int>();
    ruche::queue<int> jobs;
    for (int round = 0; round < 100; ++round) {
        std::thread sender([&, r = round] { r % 2 == 0 ? jobs.push(r) : there.send(r); });
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(ruche::wait_any(5s, jobs, here), static_cast<std::size_t>(round % 2));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 90ms);
        sender.join();
        EXPECT_EQ(round % 2 == 0 ? jobs.try_pop() : here.try_receive(), round);
    }
}

TEST(wait_any, a_stop_ends_it)
{
    ruche::queue<int> jobs;
    ruche::stop_source source;
    std::thread stopper([&] { source.request_stop(); });
    EXPECT_EQ(ruche::wait_any(source.get_token(), jobs), std::nullopt);
    stopper.join();
}

TEST(wait_all, waits_for_each)
{
    ruche::queue<int> a;
    ruche::queue<int> b;
    a.push(1);
    EXPECT_FALSE(ruche::wait_all(5ms, a, b));
    std::thread sender([&] { b.push(1); });
    EXPECT_TRUE(ruche::wait_all(5s, a, b));
    sender.join();
}
