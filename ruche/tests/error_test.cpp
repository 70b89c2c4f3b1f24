// An error in a process is never silent: it comes back as what it was, or is printed once.

#include <ruche/async.hpp>
#include <ruche/error.hpp>
#include <ruche/process.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>

namespace {

template <class Error>
void throws()
{
    throw Error("what went wrong");
}

template <class Error>
void comes_back_as_itself()
{
    try {
        ruche::async(throws<Error>).get();
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "what went wrong");
    }
}

struct rate_limited : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string printed_when(void (*scene)())
{
    testing::internal::CaptureStderr();
    scene();
    return testing::internal::GetCapturedStderr();
}

std::size_t count(const std::string& text, const std::string& word)
{
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++found;
    return found;
}

} // namespace

TEST(error, standard_exceptions_come_back_as_themselves)
{
    comes_back_as_itself<std::runtime_error>();
    comes_back_as_itself<std::invalid_argument>();
    comes_back_as_itself<std::out_of_range>();
    comes_back_as_itself<std::logic_error>();
    comes_back_as_itself<std::overflow_error>();
}

TEST(error, system_errors_keep_their_code)
{
    try {
        ruche::async([] { throw std::system_error(ENOENT, std::generic_category(), "open news.xml"); }).get();
        FAIL() << "nothing was thrown";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    }
}

TEST(error, an_unknown_type_comes_back_as_a_remote_error_with_its_name)
{
    try {
        ruche::async([] { throw rate_limited("slow down"); }).get();
        FAIL() << "nothing was thrown";
    } catch (const ruche::remote_error& error) {
        EXPECT_NE(error.type_name().find("rate_limited"), std::string::npos);
        EXPECT_STREQ(error.what(), "slow down");
    }
}

TEST(error, what_was_thrown_is_in_the_exit_status)
{
    ruche::process p([] { throw std::runtime_error("lost"); });
    const auto status = p.join();
    EXPECT_EQ(status.code(), 1);
    EXPECT_THROW(std::rethrow_exception(status.error()), std::runtime_error);
}

TEST(error, a_process_that_dies_owing_an_answer_is_reported)
{
    try {
        ruche::async([] {
            std::raise(SIGKILL);
            return 0;
        }).get();
        FAIL() << "nothing was thrown";
    } catch (const ruche::process_died& error) {
        EXPECT_EQ(error.status().signal(), SIGKILL);
    }
}

TEST(error, a_process_that_exits_owing_an_answer_is_reported)
{
    EXPECT_THROW(ruche::async([] {
                     std::exit(0);
                     return 0;
                 }).get(),
                 ruche::process_died);
}

TEST(error, one_that_nobody_looked_at_is_printed_once_with_the_name)
{
    const auto text = printed_when(
        [] { const ruche::process p({.name = "forgotten"}, [] { throw std::runtime_error("who sees me"); }); });
    EXPECT_EQ(count(text, "who sees me"), 1U) << text;
    EXPECT_NE(text.find("forgotten"), std::string::npos) << text;
}

TEST(error, one_that_was_joined_but_not_looked_at_is_printed_too)
{
    const auto text = printed_when([] {
        ruche::process p([] { throw std::runtime_error("who sees me"); });
        EXPECT_FALSE(p.join().success());
    });
    EXPECT_EQ(count(text, "who sees me"), 1U) << text;
}

TEST(error, one_that_somebody_looked_at_is_not_printed)
{
    const auto text = printed_when([] {
        ruche::process p([] { throw std::runtime_error("seen"); });
        EXPECT_TRUE(p.join().error());
    });
    EXPECT_EQ(text, "");
}

TEST(error, a_death_that_nobody_looked_at_is_printed)
{
    const auto text = printed_when([] { const ruche::process p([] { std::raise(SIGKILL); }); });
    EXPECT_NE(text.find("signal 9"), std::string::npos) << text;
}

TEST(error, one_in_a_detached_process_is_printed_there)
{
    // The process outlives the handle; its words go to the standard error that it inherited.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const int before = ::dup(2);
    ::dup2(ends[1], 2);
    ruche::process([] { throw std::runtime_error("lost words"); }).detach();
    ::dup2(before, 2);
    ::close(before);
    ::close(ends[1]);
    std::string text;
    char piece[256];
    for (ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;)
        text.append(piece, static_cast<std::size_t>(got));
    ::close(ends[0]);
    EXPECT_EQ(count(text, "lost words"), 1U) << text;
}
