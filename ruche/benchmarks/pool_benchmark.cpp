// How fast a pool is: against Python's ProcessPoolExecutor and Pool (bench preset, python3), and against a bare round
// trip between two processes over a futex. `pool_benchmark [turns]` prints Markdown tables.
#include "table.hpp"

#include <ruche/pool.hpp>

#include <atomic>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <ranges>
#include <string>
#include <vector>

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point start)
{
    return std::chrono::duration<double>(clock_type::now() - start).count();
}

int same(int n) { return n; }
int own_id() { return static_cast<int>(::getpid()); }
int spin(int microseconds)
{
    // A fixed amount of work, measured once in each worker.
    static const double rounds_a_microsecond = [] {
        [[maybe_unused]] volatile int sink = 0;
        const auto start = clock_type::now();
        for (int i = 0; i < 2'000'000; ++i)
            sink = i;
        return 2'000'000 / (seconds_since(start) * 1e6);
    }();
    volatile int sink = 0;
    const auto rounds = static_cast<long>(rounds_a_microsecond * microseconds);
    for (long i = 0; i < rounds; ++i)
        sink = static_cast<int>(i);
    return sink;
}

// --- a bare round trip ---

void wait_while(std::atomic<int>& word, int value)
{
    while (word.load() == value)
        ::syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr, nullptr, 0);
}
void set(std::atomic<int>& word, int value)
{
    word.store(value);
    ::syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

double bare_round_trip(int rounds)
{
    auto* const words = static_cast<std::atomic<int>*>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    const pid_t child = ::fork();
    if (child == 0) {
        for (int i = 1; i <= rounds; ++i) {
            wait_while(words[0], i - 1);
            set(words[16], i);
        }
        ::_exit(0);
    }
    const auto start = clock_type::now();
    for (int i = 1; i <= rounds; ++i) {
        set(words[0], i);
        wait_while(words[16], i - 1);
    }
    const double took = seconds_since(start);
    ::waitpid(child, nullptr, 0);
    ::munmap(words, 4096);
    return took / rounds * 1e6;
}

// --- ours ---

double one_at_a_time(ruche::pool& pool, int rounds)
{
    for (int i = 0; i < 100; ++i)
        pool.submit(same, i).get();
    const auto start = clock_type::now();
    for (int i = 0; i < rounds; ++i)
        pool.submit(same, i).get();
    return seconds_since(start) / rounds * 1e6;
}

double pipelined(ruche::pool& pool, int tasks)
{
    const auto start = clock_type::now();
    std::vector<ruche::future<int>> answers;
    answers.reserve(static_cast<std::size_t>(tasks));
    for (int i = 0; i < tasks; ++i)
        answers.push_back(pool.submit(same, i));
    for (auto& one : answers)
        one.get();
    return tasks / seconds_since(start);
}

double map_rate(ruche::pool& pool, int items)
{
    const auto start = clock_type::now();
    long sum = 0;
    for (const int n : pool.map(same, std::views::iota(0, items)))
        sum += n;
    if (sum != static_cast<long>(items) * (items - 1) / 2)
        std::abort();
    return items / seconds_since(start);
}

double efficiency(ruche::pool& pool, int tasks)
{
    pool.invoke(spin, 1000);
    auto alone = clock_type::now();
    for (int i = 0; i < 200; ++i)
        spin(1000);
    const double each = seconds_since(alone) / 200;
    std::vector<int> work(static_cast<std::size_t>(tasks), 1000);
    const auto start = clock_type::now();
    pool.for_each(spin, work);
    return 100 * each * tasks / 2 / seconds_since(start);
}

double replacement(ruche::pool& pool)
{
    const int victim = pool.submit(own_id).get();
    const auto start = clock_type::now();
    ::kill(victim, SIGKILL);
    while (pool.submit({.retry = {.times = 3, .first_delay = std::chrono::nanoseconds(0)}}, own_id).get() == victim)
        continue;
    return seconds_since(start) * 1e3;
}

// --- Python's ---

void add_python(benchmark::table& to, const std::string& row, const char* what, int count)
{
    const std::string command = std::string("python3 ") + PYTHON_SCRIPT + " " + what + " " + std::to_string(count);
    std::FILE* const output = ::popen(command.c_str(), "r");
    double figure = 0;
    if (output && std::fscanf(output, "%lf", &figure) == 1)
        to.add(row, figure);
    if (output)
        ::pclose(output);
}

} // namespace

int main(int count, char** arguments)
{
    const int turns = count > 1 ? std::atoi(arguments[1]) : 5;
    benchmark::table trip("one task at a time, submit to result", "µs"), many("empty tasks, pipelined", "tasks/s"),
        mapped("map of trivial items", "items/s"), cpu("1 ms tasks on two processors", "% of ideal"),
        size("10,000 empty tasks", "tasks/s"), dead("a dead worker is replaced", "ms");
    for (int turn = 0; turn < turns; ++turn) {
        ruche::pool one(1), two(2), four(4), large(64);
        trip.add("bare futex round trip", bare_round_trip(5000));
        trip.add("pool", one_at_a_time(one, 5000));
        add_python(trip, "ProcessPoolExecutor", "trip_executor", 500);
        add_python(trip, "Pool.apply", "trip_pool", 500);

        add_python(many, "ProcessPoolExecutor", "many_executor", 5000);
        add_python(many, "Pool.imap", "many_imap", 20000);
        (void)pipelined(two, 10000);
        many.add("pool", pipelined(two, 100000));

        add_python(mapped, "Pool.map, best chunk", "map_best", 1000000);
        (void)map_rate(two, 10000);
        mapped.add("pool", map_rate(two, 1000000));

        cpu.add("pool", efficiency(two, 1000));
        (void)pipelined(four, 10000);
        (void)large.invoke(same, 1);
        (void)pipelined(large, 10000);
        size.add("4 workers", pipelined(four, 20000));
        size.add("64 workers", pipelined(large, 20000));
        dead.add("pool", replacement(one));
    }
    for (const auto* table : {&trip, &many, &mapped, &cpu, &size, &dead})
        table->print();
}
