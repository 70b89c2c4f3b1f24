// How long a message takes there and back through a queue and a channel, spinning and asleep, beside a bare cache line
// and a bare futex; what an item of 1 MiB costs beside a memcpy; and how often an idle waiter wakes.
//
//     queue_round_trip_benchmark [TURNS]       Markdown tables of ratios; 5 turns by default, under half a minute
#include "table.hpp"

#include <ruche/channel.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <new>
#include <string>
#include <thread>

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;
using message = std::array<std::uint64_t, 6>;

void run_on(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(processor), &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

// How many rounds `ask` makes in some milliseconds while a child runs `answer` for ever; nanoseconds for each.
double nanoseconds_each(int mine, int other, const std::function<void()>& answer, const std::function<void()>& ask)
{
    cpu_set_t before;
    ::sched_getaffinity(0, sizeof before, &before);
    const pid_t child = ::fork();
    if (child == 0) {
        run_on(other);
        for (;;)
            answer();
    }
    run_on(mine);
    for (int i = 0; i < 50; ++i)
        ask();
    using namespace std::chrono_literals;
    const auto begin = clock_type::now();
    std::size_t rounds = 0;
    do {
        for (int i = 0; i < 20; ++i)
            ask();
        rounds += 20;
    } while (clock_type::now() - begin < 150ms);
    const std::chrono::duration<double, std::nano> elapsed = clock_type::now() - begin;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::sched_setaffinity(0, sizeof before, &before);
    return elapsed.count() / static_cast<double>(rounds);
}

struct two_words {
    alignas(128) std::atomic<std::uint32_t> there{0};
    alignas(128) std::atomic<std::uint32_t> back{0};
};

two_words& shared_words()
{
    void* const place = ::mmap(nullptr, sizeof(two_words), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return *new (place) two_words; // as long as the program: a few pages
}

double bare_line()
{
    two_words& words = shared_words();
    std::uint32_t seen = 0;
    std::uint32_t sent = 0;
    const auto wait_for = [](const std::atomic<std::uint32_t>& word, std::uint32_t value) {
        while (word.load(std::memory_order_acquire) != value)
            ;
    };
    return nanoseconds_each(
        0, 1,
        [&] {
            wait_for(words.there, ++seen);
            words.back.store(seen, std::memory_order_release);
        },
        [&] {
            words.there.store(++sent, std::memory_order_release);
            wait_for(words.back, sent);
        });
}

double bare_futex(int other)
{
    two_words& words = shared_words();
    std::uint32_t seen = 0;
    std::uint32_t sent = 0;
    const auto wait_for = [](std::atomic<std::uint32_t>& word, std::uint32_t value) {
        while (word.load() != value)
            ::syscall(SYS_futex, &word, FUTEX_WAIT, value - 1, nullptr, nullptr, 0);
    };
    const auto tell = [](std::atomic<std::uint32_t>& word, std::uint32_t value) {
        word.store(value);
        ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    };
    return nanoseconds_each(
        0, other,
        [&] {
            wait_for(words.there, ++seen);
            tell(words.back, seen);
        },
        [&] {
            tell(words.there, ++sent);
            wait_for(words.back, sent);
        });
}

double channel(int other)
{
    auto [here, there] = ruche::make_channel<message, message>();
    return nanoseconds_each(
        0, other, [&, &end = there] { end.send(end.receive().value()); },
        [&, &end = here] {
            end.send({1, 2, 3, 4, 5, 6});
            (void)end.receive();
        });
}

double queue(int other)
{
    ruche::queue<message> there;
    ruche::queue<message> back;
    return nanoseconds_each(
        0, other, [&] { back.push(there.pop().value()); },
        [&] {
            there.push({1, 2, 3, 4, 5, 6});
            (void)back.pop();
        });
}

constexpr std::size_t large = std::size_t{1} << 20;

double memcpy_each()
{
    // What a transport has to do at least: into memory that both see, and out of it.
    std::string from(large, 'f');
    std::string to(large, 't');
    std::string between(large, 'b');
    const auto begin = clock_type::now();
    constexpr int rounds = 200;
    for (int i = 0; i < rounds; ++i) {
        std::memcpy(between.data(), from.data(), large);
        std::memcpy(to.data(), between.data(), large);
        from[static_cast<std::size_t>(i)] = to[large / 2];
    }
    return std::chrono::duration<double, std::micro>(clock_type::now() - begin).count() / rounds;
}

// The consumer's time for each item, with the producer as far ahead as there is room.
template <class Give, class Take>
double microseconds_each(Give give, Take take)
{
    return nanoseconds_each(0, 1, give, take) / 1000;
}

double large_through_a_queue()
{
    ruche::queue<std::string> items;
    const std::string item(large, 'i');
    return microseconds_each([&] { items.push(item); }, [&] { (void)items.pop(); });
}

double large_through_a_channel()
{
    auto [here, there] = ruche::make_channel<std::string, int>();
    const std::string item(large, 'i');
    return microseconds_each([&, &end = here] { end.send(item); }, [&, &end = there] { (void)end.receive(); });
}

// Wake-ups a second of a process that waits and gets nothing.
double wake_ups(const ruche::process& waiter)
{
    const auto switches = [&] {
        std::ifstream status("/proc/" + std::to_string(waiter.id()) + "/status");
        const std::string name = "voluntary_ctxt_switches:";
        for (std::string word; status >> word;)
            if (word == name) {
                status >> word;
                return std::stod(word);
            }
        return 0.0;
    };
    using namespace std::chrono_literals;
    std::this_thread::sleep_for(300ms); // until it is asleep
    const double before = switches();
    std::this_thread::sleep_for(4s);
    return (switches() - before) / 4;
}

void print_idle()
{
    benchmark::table idle("An idle waiter", "wake-ups a second");
    ruche::queue<int> q;
    {
        ruche::process waiter([](ruche::queue<int> from) { (void)from.pop(); }, q);
        idle.add("queue, pop", wake_ups(waiter));
        q.close();
        waiter.join();
    }
    auto [here, there] = ruche::make_channel<int, int>();
    ruche::process waiter([](ruche::channel<int, int> line) { (void)line.receive(); }, std::move(there));
    idle.add("channel, receive", wake_ups(waiter));
    here.close();
    waiter.join();
    idle.print();
}

} // namespace

int main(int argc, char** argv)
{
    const int turns = argc > 1 ? std::atoi(argv[1]) : 5;
    const bool two = std::thread::hardware_concurrency() > 1;
    benchmark::table spinning("There and back, on two processors", "ns");
    benchmark::table apart("There and back asleep, on two processors", "ns");
    benchmark::table together("There and back asleep, on one processor", "ns");
    benchmark::table items("An item of 1 MiB", "µs");
    for (int turn = 0; turn < turns; ++turn) {
        if (two) {
            spinning.add("bare cache line", bare_line());
            const double of_channel = channel(1);
            const double of_queue = queue(1);
            spinning.add("channel", of_channel);
            spinning.add("queue", of_queue);
            apart.add("bare futex", bare_futex(1));
            apart.add("channel", of_channel);
            apart.add("queue", of_queue);
        }
        together.add("bare futex", bare_futex(0));
        together.add("channel", channel(0));
        together.add("queue", queue(0));
        items.add("memcpy in and out", memcpy_each());
        items.add("queue", large_through_a_queue());
        items.add("channel", large_through_a_channel());
    }
    for (const auto* one : {&spinning, &apart, &together, &items})
        one->print();
    print_idle();
}
