#include "os/sanitizer.hpp"
#include "pool/life_points.hpp"

#include <ruche/pool.hpp>
#include <ruche/queue.hpp>
#include <ruche/stop.hpp>
#include <ruche/this_process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A worker ends in every way at every moment of its life, and of a task's. One worker does so, once; what it was doing
// has its outcome, and nothing else pays for it.

using namespace std::chrono_literals;
using ruche::pooling::life_point;

namespace {

constexpr const char* point_name = "RUCHE_TEST_LIFE_POINT";
constexpr const char* way_name = "RUCHE_TEST_WAY_TO_END";
constexpr const char* victim_name = "RUCHE_TEST_VICTIM"; ///< a file: whoever removes it is the victim

enum class way { kill, fault, abort, exit, quick_exit, terminate };

int number_in(const char* variable)
{
    const char* const text = std::getenv(variable);
    return text ? std::atoi(text) : -1;
}

void end_in(way how)
{
    switch (how) {
    case way::kill:
        std::raise(SIGKILL);
        break;
    case way::fault:
        std::raise(SIGSEGV);
        break;
    case way::abort:
        std::abort();
    case way::exit:
        std::exit(3);
    case way::quick_exit:
        ::_exit(0);
    case way::terminate:
        std::terminate();
    }
}

} // namespace

// Called by workers.
void ruche::pooling::reaches(life_point point)
{
    if (number_in(point_name) == static_cast<int>(point) && ::unlink(std::getenv(victim_name)) == 0)
        end_in(static_cast<way>(number_in(way_name)));
}

namespace {

int square(int n) { return n * n; }
int id_here() { return ruche::this_process::id(); }

class life : public testing::TestWithParam<std::tuple<life_point, way>> {
protected:
    life()
    {
        const int file = ::mkstemp(victim_.data());
        EXPECT_GE(file, 0);
        ::close(file);
    }
    ~life() override { ::unlink(victim_.data()); }

    [[nodiscard]] ruche::pool_options options() const
    {
        const auto [point, how] = GetParam();
        ruche::pool_options to;
        to.workers = 2;
        to.set_up = id_here;
        to.tear_down = id_here;
        to.process.environment = {{point_name, std::to_string(static_cast<int>(point))},
                                  {way_name, std::to_string(static_cast<int>(how))},
                                  {victim_name, victim_.data()}};
        return to;
    }

    /// Whether the victim has met its end.
    [[nodiscard]] bool has_ended() const { return ::access(victim_.data(), F_OK) != 0; }
    /// Whether the task in whose course the moment lies has begun, and its result is not yet with the pool.
    [[nodiscard]] static bool costs_its_task()
    {
        const auto point = std::get<0>(GetParam());
        return point >= life_point::has_begun && point <= life_point::has_told;
    }

private:
    std::array<char, 32> victim_ = std::to_array("/tmp/ruche-pool-victim-XXXXXX\0\0");
};

std::string in_words(const testing::TestParamInfo<std::tuple<life_point, way>>& one)
{
    constexpr std::array points{"begins",     "is_set_up", "is_ready",    "has_request", "has_begun", "calls",
                                "has_called", "has_told",  "has_flushed", "leaves",      "has_left"};
    constexpr std::array ways{"kill", "fault", "abort", "exit", "quick_exit", "terminate"};
    const auto [point, how] = one.param;
    return std::string(points[static_cast<std::size_t>(point)]) + "_by_" + ways[static_cast<std::size_t>(how)];
}

} // namespace

TEST_P(life, that_ends_costs_one_task_at_most)
{
    ruche::pool pool(options());
    std::vector<ruche::future<int>> answers;
    for (int i = 0; i < 20; ++i)
        answers.push_back(pool.submit(square, i));
    int died = 0;
    for (int i = 0; i < 20; ++i) {
        try {
            EXPECT_EQ(answers[static_cast<std::size_t>(i)].get_for(60s), i * i);
        } catch (const ruche::process_died&) {
            ++died;
        }
    }
    EXPECT_EQ(died, costs_its_task() ? 1 : 0);
    pool.shutdown();
    EXPECT_TRUE(has_ended());
}

TEST_P(life, that_ends_costs_nothing_where_tasks_may_be_done_again)
{
    ruche::pool pool(options());
    std::vector<ruche::future<int>> answers;
    for (int i = 0; i < 20; ++i)
        answers.push_back(pool.submit({.retry = {.times = 1, .first_delay = 0ns}}, square, i));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(answers[static_cast<std::size_t>(i)].get_for(60s), i * i);
    pool.shutdown();
    EXPECT_TRUE(has_ended());
}

