// The real program: what it says of itself, and the demonstration.
#include "watching.hpp"

#include <csignal>

namespace rssmania::testing {
namespace {

using namespace std::chrono_literals;

TEST(the_command_line, explains_itself)
{
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--help"}, {"watch", "--help"}, {"demo", "--help"}, {"--version"}}) {
        program asked(words);
        EXPECT_EQ(asked.wait(), 0);
        EXPECT_NE(asked.out().find("rssmania"), std::string::npos);
        EXPECT_EQ(asked.err(), "");
    }
}

TEST(the_command_line, that_makes_no_sense_is_refused)
{
    for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                  {"dance"},
                                                  {"watch", "--every", "fast"},
                                                  {"watch", "--every", "1ms"},
                                                  {"watch", "--bees"}}) {
        program asked(words);
        EXPECT_EQ(asked.wait(), 2);
        EXPECT_EQ(asked.out(), "");
        EXPECT_NE(asked.err(), "");
    }
}

TEST(the_command_line, names_the_address_that_is_none)
{
    const temporary_directory directory;
    program asked({"watch", "--store", directory.path().string(), "gopher://example.org/"});
    EXPECT_EQ(asked.wait(), 1);
    EXPECT_EQ(asked.err(), "rssmania: gopher://example.org/: not an address we ask: gopher is not http or https\n");
}

TEST(a_demonstration, survives_the_death_of_its_server)
{
    program demo({"demo", "--publish-every", "200ms", "--every", "200ms"});
    ASSERT_TRUE(demo.wait_for_out("/articles/hive/4\n"));
    ASSERT_TRUE(demo.kill("samples"));
    EXPECT_TRUE(demo.wait_for_err("the stage samples ended"));
    EXPECT_TRUE(demo.wait_for_out("/articles/hive/6\n"));
}

TEST(a_demonstration, says_that_its_port_is_taken)
{
    const sample_site other{{}};
    program demo({"demo", "--port", std::to_string(other.port())});
    EXPECT_EQ(demo.wait(), 1);
    EXPECT_NE(demo.err().find("Address already in use"), std::string::npos) << demo.err();
}

TEST(a_demonstration, shows_news_as_it_comes_and_ends_when_asked)
{
    program demo({"demo", "--publish-every", "100ms", "--every", "200ms"});
    EXPECT_TRUE(demo.wait_for_out([](const std::string& out) {
        return out.find("/articles/hive/5\n") != std::string::npos &&
               out.find("/articles/waggle/5\n") != std::string::npos &&
               out.find("/articles/honey/") != std::string::npos;
    }));
    demo.signal(SIGINT);
    EXPECT_EQ(demo.wait(), 0) << demo.err();
    EXPECT_TRUE(demo.out().ends_with("\nThat was the last of the beans\n"));
    EXPECT_TRUE(demo.wait_until_nobody_is_left(500ms));
}

} // namespace
} // namespace rssmania::testing
