// Large data: copied into shared memory once, and out of it once at most.

#include "helpers/forked.hpp"
#include "memory_watch.hpp"
#include "os/sanitizer.hpp"
#include "os/shared_mapping.hpp"
#include "wire_testing.hpp"

#include <ruche/async.hpp>
#include <ruche/channel.hpp>
#include <ruche/queue.hpp>
#include <ruche/shared.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <sys/mman.h>

namespace {

using numbers = std::vector<double>;
constexpr std::size_t mebi = std::size_t{1} << 20;

numbers counted(std::size_t count, double from = 0)
{
    numbers all(count);
    std::iota(all.begin(), all.end(), from);
    return all;
}

struct frame {
    std::string label;
    numbers pixels;
    std::vector<std::string> lines;
    int last = 0;
    bool operator==(const frame&) const = default;
};

frame made_frame()
{
    return {"a frame", counted(mebi / 4), {std::string(100'000, 'x'), "short", std::string(70'000, 'y')}, 7};
}

frame turned(frame f)
{
    std::reverse(f.pixels.begin(), f.pixels.end());
    return f;
}

std::size_t open_descriptors()
{
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace

// --- what a sink refers to, and how it comes back

TEST(wire_large, a_sink_refers_to_large_runs_and_copies_small_ones)
{
    const frame value = made_frame();
    ruche::sink out;
    const ruche::wire::borrowing large(out, true);
    ruche::encode(out, value);
    ASSERT_EQ(out.borrowed().size(), 3U);
    EXPECT_EQ(out.borrowed()[0].bytes.data(), reinterpret_cast<const std::byte*>(value.pixels.data()));
    EXPECT_LT(out.size(), 1000U);
}

TEST(wire_large, what_lies_apart_stands_where_it_would_in_one_piece)
{
    const frame value = made_frame();
    ruche::sink whole, parts;
    ruche::encode(whole, value);
    const ruche::wire::borrowing large(parts, true);
    ruche::encode(parts, value);
    std::vector<std::byte> joined;
    std::size_t done = 0;
    const auto take = [&](std::size_t until) {
        joined.insert(joined.end(), parts.bytes().begin() + static_cast<std::ptrdiff_t>(done),
                      parts.bytes().begin() + static_cast<std::ptrdiff_t>(until));
        done = until;
    };
    for (const auto& piece : parts.borrowed()) {
        take(piece.at);
        joined.insert(joined.end(), piece.bytes.begin(), piece.bytes.end());
    }
    take(parts.size());
    EXPECT_TRUE(std::ranges::equal(joined, whole.bytes()));
}

TEST(wire_large, a_message_in_parts_becomes_the_value)
{
    const frame value = made_frame();
    ruche::sink out;
    const ruche::wire::borrowing large(out, true);
    ruche::encode(out, value);
    std::vector<std::byte> memory(ruche::detail::packed_size({out.bytes(), out.borrowed()}));
    ruche::detail::pack({out.bytes(), out.borrowed()}, memory.data());
    const ruche::detail::packed_message message(memory);
    ruche::source in(message.bytes());
    in.lend(message.apart());
    EXPECT_EQ(ruche::decode<frame>(in), value);
    in.finish();
}

namespace {

/// Its state is made for the occasion, and gone once it was encoded.
class temporary {
public:
    explicit temporary(std::size_t size = 0) : size_(size) {}
    [[nodiscard]] std::string get_state() const { return std::string(size_, 's'); }
    void set_state(const std::string& state) { size_ = state.size(); }
    bool operator==(const temporary&) const = default;

private:
    std::size_t size_;
};

} // namespace

TEST(wire_large, a_state_that_is_gone_at_once_is_copied)
{
    ruche::sink out;
    const ruche::wire::borrowing large(out, true);
    ruche::encode(out, temporary(mebi));
    EXPECT_TRUE(out.borrowed().empty());
    EXPECT_GT(out.size(), mebi);
}

TEST(wire_large, an_encode_that_throws_forgets_what_it_referred_to)
{
    ruche::sink out;
    const ruche::wire::borrowing large(out, true);
    const std::pair<numbers, std::variant<int>> value(counted(mebi), 1);
    out.max_depth = 0;
    const std::pair<numbers, std::vector<std::vector<std::string>>> too_deep(counted(mebi), {{"x"}});
    EXPECT_THROW(ruche::encode(out, too_deep), ruche::too_large);
    EXPECT_TRUE(out.borrowed().empty());
    EXPECT_EQ(out.size(), 0U);
}

TEST(wire_large, a_packed_message_that_is_damaged_is_refused)
{
    ruche::sink out;
    const ruche::wire::borrowing large(out, true);
    const frame value = made_frame();
    ruche::encode(out, value);
    std::vector<std::byte> whole(ruche::detail::packed_size({out.bytes(), out.borrowed()}));
    ruche::detail::pack({out.bytes(), out.borrowed()}, whole.data());
    std::uint64_t random = 7;
    int refused = 0;
    for (int i = 0; i != 2000; ++i) {
        auto damaged = std::vector<std::byte>(whole.begin(), whole.begin() + 400); // the table and some of the rest
        damaged.resize(whole.size());
        for (int change = 0; change != 2; ++change) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            damaged[(random >> 33) % 200] = static_cast<std::byte>(random >> 56);
        }
        if (i % 5 == 0)
            damaged.resize((random >> 20) % damaged.size());
        try {
            const ruche::detail::packed_message message(damaged);
            ruche::source in(message.bytes());
            in.lend(message.apart());
            (void)ruche::decode<frame>(in);
            in.finish();
        } catch (const ruche::bad_message&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 500);
}

// --- through processes, queues and channels

TEST(wire_large, arguments_and_results_come_whole)
{
    EXPECT_EQ(ruche::async(turned, made_frame()).get(), turned(made_frame()));
    const numbers many = counted(4 * mebi);
    EXPECT_EQ(ruche::async([](const numbers& all) { return all; }, many).get(), many);
    EXPECT_EQ(ruche::async([](std::span<const double> all) { return all.size(); }, std::span(many)).get(), many.size());
}

TEST(wire_large, a_result_that_refers_to_an_argument_is_a_value)
{
    using text = std::string;
    EXPECT_EQ(ruche::async([](const text& t) -> const text& { return t; }, text(mebi, 'r')).get(), text(mebi, 'r'));
}

TEST(wire_large, a_result_comes_from_a_sandbox)
{
    if (ruche::os::under_sanitizer)
        GTEST_SKIP() << "a sanitizer's runtime needs calls that the sandbox refuses";
    const auto found = ruche::sandbox::support();
    if (!found.missing().empty())
        GTEST_SKIP() << "this machine gives " << found.describe();
    ruche::process_options options;
    options.sandbox = ruche::sandbox::compute();
    EXPECT_EQ(ruche::async(options, turned, made_frame()).get(), turned(made_frame()));
}

TEST(wire_large, items_of_a_queue_come_whole_however_they_are_taken)
{
    ruche::queue<frame> frames;
    const frame value = made_frame();
    for (int i = 0; i != 3; ++i) {
        frames.push(value);
        EXPECT_EQ(frames.pop(), value);
        frames.push(value);
        EXPECT_EQ(frames.pop_lease()->value(), value); // dropped, and so given back
        EXPECT_EQ(frames.pop(), value);
        frames.push_range(std::array{value, value});
        for (std::size_t taken = 0; taken != 2;) // as many at once as fit into a buffer
            for (const frame& each : frames.pop_some(2 - taken)) {
                EXPECT_EQ(each, value);
                ++taken;
            }
    }
}

TEST(wire_large, a_range_of_values_made_on_the_way_is_copied)
{
    ruche::queue<std::string> texts;
    texts.push_range(std::views::iota(0, 3) |
                     std::views::transform([](int i) { return std::string(100'000, static_cast<char>('a' + i)); }));
    for (int i = 0; i != 3; ++i)
        EXPECT_EQ(texts.pop(), std::string(100'000, static_cast<char>('a' + i)));
}

TEST(wire_large, the_room_of_a_queue_is_used_again_for_ever)
{
    ruche::queue<numbers> items({.large_bytes = 4 * mebi});
    for (int i = 0; i != 200; ++i) {
        const numbers value = counted(mebi / 8 + static_cast<std::size_t>(i) * 1000, i);
        ASSERT_TRUE(items.try_push(value)) << i;
        ASSERT_EQ(items.pop(), value);
    }
}

TEST(wire_large, messages_of_a_channel_come_whole)
{
    auto [here, there] = ruche::make_channel<frame, frame>();
    ruche::process p(
        [](ruche::channel<frame, frame> line) {
            while (auto f = line.receive())
                line.send(turned(std::move(*f)));
        },
        std::move(there));
    for (int i = 0; i != 20; ++i) {
        here.send(made_frame());
        EXPECT_EQ(here.receive(), turned(made_frame()));
    }
    here.close();
    EXPECT_TRUE(p.join().success());
}

TEST(wire_large, two_at_once_and_a_small_room_lose_nothing)
{
    ruche::queue<numbers> items({.large_bytes = 2 * mebi});
    ruche::queue<double> sums;
    const auto consume = [](ruche::queue<numbers> from, ruche::queue<double> to) {
        while (auto item = from.pop())
            to.push(item->front());
    };
    ruche::process first(consume, items, sums);
    ruche::process second(consume, items, sums);
    double expected = 0;
    for (int i = 0; i != 300; ++i) {
        items.push(counted(mebi / 16, i));
        expected += i;
    }
    items.close();
    first.join();
    second.join();
    double sum = 0;
    while (const auto one = sums.try_pop())
        sum += *one;
    EXPECT_EQ(sum, expected);
}

// --- copies

TEST(wire_large, a_pop_asks_for_the_memory_of_the_value_and_no_more)
{
    ruche::queue<numbers> items;
    const numbers value = counted(mebi);
    items.push(value);
    (void)items.pop();
    items.push(value);
    requested_bytes = 0;
    const auto taken = items.pop();
    const std::size_t asked = requested_bytes;
    EXPECT_EQ(taken, value);
    EXPECT_LT(asked, value.size() * sizeof(double) + 64 * 1024);
}

TEST(wire_large, a_push_asks_for_no_memory_of_the_size_of_the_value)
{
    ruche::queue<numbers> items;
    const numbers value = counted(mebi);
    requested_bytes = 0;
    items.push(value);
    EXPECT_LT(requested_bytes, 64 * 1024U);
}

// --- deaths

TEST(wire_large, what_dies_with_items_on_the_way_leaves_its_room)
{
    ruche::queue<numbers> items({.large_bytes = 2 * mebi});
    std::size_t open = 0; // after the first: with it comes what a program has once, for all its processes
    for (int i = 0; i != 30; ++i) {
        if (i == 1)
            open = open_descriptors();
        {
            ruche::process busy(
                [](ruche::queue<numbers> all) {
                    for (;;) { // now it pushes, now it reads
                        all.push(counted(mebi / 16));
                        (void)all.pop();
                    }
                },
                items);
            (void)busy.join_for(std::chrono::milliseconds(i));
            busy.kill();
            busy.join();
        }
        while (items.try_pop())
            ;
        for (int whole = 0; whole != 3; ++whole) // the whole of the room is there for others
            ASSERT_TRUE(items.push_for(counted(mebi / 16), std::chrono::seconds(5))) << i;
        for (int whole = 0; whole != 3; ++whole)
            ASSERT_EQ(items.pop(), counted(mebi / 16));
    }
    EXPECT_EQ(open_descriptors(), open);
}

TEST(wire_large, what_reads_an_item_keeps_its_room_until_it_dies)
{
    auto queue = ruche::detail::make_queue({.ring_bytes = 4096, .large_bytes = mebi});
    const std::string half(mebi / 2 + 100'000, 'h');
    ruche::sink message;
    const ruche::wire::borrowing large(message, true);
    ruche::encode(message, half);
    const ruche::detail::outgoing item{message.bytes(), {}, message.borrowed()};
    const auto push_now = [&] {
        return ruche::detail::push(*queue, {&item, 1}, ruche::detail::wait_bounds::none()).pushed == 1;
    };
    ASSERT_TRUE(push_now());
    {
        const helpers::forked reader([&]() -> int {
            ruche::detail::incoming taken;
            (void)ruche::detail::pop(*queue, taken, 1, {});
            for (;;)
                ::pause(); // in the middle of its reading
        });
        ASSERT_TRUE(helpers::eventually([&] { return ruche::detail::empty(*queue); }));
        EXPECT_FALSE(push_now()) << "the room of what is being read was given away";
    }
    EXPECT_TRUE(push_now());
}

TEST(wire_large, arguments_of_a_process_that_is_killed_leave_nothing)
{
    const numbers many = counted(mebi);
    {
        ruche::process first([](const numbers&) {}, many);
        first.join();
    }
    const std::size_t open = open_descriptors();
    for (int i = 0; i != 20; ++i) {
        auto answer = ruche::async([](numbers all) { return all; }, many);
        (void)answer.wait_for(std::chrono::milliseconds(i));
        answer.worker().kill();
        answer.wait();
    }
    EXPECT_EQ(open_descriptors(), open);
}

// --- more than 4 GiB

namespace {

constexpr std::size_t giants = (std::size_t{4} << 30) + 5 * mebi + 3;

/// So much memory that costs none: pages of zeros that nobody wrote.
class nothing_much {
public:
    nothing_much() :
        start_(::mmap(nullptr, giants, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))
    {}
    ~nothing_much() { ::munmap(start_, giants); }
    [[nodiscard]] std::span<char> text() const { return {static_cast<char*>(start_), giants}; }

private:
    void* start_;
};

bool may_run()
{
    return std::getenv("RUCHE_LONG") != nullptr && // NOLINT(concurrency-mt-unsafe)
           ruche::os::is_available(2 * giants + 512 * mebi);
}

using ends = std::tuple<std::size_t, char, char, char>;
const ends expected_ends{giants, 'a', 'b', 'c'};

ends ends_of(std::string_view text) { return {text.size(), text.front(), text[text.size() / 2], text.back()}; }
void mark_ends(std::span<char> text)
{
    text.front() = 'a';
    text[text.size() / 2] = 'b';
    text.back() = 'c';
}

} // namespace

TEST(wire_large, more_than_4_gib_pass_as_an_argument)
{
    if (!may_run())
        GTEST_SKIP() << "needs RUCHE_LONG=1 and 9 GiB of free memory";
    const nothing_much source;
    mark_ends(source.text());
    const std::string_view text(source.text().data(), giants);
    EXPECT_EQ(ruche::async(ends_of, text).get(), expected_ends);
}

TEST(wire_large, more_than_4_gib_come_back_as_a_result)
{
    if (!may_run())
        GTEST_SKIP() << "needs RUCHE_LONG=1 and 9 GiB of free memory";
    const auto make = [] {
        std::string text(giants, 'x');
        mark_ends(text);
        return text;
    };
    auto answer = ruche::async(make);
    answer.wait(); // its own text is gone then
    EXPECT_EQ(ends_of(answer.get()), expected_ends);
}

TEST(wire_large, more_than_4_gib_pass_through_a_queue)
{
    if (!may_run())
        GTEST_SKIP() << "needs RUCHE_LONG=1 and 9 GiB of free memory";
    ruche::queue<std::string> texts({.large_bytes = std::size_t{8} << 30});
    {
        std::string text(giants, 'x');
        mark_ends(text);
        texts.push(text);
    }
    EXPECT_EQ(ends_of(texts.pop().value()), expected_ends);
}
