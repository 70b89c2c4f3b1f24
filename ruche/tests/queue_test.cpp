#include <ruche/queue.hpp>

#include <ruche/channel.hpp>

#include "helpers/forked.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <numeric>
#include <ranges>
#include <string>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std::chrono_literals;
using helpers::forked;
using ruche::queue;

static_assert(std::is_nothrow_move_constructible_v<queue<int>>);
static_assert(std::is_copy_constructible_v<queue<int>>);
static_assert(!std::is_copy_constructible_v<ruche::lease<int>>);
static_assert(ruche::sendable<queue<std::string>>);
static_assert(ruche::carries_handles<queue<int>>);
static_assert(std::input_iterator<queue<int>::iterator>);

namespace {

template <class T>
T sent(const T& value)
{
    ruche::sink message;
    ruche::encode(message, value);
    std::vector<ruche::fd> descriptors;
    for (const auto& one : message.descriptors())
        descriptors.push_back(one->duplicate());
    ruche::source in(message.bytes(), std::move(descriptors));
    return ruche::decode<T>(in);
}

bool is_readable(int number)
{
    pollfd one{number, POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
}

std::size_t open_descriptors()
{
    std::size_t count = 0;
    for (int number = 0; number < 1024; ++number)
        count += ::fcntl(number, F_GETFD) != -1;
    return count;
}

struct job {
    std::string name;
    queue<int> answers;
};

} // namespace

TEST(queue, carries_structures_between_processes)
{
    queue<std::map<std::string, std::vector<int>>> q;
    forked child([&] {
        q.push({{"a", {1, 2, 3}}, {"b", {}}});
        return 0;
    });
    const auto value = q.pop().value();
    EXPECT_EQ(value.at("a"), (std::vector{1, 2, 3}));
    EXPECT_EQ(child.join(), 0);
}

TEST(queue, a_copy_is_the_same_queue)
{
    queue<int> a;
    const queue<int> b = a;
    EXPECT_EQ(a, b);
    EXPECT_FALSE(a == queue<int>());
}

TEST(queue, a_queue_that_was_sent_is_the_same_queue)
{
    queue<int> a;
    queue<int> b = sent(a);
    EXPECT_EQ(a, b);
    b.push(7);
    EXPECT_EQ(a.pop(), 7);
}

TEST(queue, a_handle_that_was_moved_from_throws)
{
    queue<int> a;
    const queue<int> b = std::move(a);
    EXPECT_THROW(a.push(1), std::logic_error); // NOLINT(bugprone-use-after-move): the promise under test
    EXPECT_THROW((void)a.size(), std::logic_error);
}

TEST(queue, waits_that_end_are_values)
{
    queue<int> q({.items = 1});
    EXPECT_EQ(q.try_pop(), std::nullopt);
    EXPECT_EQ(q.pop_for(1ms), std::nullopt);
    EXPECT_EQ(q.pop_until(std::chrono::system_clock::now() + 1ms), std::nullopt);
    EXPECT_EQ(q.try_pop_lease().has_value(), false);
    EXPECT_TRUE(q.try_push(1));
    EXPECT_FALSE(q.try_push(2));
    EXPECT_FALSE(q.push_for(2, 1ms));
    EXPECT_FALSE(q.push_until(2, std::chrono::steady_clock::now() + 1ms));
}

TEST(queue, is_a_range_until_it_is_closed_and_drained)
{
    queue<int> q;
    q.push_range(std::vector{1, 2, 3});
    q.close();
    int sum = 0;
    for (const int value : q)
        sum += value;
    EXPECT_EQ(sum, 6);
}

TEST(queue, takes_some_at_once_in_order)
{
    queue<std::string> q;
    q.push_range(std::vector<std::string>{"a", "b", "c"});
    EXPECT_EQ(q.pop_some(2), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(q.pop_some(2), (std::vector<std::string>{"c"}));
    q.close();
    EXPECT_TRUE(q.pop_some(2).empty());
}

TEST(queue, emplace_makes_the_item)
{
    queue<std::string> q;
    q.emplace(3U, 'x');
    EXPECT_EQ(q.pop(), "xxx");
}

TEST(queue, a_stop_ends_a_range_half_way)
{
    queue<int> q({.items = 10});
    ruche::stop_source source;
    std::thread stopper([&] {
        EXPECT_TRUE(helpers::eventually([&] { return q.size() == 10; }));
        source.request_stop();
    });
    EXPECT_EQ(q.push_range(std::vector<int>(100, 1), source.get_token()), 10U);
    stopper.join();
}

TEST(queue, a_dropped_lease_gives_its_item_back)
{
    queue<std::string> q;
    q.push("a");
    {
        const auto item = q.pop_lease();
    }
    auto again = q.pop_lease();
    EXPECT_EQ(again->value(), "a");
    EXPECT_EQ(again->deliveries(), 2U);
    again->done();
    again->done();
    EXPECT_TRUE(q.wait_until_done_for(0ns));
}

TEST(queue, a_lease_survives_being_moved)
{
    queue<int> q;
    q.push(1);
    std::vector<ruche::lease<int>> held;
    held.push_back(std::move(*q.pop_lease()));
    EXPECT_EQ(q.try_pop(), std::nullopt);
    held.clear();
    EXPECT_EQ(q.try_pop(), 1);
}

TEST(queue, what_can_not_be_decoded_is_not_lost_under_a_lease)
{
    // Another program wrote to the memory: not a string.
    queue<std::string> q;
    const std::array<std::byte, 3> rubbish{};
    const ruche::detail::outgoing item{rubbish, {}};
    ruche::sink message;
    ruche::encode(message, q);
    const auto core = ruche::detail::open_queue(
        [&] {
            std::vector<ruche::fd> descriptors;
            for (const auto& one : message.descriptors())
                descriptors.push_back(one->duplicate());
            return descriptors;
        }(),
        ruche::fingerprint<std::string>);
    ruche::detail::push(*core, {&item, 1}, {});
    EXPECT_THROW((void)q.pop_lease(), ruche::bad_message);
    EXPECT_EQ(q.size(), 1U);
    EXPECT_THROW((void)q.pop(), ruche::bad_message);
    EXPECT_TRUE(q.empty());
}

TEST(queue, carries_queues_as_items_and_as_members)
{
    queue<job> jobs;
    forked worker([&] {
        while (auto next = jobs.pop())
            next->answers.push(static_cast<int>(next->name.size()));
        return 0;
    });
    for (int i = 0; i < 50; ++i) {
        queue<int> answers;
        jobs.push({std::string(static_cast<std::size_t>(i), 'x'), answers});
        ASSERT_EQ(answers.pop(), i);
    }
    jobs.close();
    EXPECT_EQ(worker.join(), 0);
}

TEST(queue, carries_descriptors_that_live_on_without_their_sender)
{
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ruche::fd read_end(ends[0]);
    queue<ruche::fd> q;
    forked child([&, write_end = ends[1]] {
        q.push(ruche::fd(write_end));
        return 0;
    });
    EXPECT_EQ(child.join(), 0);
    ::close(ends[1]);
    {
        const ruche::fd received = q.pop().value();
        EXPECT_EQ(::write(received.get(), "x", 1), 1);
    }
    char byte = 0;
    EXPECT_EQ(::read(read_end.get(), &byte, 1), 1);
    EXPECT_EQ(::read(read_end.get(), &byte, 1), 0); // nobody else has the other end
}

TEST(queue, descriptors_under_a_lease_are_delivered_again_and_closed_when_done)
{
    queue<ruche::fd> q;
    int first[2];
    int second[2];
    ASSERT_EQ(::pipe2(first, O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(second, O_CLOEXEC), 0);
    const ruche::fd first_reader(first[0]);
    const ruche::fd second_reader(second[0]);
    q.push(ruche::fd(first[1]));
    q.push(ruche::fd(second[1]));
    forked holder([&] {
        auto a = q.pop_lease();
        auto b = q.pop_lease();
        ::kill(::getpid(), SIGKILL);
        return 0;
    });
    EXPECT_EQ(holder.join(), -SIGKILL);
    char byte = 0;
    {
        auto a = q.pop_lease_for(5s);
        auto b = q.pop_lease_for(5s);
        ASSERT_TRUE(a && b);
        EXPECT_EQ(a->deliveries(), 2U);
        EXPECT_EQ(::write(a->value().get(), "1", 1), 1);
        EXPECT_EQ(::write(b->value().get(), "2", 1), 1);
        a->done();
        b->done();
    }
    EXPECT_EQ(::read(first_reader.get(), &byte, 1), 1);
    EXPECT_EQ(byte, '1');
    EXPECT_EQ(::read(first_reader.get(), &byte, 1), 0);
    EXPECT_EQ(::read(second_reader.get(), &byte, 1), 1);
    EXPECT_EQ(byte, '2');
    EXPECT_EQ(::read(second_reader.get(), &byte, 1), 0);
}

TEST(queue, items_with_descriptors_push_back_when_the_sockets_are_full)
{
    queue<ruche::fd> q;
    std::size_t count = 0;
    while (count < 5000 && q.try_push(ruche::fd(::dup(0))))
        ++count;
    EXPECT_GT(count, 50U);
    EXPECT_LT(count, 5000U);
    EXPECT_EQ(q.size(), count);
    const std::size_t before = open_descriptors();
    for (std::size_t i = 0; i < count; ++i)
        ASSERT_TRUE(q.try_pop());
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_TRUE(q.try_push(ruche::fd(::dup(0))));
}

TEST(queue, its_handle_is_readable_while_something_waits)
{
    queue<int> q;
    const int handle = q.native_handle();
    EXPECT_FALSE(is_readable(handle));
    q.push(1);
    q.push(2);
    EXPECT_TRUE(is_readable(handle));
    (void)q.pop();
    EXPECT_TRUE(is_readable(handle));
    (void)q.pop();
    EXPECT_FALSE(is_readable(handle));
    forked child([&] {
        q.push(3);
        return 0;
    });
    EXPECT_EQ(child.join(), 0);
    EXPECT_TRUE(is_readable(handle));
    (void)q.pop();
    q.close();
    EXPECT_TRUE(is_readable(handle));
}

TEST(queue, its_handle_tells_of_what_was_there_before)
{
    queue<int> q;
    q.push(1);
    EXPECT_TRUE(is_readable(q.native_handle()));
    const auto lease = q.pop_lease();
    EXPECT_FALSE(is_readable(q.native_handle()));
}

TEST(queue, an_item_that_came_back_makes_its_handle_readable)
{
    queue<int> q;
    q.push(1);
    const int handle = q.native_handle();
    {
        const auto lease = q.pop_lease();
        EXPECT_FALSE(is_readable(handle));
    }
    EXPECT_TRUE(is_readable(handle));
}

TEST(queue, leaves_no_descriptor_behind)
{
    queue<int>().push(1);
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 10; ++i) {
        queue<job> q;
        q.push({"x", queue<int>()});
        (void)sent(q).pop();
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST(queue, an_item_larger_than_its_limit_is_refused)
{
    queue<std::string> q({.bytes = 4096, .large_bytes = 65536});
    EXPECT_THROW(q.push(std::string(70'000, 'x')), ruche::too_large);
    q.push(std::string(60'000, 'x'));
    EXPECT_EQ(q.pop()->size(), 60'000U);
}

TEST(queue, what_is_copied_as_it_lies_is_what_would_have_been_encoded)
{
    using plain = std::array<std::uint64_t, 6>;
    static_assert(ruche::detail::travels_as_it_is<plain> && ruche::detail::travels_as_it_is<int>);
    static_assert(!ruche::detail::travels_as_it_is<bool> && !ruche::detail::travels_as_it_is<std::string>);
    const plain value{1, 2, 3, 4, 5, 6};
    ruche::sink message;
    ruche::encode(message, value);
    ruche::detail::with_message(value, [&](const ruche::detail::outgoing& item) {
        EXPECT_TRUE(std::ranges::equal(item.bytes, message.bytes()));
    });
}

namespace {

/// Lets this process have no further descriptor as long as it lives.
class no_descriptor_left {
public:
    no_descriptor_left()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max}; // those that are open stay
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~no_descriptor_left() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    no_descriptor_left(const no_descriptor_left&) = delete;
    no_descriptor_left& operator=(const no_descriptor_left&) = delete;

private:
    rlimit before_{};
};

using picture = std::pair<std::string, ruche::fd>;

picture large_picture() { return {std::string(300'000, 'p'), ruche::fd(::open("/dev/null", O_RDONLY | O_CLOEXEC))}; }

} // namespace

TEST(queue, an_item_that_this_process_can_not_have_stays_and_so_does_the_room_of_others)
{
    ruche::queue<picture> pictures({.large_bytes = 1 << 20});
    for (int i = 0; i < 20; ++i) { // more than would fit if the room of one were lost
        ASSERT_TRUE(pictures.push_for(large_picture(), 1s));
        {
            const no_descriptor_left here;
            EXPECT_THROW((void)pictures.pop(), ruche::os_error);
            EXPECT_THROW((void)pictures.pop_lease(), ruche::os_error);
        }
        const auto came = pictures.pop_for(1s);
        ASSERT_TRUE(came);
        EXPECT_EQ(came->first.size(), 300'000U);
        EXPECT_NE(came->second.get(), -1);
    }
}

TEST(channel, a_message_that_this_process_can_not_have_stays)
{
    auto [here, there] = ruche::make_channel<picture, int>({.large_bytes = 1 << 20});
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(here.send_for(large_picture(), 1s));
        {
            const no_descriptor_left now;
            EXPECT_THROW((void)there.receive(), ruche::os_error);
        }
        const auto came = there.receive_for(1s);
        ASSERT_TRUE(came);
        EXPECT_EQ(came->first.size(), 300'000U);
    }
}

TEST(queue, ranges_of_any_kind_go_in_and_come_out)
{
    ruche::queue<int> q;
    q.push_range(std::list{1, 2});
    q.push_range(std::views::iota(3, 5));
    q.push_range(std::vector<short>{5});
    const std::vector<int> all = q.pop_some(1'000'000'000);
    EXPECT_EQ(all, (std::vector{1, 2, 3, 4, 5}));
    ruche::queue<bool> flags;
    flags.push_range(std::vector<bool>{true, false, true});
    EXPECT_EQ(flags.pop_some(8), (std::vector<bool>{true, false, true}));
}
