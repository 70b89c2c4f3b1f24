#include "supervise/supervisor.hpp"

#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/this_process.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <stdexcept>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

// What the stages of these tests do.
void say_its_id_and_wait(ruche::stop_token stop, ruche::queue<int> ids)
{
    ids.push(ruche::this_process::id());
    (void)ruche::queue<int>().pop(stop);
}

void say_its_id_and_never_stop(ruche::stop_token, ruche::queue<int> ids)
{
    std::signal(SIGTERM, SIG_IGN);
    ids.push(ruche::this_process::id());
    for (;;)
        (void)ruche::queue<int>().pop();
}

void return_at_once() {}
void fail() { throw std::runtime_error("no luck today"); }

void say_its_id_and_fail(ruche::queue<int> ids)
{
    ids.push(ruche::this_process::id());
    fail();
}

bool is_there(int id) { return ::kill(id, 0) == 0; }

class a_supervisor : public testing::Test {
protected:
    supervisor::callbacks tell()
    {
        return {.report = [this](const std::string& line) { reports_.push(line); },
                .finished = [this](const std::string& name) { finished_.push(name); },
                .given_up = [this](const std::string& name) { given_up_.push(name); }};
    }

    ruche::queue<int> ids_;
    ruche::queue<std::string> reports_;
    ruche::queue<std::string> finished_;
    ruche::queue<std::string> given_up_;
};

TEST_F(a_supervisor, starts_a_killed_stage_again_and_says_so)
{
    supervisor stages(tell());
    stages.keep("worker", say_its_id_and_wait, ids_);
    const auto first = ids_.pop_for(10s);
    ASSERT_TRUE(first);
    ::kill(*first, SIGKILL);
    const auto second = ids_.pop_for(10s);
    ASSERT_TRUE(second);
    EXPECT_NE(*first, *second);
    EXPECT_EQ(reports_.pop_for(10s), "the stage worker ended (killed by signal 9 (Killed)) and is started again");
    stages.stop();
    EXPECT_FALSE(is_there(*second));
}

TEST_F(a_supervisor, leaves_a_stage_that_has_finished)
{
    supervisor stages(tell());
    stages.keep("short", return_at_once);
    EXPECT_EQ(finished_.pop_for(10s), "short");
    stages.stop();
    EXPECT_EQ(finished_.try_pop(), std::nullopt);
}

TEST_F(a_supervisor, gives_up_a_stage_that_fails_again_and_again)
{
    supervisor stages(tell(), {.first_pause = 1ms, .most_errors = 3});
    stages.keep("unlucky", fail);
    EXPECT_EQ(given_up_.pop_for(10s), "unlucky");
    EXPECT_EQ(reports_.pop_for(10s), "the stage unlucky ended (no luck today) and is started again");
    EXPECT_EQ(reports_.pop_for(10s), "the stage unlucky ended (no luck today) and is started again");
    EXPECT_EQ(reports_.pop_for(10s), "the stage unlucky ended again (no luck today) and is given up");
}

TEST_F(a_supervisor, ends_a_stage_that_does_not_listen)
{
    supervisor stages(tell(), {.grace = 100ms, .last_grace = 100ms});
    stages.keep("stubborn", say_its_id_and_never_stop, ids_);
    const auto id = ids_.pop_for(10s);
    ASSERT_TRUE(id);
    stages.stop();
    EXPECT_FALSE(is_there(*id));
    EXPECT_EQ(reports_.try_pop(), std::nullopt);
}

TEST_F(a_supervisor, stops_while_a_stage_waits_to_be_started_again)
{
    supervisor stages(tell(), {.first_pause = 1h, .longest_pause = 1h});
    stages.keep("unlucky", say_its_id_and_fail, ids_);
    EXPECT_TRUE(ids_.pop_for(10s));
    stages.stop();
    EXPECT_EQ(given_up_.try_pop(), std::nullopt);
    EXPECT_EQ(reports_.try_pop(), std::nullopt); // nobody is told of deaths at the end
}

} // namespace
} // namespace rssmania
