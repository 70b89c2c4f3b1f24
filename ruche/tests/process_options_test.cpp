// What a process finds around itself, when it is told to be other than what its starter has.

#include <ruche/async.hpp>
#include <ruche/process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <new>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace std::chrono_literals;
using ruche::standard_stream;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true; // their shadow memory counts as the process's own
#else
constexpr bool sanitized = false;
#endif

std::string setting(std::string name)
{
    const char* value = std::getenv(name.c_str());
    return value ? value : "(none)";
}

std::size_t count_settings()
{
    std::size_t count = 0;
    while (environ[count])
        ++count;
    return count;
}

std::string first_line()
{
    std::string line;
    std::getline(std::cin, line);
    return line;
}

void say_hello() { std::cout << "hello" << std::flush; }
void complain() { std::cerr << "complaint" << std::flush; }

int resource_limit_of(int resource)
{
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
    return static_cast<int>(limit.rlim_cur);
}

void write_for_ever()
{
    const std::string line(1000, 'x');
    for (;;)
        std::cout << line << '\n';
}

std::string content(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string failure_of(ruche::process_options options)
{
    try {
        ruche::process p(std::move(options), say_hello);
    } catch (const ruche::start_failed& error) {
        return error.what();
    }
    return "(it started)";
}

} // namespace

TEST(process_options, a_setting_is_added_to_the_environment)
{
    EXPECT_EQ(ruche::async({.environment = {{"RUCHE_TEST", "value"}}}, setting, "RUCHE_TEST").get(), "value");
    EXPECT_EQ(setting("RUCHE_TEST"), "(none)");
}

TEST(process_options, a_setting_replaces_the_starters)
{
    EXPECT_EQ(ruche::async({.environment = {{"PATH", "elsewhere"}}}, setting, "PATH").get(), "elsewhere");
}

TEST(process_options, a_setting_without_a_value_is_taken_away)
{
    ASSERT_NE(setting("PATH"), "(none)");
    EXPECT_EQ(ruche::async({.environment = {{"PATH", std::nullopt}}}, setting, "PATH").get(), "(none)");
}

TEST(process_options, an_environment_that_is_cleared_has_only_what_is_set)
{
    EXPECT_EQ(ruche::async({.environment = {{"ONLY", "one"}}, .clear_environment = true}, count_settings).get(), 1U);
    EXPECT_EQ(ruche::async({.clear_environment = true}, count_settings).get(), 0U);
}

TEST(process_options, a_setting_that_no_environment_can_hold_fails_the_start)
{
    EXPECT_NE(failure_of({.environment = {{"A=B", "c"}}}).find("set 'A=B' in the environment"), std::string::npos);
    EXPECT_NE(failure_of({.environment = {{"A", std::string(3, '\0')}}}).find("set 'A'"), std::string::npos);
}

TEST(process_options, it_works_in_the_directory_it_is_given)
{
    EXPECT_EQ(ruche::async({.working_directory = "/proc"}, [] { return helpers::working_directory(); }).get(), "/proc");
}

TEST(process_options, a_missing_directory_fails_the_start_by_its_name)
{
    const auto why = failure_of({.name = "lost", .working_directory = "/no/such/place"});
    EXPECT_EQ(why, "start process 'lost': open the working directory /no/such/place: No such file or directory");
}

TEST(process_options, output_that_is_discarded_goes_nowhere)
{
    const helpers::captured_output output(STDOUT_FILENO);
    EXPECT_TRUE(ruche::process({.output = standard_stream::discard()}, say_hello).join().success());
    EXPECT_EQ(output.text(), "");
}

TEST(process_options, output_goes_to_a_file)
{
    const helpers::temporary_file file;
    std::ofstream(file.path()) << "something longer than hello";
    ruche::process({.output = standard_stream::file(file.path())}, say_hello).join();
    EXPECT_EQ(content(file.path()), "hello");
}

TEST(process_options, output_is_appended_to_a_file)
{
    const helpers::temporary_file file;
    for (int i = 0; i < 2; ++i)
        ruche::process({.output = standard_stream::append(file.path())}, say_hello).join();
    EXPECT_EQ(content(file.path()), "hellohello");
}

TEST(process_options, output_that_is_captured_is_read_from_the_handle)
{
    ruche::process p({.output = standard_stream::capture()}, say_hello);
    EXPECT_EQ(ruche::read_to_end(p.output()), "hello");
    EXPECT_FALSE(p.errors());
}

TEST(process_options, errors_that_are_captured_are_read_from_the_handle)
{
    ruche::process p({.errors = standard_stream::capture()}, complain);
    EXPECT_EQ(ruche::read_to_end(p.errors()), "complaint");
}

TEST(process_options, a_handle_that_goes_does_not_wait_for_a_writer_that_nobody_reads)
{
    int id = 0;
    {
        const ruche::process p({.output = standard_stream::capture()}, write_for_ever);
        id = p.id();
    }
    EXPECT_FALSE(helpers::exists(id));
}

