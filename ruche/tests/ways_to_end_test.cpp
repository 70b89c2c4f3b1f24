// Every way in which a process can end is reported as what it was.

#include <ruche/async.hpp>
#include <ruche/error.hpp>
#include <ruche/process.hpp>

#include "helpers/processes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <new>
#include <pthread.h>
#include <stdexcept>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <unwind.h>

using ruche::standard_stream;
using testing::HasSubstr;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RUCHE_TEST_SANITIZED 1
#else
#define RUCHE_TEST_SANITIZED 0
#endif

namespace {

constexpr ruche::exit_status (*no_function)() = nullptr;
const ruche::process_options quiet{.errors = standard_stream::discard()};

template <class Function>
ruche::exit_status end_of(Function function)
{
    ruche::process p(quiet, function);
    return p.join();
}

/// What an `async` call of `function` throws.
template <class Error, class Function>
Error error_of(Function function, const ruche::process_options& options = quiet)
{
    try {
        ruche::async(options, function).get();
    } catch (const Error& error) {
        return error;
    }
    throw std::logic_error("nothing was thrown");
}

// Not inlined, and something left to do afterwards: their names have to be on the stack.
[[gnu::noinline]] void touch_what_is_not_there(volatile int* where)
{
    *where = 1;
    std::cout << "";
}
[[gnu::noinline]] void crash_in_a_function() { touch_what_is_not_there(reinterpret_cast<int*>(0x1234)); }

[[gnu::noinline]] int recurse_too_deep(int depth)
{
    std::array<volatile char, 1000> room{};
    room[0] = static_cast<char>(depth);
    return depth == 1 << 30 ? 0 : recurse_too_deep(depth + 1) + room[0];
}

[[gnu::noinline]] void throw_from_here() { throw std::runtime_error("from here"); }

struct throws_when_destroyed {
    ~throws_when_destroyed() noexcept(false) { throw std::runtime_error("in a destructor"); }
};

struct throws_when_copied : std::runtime_error {
    throws_when_copied() : std::runtime_error("copied in vain") {}
    throws_when_copied(const throws_when_copied& other) : std::runtime_error(other)
    {
        throw std::logic_error("not to be copied");
    }
};

void throw_as_another_language_does()
{
    static _Unwind_Exception foreign{};
    std::memcpy(&foreign.exception_class, "RUCHTEST", sizeof foreign.exception_class);
    _Unwind_RaiseException(&foreign);
}

} // namespace

TEST(ways_to_end, exit_keeps_its_code)
{
    EXPECT_EQ(end_of([] { std::exit(9); }).code(), 9);
}

TEST(ways_to_end, leaving_at_once_keeps_its_code)
{
    EXPECT_EQ(end_of([] { ::_exit(9); }).code(), 9);
    EXPECT_EQ(end_of([] { std::quick_exit(9); }).code(), 9);
}

TEST(ways_to_end, exit_from_another_thread_keeps_its_code)
{
    EXPECT_EQ(end_of([] { std::thread([] { std::exit(9); }).join(); }).code(), 9);
}

TEST(ways_to_end, exit_owing_an_answer_says_so)
{
    const auto error = error_of<ruche::process_died>([] {
        std::exit(3);
        return 1;
    });
    EXPECT_EQ(error.status().code(), 3);
}

TEST(ways_to_end, abort_is_a_signal_with_the_stack)
{
    const auto status = end_of([] { std::abort(); });
    EXPECT_EQ(status.signal(), SIGABRT);
    EXPECT_THAT(status.stack(), HasSubstr("abort"));
    EXPECT_EQ(status.fault_address(), std::nullopt);
}

TEST(ways_to_end, a_fault_has_its_address_and_the_names_of_the_functions)
{
    const auto error = error_of<ruche::process_died>(crash_in_a_function);
    EXPECT_EQ(error.status().signal(), SIGSEGV);
    EXPECT_EQ(error.status().fault_address(), 0x1234U);
    EXPECT_THAT(error.what(), HasSubstr("0x1234"));
    EXPECT_THAT(error.stack(), HasSubstr("touch_what_is_not_there"));
    EXPECT_THAT(error.stack(), HasSubstr("crash_in_a_function"));
    EXPECT_THAT(error.stack(), HasSubstr("ways_to_end_test.cpp:"));
}

TEST(ways_to_end, a_jump_to_nowhere_is_a_fault_there)
{
    const auto status = end_of([] {
        volatile auto nowhere = no_function;
        (void)nowhere();
    });
    EXPECT_EQ(status.signal(), SIGSEGV);
    EXPECT_EQ(status.fault_address(), 0U);
}

TEST(ways_to_end, an_overflow_of_the_stack_is_a_fault_with_its_functions)
{
    const auto status = end_of([] { return recurse_too_deep(1); });
    EXPECT_EQ(status.signal(), SIGSEGV);
    EXPECT_TRUE(status.fault_address().has_value());
    EXPECT_THAT(status.stack(), HasSubstr("recurse_too_deep"));
}

TEST(ways_to_end, terminate_is_an_abort_with_the_stack)
{
    const auto status = end_of([] { std::terminate(); });
    EXPECT_EQ(status.signal(), SIGABRT);
    EXPECT_THAT(status.stack(), HasSubstr("terminate"));
}

TEST(ways_to_end, an_exception_that_leaves_another_thread_is_an_abort_with_its_stack)
{
    const auto status = end_of([] { std::thread(throw_from_here).join(); });
    EXPECT_EQ(status.signal(), SIGABRT);
    EXPECT_THAT(status.stack(), HasSubstr("throw_from_here"));
}

