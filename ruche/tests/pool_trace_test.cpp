#include <ruche/pool.hpp>
#include <ruche/thread_pool.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <sstream>
#include <string>
#include <vector>

// What Perfetto and Chrome are given has to be what they read: JSON, and complete events ("X") with the members that
// the trace event format asks for.

namespace {

int square(int n) { return n * n; }

template <class Pool, class Options>
nlohmann::json trace_of(Options options)
{
    options.workers = 2;
    options.trace = true;
    Pool pool(std::move(options));
    std::vector<ruche::future<int>> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(pool.submit({.name = "a \"quoted\" \\ name\n\x01 of " + std::to_string(i)}, square, i));
    for (auto& one : all)
        one.get();
    std::ostringstream out;
    pool.write_trace(out);
    return nlohmann::json::parse(out.str());
}

void expect_complete_events(const nlohmann::json& trace)
{
    ASSERT_TRUE(trace.at("traceEvents").is_array());
    EXPECT_EQ(trace["traceEvents"].size(), 20U);
    std::set<std::string> names;
    for (const auto& event : trace["traceEvents"]) {
        EXPECT_EQ(event.at("ph"), "X");
        EXPECT_TRUE(event.at("pid").is_number_integer());
        EXPECT_TRUE(event.at("tid").is_number_integer());
        EXPECT_GT(event.at("ts").get<double>(), 0);
        EXPECT_GE(event.at("dur").get<double>(), 0);
        names.insert(event.at("name"));
    }
    EXPECT_EQ(names.size(), 20U);
    EXPECT_TRUE(names.contains("a \"quoted\" \\ name\n\x01 of 7"));
}

} // namespace

TEST(a_trace, of_a_pool_is_what_viewers_read) { expect_complete_events(trace_of<ruche::pool>(ruche::pool_options{})); }

TEST(a_trace, of_a_thread_pool_is_what_viewers_read)
{
    expect_complete_events(trace_of<ruche::thread_pool>(ruche::thread_pool_options{}));
}

TEST(a_trace, of_a_pool_that_has_done_nothing_is_empty)
{
    ruche::pool pool({.workers = 1, .trace = true});
    std::ostringstream out;
    pool.write_trace(out);
    EXPECT_TRUE(nlohmann::json::parse(out.str()).at("traceEvents").empty());
}
