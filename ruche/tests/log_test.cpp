// One log for a family of processes.

#include <ruche/log.hpp>
#include <ruche/process.hpp>
#include <ruche/sandbox.hpp>
#include <ruche/this_process.hpp>

#include "helpers/processes.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace rlog = ruche::log;

namespace {

/// Everything that a receiver was given. Only its thread writes; read after a flush or the receiver's end.
struct collected {
    std::vector<rlog::record> records;
    rlog::receiver receiver{[this](const rlog::record& one) { records.push_back(one); }};

    [[nodiscard]] std::vector<std::string> texts()
    {
        receiver.flush();
        std::vector<std::string> all;
        for (const auto& one : records)
            all.push_back(one.text);
        return all;
    }
};

struct scoped_level {
    explicit scoped_level(rlog::level least) : before(rlog::current_level()) { rlog::set_level(least); }
    ~scoped_level() { rlog::set_level(before); }
    scoped_level(const scoped_level&) = delete;
    scoped_level& operator=(const scoped_level&) = delete;
    rlog::level before;
};

struct counts_printing {
    int& printed;
};
std::ostream& operator<<(std::ostream& out, const counts_printing& one)
{
    ++one.printed;
    return out;
}

using texts = std::vector<std::string>;

} // namespace

TEST(log, goes_to_standard_error_in_whole_lines)
{
    const helpers::captured_output errors(STDERR_FILENO);
    rlog::warning("two and ", 2);
    EXPECT_EQ(errors.text(), "[warning main " + std::to_string(::getpid()) + "] two and 2\n");
}

TEST(log, of_a_process_tells_its_name_and_number)
{
    const helpers::captured_output errors(STDERR_FILENO);
    ruche::process p({.name = "fetcher"}, [] { rlog::info("hello"); });
    p.join();
    EXPECT_EQ(errors.text(), "[info fetcher " + std::to_string(p.id()) + "] hello\n");
}

TEST(log, a_receiver_gets_what_all_processes_say_in_order)
{
    collected log;
    rlog::info("before");
    ruche::process([] {
        rlog::info("child");
        ruche::process([] { rlog::error("grandchild"); }).join();
        rlog::info("child again");
    }).join();
    rlog::info("after");
    EXPECT_EQ(log.texts(), (texts{"before", "child", "grandchild", "child again", "after"}));
}

TEST(log, a_record_says_where_it_was_made)
{
    collected log;
    ruche::process p({.name = "fetcher"}, [] { rlog::error("lost"); });
    p.join();
    ASSERT_EQ(log.texts().size(), 1U);
    EXPECT_EQ(log.records[0].process, p.id());
    EXPECT_EQ(log.records[0].name, "fetcher");
    EXPECT_EQ(log.records[0].level, rlog::level::error);
    EXPECT_LE(log.records[0].time, std::chrono::system_clock::now());
}

TEST(log, a_killed_process_loses_nothing_it_had_logged)
{
    collected log;
    ruche::process p([] {
        for (int i = 0; i < 100; ++i)
            rlog::info(i);
        ::raise(SIGKILL);
    });
    EXPECT_EQ(p.join().signal(), SIGKILL);
    EXPECT_EQ(log.texts().size(), 100U);
}

TEST(log, records_of_many_processes_and_threads_arrive_whole)
{
    collected log;
    const auto talk = [] {
        const auto speak = [] {
            for (int i = 0; i < 200; ++i)
                rlog::info(std::string(500, 'x'));
        };
        std::jthread first(speak), second(speak);
    };
    {
        ruche::process a(talk), b(talk);
    }
    const auto all = log.texts();
    EXPECT_EQ(all.size(), 800U);
    for (const auto& text : all)
        ASSERT_EQ(text, std::string(500, 'x'));
}

TEST(log, what_is_below_the_level_is_not_even_written_out)
{
    const helpers::captured_output errors(STDERR_FILENO);
    const scoped_level quiet(rlog::level::error);
    int printed = 0;
    rlog::info(counts_printing{printed});
    EXPECT_EQ(printed, 0);
    EXPECT_EQ(errors.text(), "");
}

TEST(log, processes_begin_with_the_level_of_their_starter)
{
    const scoped_level talkative(rlog::level::debug);
    collected log;
    ruche::process([] { rlog::debug("a detail"); }).join();
    EXPECT_EQ(log.texts(), texts{"a detail"});
}

TEST(log, off_is_silent)
{
    const helpers::captured_output errors(STDERR_FILENO);
    const scoped_level quiet(rlog::level::off);
    rlog::error("unheard");
    rlog::write(rlog::level::off, "unheard");
    EXPECT_EQ(errors.text(), "");
}

TEST(log, after_the_receiver_has_gone_lines_go_to_standard_error_again)
{
    const helpers::captured_output errors(STDERR_FILENO);
    ruche::process p;
    {
        collected log;
        p = ruche::process([](ruche::stop_token stop) {
            helpers::wait_for_stop(stop);
            rlog::info("late");
        });
    }
    p.request_stop();
    p.join();
    EXPECT_NE(errors.text().find("] late\n"), std::string::npos);
}

TEST(log, what_was_logged_before_the_receivers_end_is_delivered)
{
    std::vector<std::string> seen;
    {
        rlog::receiver receiver([&](const rlog::record& one) { seen.push_back(one.text); });
        for (int i = 0; i < 50; ++i)
            rlog::info("line");
    }
    EXPECT_EQ(seen.size(), 50U);
}

TEST(log, there_is_one_receiver_at_a_time)
{
    collected first;
    EXPECT_THROW(rlog::receiver([](const rlog::record&) {}), std::logic_error);
}

TEST(log, a_sink_that_throws_is_said_with_the_line)
{
    const helpers::captured_output errors(STDERR_FILENO);
    {
        rlog::receiver receiver([](const rlog::record&) { throw std::runtime_error("disk full"); });
        rlog::info("kept");
    }
    EXPECT_NE(errors.text().find("disk full"), std::string::npos);
    EXPECT_NE(errors.text().find("kept"), std::string::npos);
}

TEST(log, a_text_too_long_is_cut_and_says_so)
{
    collected log;
    rlog::write(rlog::level::info, std::string(100'000, 'x'));
    ASSERT_EQ(log.texts().size(), 1U);
    EXPECT_LT(log.records[0].text.size(), 61'000U);
    EXPECT_TRUE(log.records[0].text.ends_with("(cut)"));
}

TEST(log, of_a_sandboxed_process_goes_to_its_standard_error)
{
    const helpers::captured_output errors(STDERR_FILENO);
    ruche::process_options boxed{.name = "boxed",
                                 .sandbox = ruche::sandbox::compute({}, ruche::sandbox::layers::all())};
    ruche::process(boxed, [] { rlog::info("from inside"); }).join();
    EXPECT_NE(errors.text().find("] from inside\n"), std::string::npos);
}