TEST(ways_to_end, an_exception_has_the_stack_of_its_throw)
{
    const auto status = end_of(throw_from_here);
    EXPECT_TRUE(status.error());
    EXPECT_EQ(status.code(), 1);
    EXPECT_THAT(status.stack(), HasSubstr("throw_from_here"));
}

TEST(ways_to_end, a_number_that_is_thrown_comes_back)
{
    EXPECT_EQ(error_of<int>([] { throw 42; }), 42);
}

TEST(ways_to_end, an_exception_of_another_language_is_reported)
{
    EXPECT_EQ(error_of<ruche::remote_error>(throw_as_another_language_does).type_name(),
              "an exception of another language");
}

TEST(ways_to_end, an_exception_whose_copy_throws_comes_back)
{
    EXPECT_STREQ(error_of<ruche::remote_error>([] { throw throws_when_copied(); }).what(), "copied in vain");
}

TEST(ways_to_end, a_failing_static_destructor_is_an_abort_after_the_answer)
{
    ruche::process p(quiet, [] { static throws_when_destroyed last; });
    const auto status = p.join();
    EXPECT_EQ(status.signal(), SIGABRT);
    EXPECT_THAT(status.stack(), HasSubstr("throws_when_destroyed"));
}

TEST(ways_to_end, ending_the_first_thread_ends_the_process_with_its_last)
{
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the thread sanitizer has a thread of its own, so no program's last thread ends its process";
#endif
    EXPECT_EQ(end_of([] { ::pthread_exit(nullptr); }).code(), 0);
    EXPECT_EQ(end_of([] {
                  std::thread([first = ::pthread_self()] {
                      ::pthread_join(first, nullptr);
                      ::_exit(6);
                  }).detach();
                  ::pthread_exit(nullptr);
              }).code(),
              6);
}

TEST(ways_to_end, ending_the_first_thread_owing_an_answer_says_so)
{
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the thread sanitizer has a thread of its own, so no program's last thread ends its process";
#endif
    const auto error = error_of<ruche::process_died>([] {
        ::pthread_exit(nullptr);
        return 1;
    });
    EXPECT_EQ(error.status().code(), 0);
}

TEST(ways_to_end, an_allocation_that_fails_is_want_of_memory)
{
#if RUCHE_TEST_SANITIZED
    GTEST_SKIP() << "the sanitizer's allocator ends the process instead of throwing";
#else
    const auto status = end_of([] {
        volatile std::size_t much = std::numeric_limits<std::ptrdiff_t>::max() / 2;
        ::operator delete(::operator new(much));
    });
    EXPECT_TRUE(status.out_of_memory());
    EXPECT_THROW(std::rethrow_exception(status.error()), std::bad_alloc);
#endif
}

TEST(ways_to_end, a_kill_is_no_want_of_memory)
{
    ruche::process p(quiet, [] { ::pause(); });
    p.kill();
    const auto status = p.join();
    EXPECT_EQ(status.signal(), SIGKILL);
    EXPECT_FALSE(status.out_of_memory());
    EXPECT_EQ(status.describe(), "killed by signal 9 (Killed)");
}

TEST(ways_to_end, a_kill_by_the_kernel_for_its_memory_is_told)
{
    // A control group of our own, with little memory; where none can be made there is nothing to be seen.
    const std::filesystem::path group = "/sys/fs/cgroup/memory/ruche-test-" + std::to_string(::getpid());
    std::error_code refused;
    if (!std::filesystem::create_directory(group, refused))
        GTEST_SKIP() << "no control group of memory can be made here: " << refused.message();
    std::ofstream(group / "memory.limit_in_bytes") << (50 << 20) << std::flush;
    const auto eats = [](std::string folder) {
        std::ofstream(folder + "/cgroup.procs") << ::getpid() << std::flush;
        constexpr std::size_t much = 200 << 20;
        void* memory = ::mmap(nullptr, much, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        std::memset(memory, 1, much);
    };
    ruche::process p(quiet, eats, group.string());
    const auto status = p.join();
    std::filesystem::remove(group, refused);
    EXPECT_EQ(status.signal(), SIGKILL);
    EXPECT_TRUE(status.out_of_memory());
    EXPECT_THAT(status.describe(), HasSubstr("out of memory"));
}

TEST(ways_to_end, last_words_are_those_that_nobody_has_read)
{
    const auto error = error_of<ruche::process_died>(
        [] {
            std::cerr << "first\nthe disk is on fire\n";
            std::raise(SIGKILL);
        },
        {.name = "writer", .errors = standard_stream::capture()});
    EXPECT_EQ(error.last_words(), "first\nthe disk is on fire\n");
    EXPECT_STREQ(error.what(), "writer: killed by signal 9 (Killed); its last words: the disk is on fire");
}

TEST(ways_to_end, last_words_are_still_there_to_be_read)
{
    ruche::process p({.errors = standard_stream::capture()}, [] {
        std::cerr << "once";
        std::exit(2);
    });
    EXPECT_EQ(p.join().last_words(), "once");
    EXPECT_EQ(ruche::read_to_end(p.errors()), "once");
}

TEST(ways_to_end, last_words_are_not_kept_of_one_that_ended_well)
{
    ruche::process p({.errors = standard_stream::capture()}, [] { std::cerr << "chatter"; });
    EXPECT_EQ(p.join().last_words(), "");
}