TEST_P(life, that_ends_costs_one_call_of_a_map_at_most)
{
    ruche::pool pool(options());
    std::vector<int> numbers;
    for (int i = 0; i < 60; ++i)
        numbers.push_back(i);
    auto squares = pool.map({.chunk = 7}, square, numbers);
    int place = 0, died = 0;
    for (auto at = squares.begin(); at != squares.end(); ++at, ++place) {
        try {
            EXPECT_EQ(*at, place * place);
        } catch (const ruche::process_died&) {
            ++died;
        }
    }
    EXPECT_EQ(place, 60);
    EXPECT_LE(died, costs_its_task() || std::get<0>(GetParam()) == life_point::has_flushed ? 1 : 0);
    pool.shutdown();
    EXPECT_TRUE(has_ended());
}

INSTANTIATE_TEST_SUITE_P(
    pool, life,
    testing::Combine(testing::Values(life_point::begins, life_point::is_set_up, life_point::is_ready,
                                     life_point::has_request, life_point::has_begun, life_point::calls,
                                     life_point::has_called, life_point::has_told, life_point::has_flushed,
                                     life_point::leaves, life_point::has_left),
                     testing::Values(way::kill, way::fault, way::abort, way::exit, way::quick_exit, way::terminate)),
    in_words);

// --- what happens to a pool from outside ---

namespace {

int wait_for_ever(ruche::queue<int> begun)
{
    begun.push(ruche::this_process::id());
    for (;;)
        ::pause();
}
int processors_here()
{
    cpu_set_t set;
    EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
    return CPU_COUNT(&set);
}
int note(ruche::queue<int> order, int which)
{
    order.push(which);
    return which;
}
std::size_t take_memory(std::size_t bytes) { return std::vector<char>(bytes, 'x').size(); }
int wait_for_word(ruche::queue<int> begun, ruche::queue<int> word)
{
    begun.push(0);
    return word.pop().value_or(-1);
}

} // namespace

TEST(a_pool, works_on_after_its_fork_server_was_killed)
{
    ruche::pool pool(2);
    ruche::queue<int> begun;
    auto lost = pool.submit(wait_for_ever, begun);
    const int worker = begun.pop().value();
    ::kill(helpers::parent_of(worker), SIGKILL);
    EXPECT_THROW((void)lost.get_for(30s), ruche::process_died);
    EXPECT_EQ(pool.submit({.retry = {.times = 5}}, square, 5).get_for(30s), 25);
}

TEST(a_pool, that_pins_gives_each_worker_one_processor)
{
    ruche::pool pool({.workers = 2, .pin = true});
    for (auto& one : pool.invoke(processors_here))
        EXPECT_EQ(one.get_for(30s), 1);
}

TEST(a_pool, does_what_is_more_important_first)
{
    ruche::pool pool(1);
    ruche::queue<int> begun, word, order;
    std::vector<ruche::future<int>> all;
    all.push_back(pool.submit(wait_for_word, begun, word));
    (void)begun.pop();
    all.push_back(pool.submit(note, order, 0)); // in the worker's hands already
    for (const int which : {1, 2, 3})
        all.push_back(pool.submit({.priority = which}, note, order, which));
    word.push(1);
    for (auto& one : all)
        (void)one.get_for(30s);
    for (const int expected : {0, 3, 2, 1})
        EXPECT_EQ(order.try_pop(), expected);
}

TEST(a_pool, whose_task_finds_no_memory_tells_so_and_lives)
{
    if (ruche::os::under_sanitizer)
        GTEST_SKIP() << "a sanitizer reserves more than the limit";
    ruche::pool_options options{.workers = 1};
    options.process.limits.memory = 64 << 20;
    ruche::pool pool(options);
    const int before = pool.submit(id_here).get_for(30s);
    EXPECT_THROW((void)pool.submit(take_memory, std::size_t{1} << 34).get_for(30s), std::bad_alloc);
    EXPECT_EQ(pool.submit(id_here).get_for(30s), before);
}

TEST(a_pool, gives_up_its_work_when_ctrl_c_is_pressed)
{
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "GCC 12's thread sanitizer holds a handler back while its thread sleeps in poll";
#endif
    const int program = ::fork();
    if (program == 0) {
        ::setpgid(0, 0);
        (void)ruche::stop_on_signals();
        ruche::pool pool(2);
        ruche::queue<int> begun;
        std::vector<ruche::future<int>> all;
        for (int i = 0; i < 5; ++i)
            all.push_back(pool.submit(wait_for_ever, begun));
        (void)begun.pop();
        (void)begun.pop();
        ::kill(0, SIGINT); // the whole group, as a terminal does
        int ended = 0;
        for (auto& one : all) {
            const auto error = one.error();
            ended += error ? 1 : 0;
        }
        pool.shutdown();
        std::_Exit(ended);
    }
    ASSERT_TRUE(helpers::readable_within(static_cast<int>(::syscall(SYS_pidfd_open, program, 0)), 30s));
    int status = 0;
    ASSERT_EQ(::waitpid(program, &status, 0), program);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 5);
}