TEST(process_options, input_that_is_captured_is_written_at_the_handle)
{
    auto line = ruche::async({.input = standard_stream::capture()}, first_line);
    ASSERT_EQ(::write(line.worker().input().get(), "typed\n", 6), 6);
    EXPECT_EQ(line.get(), "typed");
}

TEST(process_options, input_comes_from_a_file)
{
    const helpers::temporary_file file;
    std::ofstream(file.path()) << "written before\n";
    EXPECT_EQ(ruche::async({.input = standard_stream::file(file.path())}, first_line).get(), "written before");
}

TEST(process_options, input_that_is_discarded_ends_at_once)
{
    EXPECT_EQ(ruche::async({.input = standard_stream::discard()}, first_line).get(), "");
}

TEST(process_options, output_goes_to_a_descriptor_of_the_starter)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const ruche::fd reading(ends[0]);
    ruche::process({.output = ruche::fd(ends[1])}, say_hello).join();
    EXPECT_EQ(ruche::read_to_end(reading), "hello");
}

TEST(process_options, a_missing_file_fails_the_start_by_its_name)
{
    EXPECT_EQ(failure_of({.name = "reader", .input = standard_stream::file("/no/such/file")}),
              "start process 'reader': open /no/such/file to read it: No such file or directory");
}

TEST(process_options, it_runs_on_the_processors_it_is_given)
{
    const auto processors = [] {
        cpu_set_t set;
        ::sched_getaffinity(0, sizeof set, &set);
        return std::pair(CPU_COUNT(&set), CPU_ISSET(0, &set) != 0);
    };
    cpu_set_t allowed;
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    if (!CPU_ISSET(0, &allowed))
        GTEST_SKIP() << "processor 0 is not ours to use";
    EXPECT_EQ(ruche::async({.processors = {0}}, processors).get(), std::pair(1, true));
}

TEST(process_options, a_processor_that_is_not_there_fails_the_start)
{
    EXPECT_EQ(failure_of({.name = "far", .processors = {60'000}}),
              "start process 'far': run on processors 60000: Invalid argument");
}

TEST(process_options, it_is_as_nice_as_it_is_told)
{
    EXPECT_EQ(ruche::async({.niceness = 7}, [] { return ::getpriority(PRIO_PROCESS, 0); }).get(), 7);
}

TEST(process_options, more_memory_than_its_limit_is_refused_to_it)
{
    if (sanitized)
        GTEST_SKIP() << "a sanitizer's shadow memory is above any limit";
    const auto wants = [](std::size_t bytes) { return std::string(bytes, 'x').size(); };
    const ruche::process_options options{.limits = {.memory = 64 << 20}};
    EXPECT_THROW(ruche::async(options, wants, 100U << 20).get(), std::bad_alloc);
    EXPECT_EQ(ruche::async(options, wants, 1U << 20).get(), 1U << 20);
}

TEST(process_options, more_processor_time_than_its_limit_ends_it)
{
    ruche::process p({.limits = {.cpu_time = 1s}}, [] {
        for (const volatile bool for_ever = true; for_ever;) {
        }
    });
    EXPECT_EQ(p.join().signal(), SIGXCPU);
}

TEST(process_options, a_file_larger_than_its_limit_ends_it)
{
    const helpers::temporary_file file;
    ruche::process p({.output = standard_stream::file(file.path()), .limits = {.file_size = 10'000}}, write_for_ever);
    EXPECT_EQ(p.join().signal(), SIGXFSZ);
    EXPECT_EQ(content(file.path()).size(), 10'000U);
}

TEST(process_options, open_files_and_processes_are_limited)
{
    const ruche::process_options options{.limits = {.open_files = 50, .processes = 1000}};
    EXPECT_EQ(ruche::async(options, resource_limit_of, int{RLIMIT_NOFILE}).get(), 50);
    EXPECT_EQ(ruche::async(options, resource_limit_of, int{RLIMIT_NPROC}).get(), 1000);
}

TEST(process_options, limits_are_those_of_the_call)
{
    rlimit before{};
    ::getrlimit(RLIMIT_CORE, &before);
    for (const rlim_t most : {100U, 50U}) {
        const rlimit lower{std::min<rlim_t>(most, before.rlim_max), before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_CORE, &lower), 0);
        EXPECT_EQ(ruche::async(resource_limit_of, int{RLIMIT_CORE}).get(), static_cast<int>(lower.rlim_cur));
    }
    ::setrlimit(RLIMIT_CORE, &before);
}

TEST(process_options, a_failed_start_leaves_no_process_and_no_descriptor)
{
    ruche::process({.output = standard_stream::discard()}, say_hello).join();
    const auto before = helpers::count_descriptors();
    for (int i = 0; i < 20; ++i)
        EXPECT_NE(failure_of({.processors = {60'000}}), "(it started)");
    EXPECT_EQ(helpers::count_descriptors(), before);
}
