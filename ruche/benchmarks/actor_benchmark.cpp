// What a call of an actor costs, there and back: beside a byte through two pipes, a word and two futex calls, and a
// proxy of Python's Manager. Run: build/bench/ruche/benchmarks/actor_benchmark [TURNS]

#include <ruche/actor.hpp>
#include <ruche/managed.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include "table.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <linux/futex.h>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
constexpr int round_trips = 5000;

double microseconds_each(clock_type::time_point start, int times)
{
    return std::chrono::duration<double, std::micro>(clock_type::now() - start).count() / times;
}

class meter {
public:
    int value() const { return value_; }
    std::string echo(std::string text) const { return text; }
    void set(int value) { value_ = value; }

private:
    int value_ = 7;
};

/// A child that answers every byte with a byte.
double pipe_round_trip()
{
    std::array<int, 2> there{}, back{};
    if (::pipe(there.data()) != 0 || ::pipe(back.data()) != 0)
        return 0;
    const int child = ::fork();
    char byte = 'x';
    if (child == 0) {
        ::close(there[1]);
        while (::read(there[0], &byte, 1) == 1 && ::write(back[1], &byte, 1) == 1) {
        }
        ::_exit(0);
    }
    const auto start = clock_type::now();
    bool whole = true;
    for (int i = 0; i < round_trips; ++i)
        whole = whole && ::write(there[1], &byte, 1) == 1 && ::read(back[0], &byte, 1) == 1;
    const double time = microseconds_each(start, round_trips);
    for (const int end : {there[0], there[1], back[0], back[1]})
        ::close(end);
    ::waitpid(child, nullptr, 0);
    return whole ? time : 0;
}

using word = std::atomic<std::uint32_t>;

void wait_while(word& one, std::uint32_t value)
{
    while (one.load() == value)
        ::syscall(SYS_futex, &one, FUTEX_WAIT, value, nullptr, nullptr, 0);
}
void set(word& one, std::uint32_t value)
{
    one.store(value);
    ::syscall(SYS_futex, &one, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

/// A child that answers every new value of one word with the same in another.
double futex_round_trip()
{
    void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return 0;
    auto* const words = static_cast<word*>(page);
    const int child = ::fork();
    if (child == 0) {
        for (std::uint32_t i = 0; i < round_trips; ++i) {
            wait_while(words[0], i);
            set(words[16], i + 1);
        }
        ::_exit(0);
    }
    const auto start = clock_type::now();
    for (std::uint32_t i = 0; i < round_trips; ++i) {
        set(words[0], i + 1);
        wait_while(words[16], i);
    }
    const double time = microseconds_each(start, round_trips);
    ::waitpid(child, nullptr, 0);
    ::munmap(page, 4096);
    return time;
}

template <class Call>
double time_of(Call call, int times = round_trips)
{
    for (int i = 0; i < 100; ++i)
        call();
    const auto start = clock_type::now();
    for (int i = 0; i < times; ++i)
        call();
    return microseconds_each(start, times);
}

double tells(const ruche::actor<meter>& one)
{
    const auto start = clock_type::now();
    for (int i = 0; i < round_trips; ++i)
        one.tell<&meter::set>(i);
    (void)one.call<&meter::value>();
    return microseconds_each(start, round_trips);
}

double pipelined(const ruche::actor<meter>& one)
{
    std::vector<ruche::future<int>> answers;
    const auto start = clock_type::now();
    for (int i = 0; i < round_trips; ++i)
        answers.push_back(one.async<&meter::value>());
    for (auto& each : answers)
        (void)each.get();
    return microseconds_each(start, round_trips);
}

double manager(const std::string& folder)
{
    FILE* const output = ::popen(("python3 " + folder + "/manager_round_trip.py").c_str(), "r");
    double figure = 0;
    const bool read = output && std::fscanf(output, "%lf", &figure) == 1;
    if (output)
        ::pclose(output);
    return read ? figure : 0;
}

} // namespace

int main(int argc, char** argv)
{
    const int turns = argc > 1 ? std::atoi(argv[1]) : 7;
    const ruche::actor<meter> one;
    ruche::managed_counter counter;
    const std::string text(1000, 'x');
    benchmark::table table("a call, there and back", "us");
    for (int turn = 0; turn < turns; ++turn) {
        table.add("a byte through two pipes", pipe_round_trip());
        table.add("a word and two futexes", futex_round_trip());
        table.add("`call`, an int back", time_of([&] { (void)one.call<&meter::value>(); }));
        table.add("`call`, 1000 characters there and back", time_of([&] { (void)one.call<&meter::echo>(text); }));
        table.add("`managed_counter::get`", time_of([&] { (void)counter.get(); }));
        table.add("`async`, pipelined, each", pipelined(one));
        table.add("`tell`, each", tells(one));
        table.add("a proxy of Python's Manager", manager(MANAGER_FOLDER));
    }
    table.print();
}
