// Processes that the fork server has forked ahead, for the starts that follow one another.

#include <ruche/async.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/sandbox.hpp>
#include <ruche/this_process.hpp>

#include "helpers/forked.hpp"
#include "helpers/processes.hpp"
#include "os/sanitizer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;
namespace sandbox = ruche::sandbox;

namespace {

void nothing() {}
int server_here() { return ::getppid(); }
int try_open() { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC); }

int server_of_this_program() { return ruche::async(server_here).get(); }

std::vector<int> children_of(int id)
{
    const auto number = std::to_string(id);
    std::ifstream list("/proc/" + number + "/task/" + number + "/children");
    std::vector<int> ids;
    for (int child = 0; list >> child;)
        ids.push_back(child);
    return ids;
}

std::string short_name_of(int id)
{
    std::ifstream file("/proc/" + std::to_string(id) + "/comm");
    std::string name;
    std::getline(file, name);
    return name;
}

std::string title_here()
{
    std::ifstream file("/proc/self/cmdline");
    std::string title;
    std::getline(file, title, '\0');
    return title;
}

bool has_signals_pending(int id)
{
    std::ifstream status("/proc/" + std::to_string(id) + "/status");
    for (std::string word; status >> word;)
        if (word == "ShdPnd:" && status >> word)
            return word.find_first_not_of('0') != std::string::npos;
    return false;
}

/// The spares that wait in the fork server `server`.
std::vector<int> spares_of(int server, const std::string& name = "spare")
{
    std::vector<int> spares;
    for (const int child : children_of(server))
        if (helpers::exists(child) && short_name_of(child) == name)
            spares.push_back(child);
    return spares;
}

/// Starts processes as `options` say, and returns the spare that waits for the next one.
int made_ready(const ruche::process_options& options = {})
{
    const int server = server_of_this_program();
    ruche::process(options, nothing).join();
    ruche::process(options, nothing).join();
    std::vector<int> found;
    EXPECT_TRUE(helpers::eventually([&] {
        found = spares_of(server, options.sandbox ? "sandboxed spare" : "spare");
        return !found.empty();
    }));
    return found.empty() ? 0 : found.back(); // of several kinds the newest
}

/// One fork server with nothing behind it: that of a copy of this program.
template <class Body>
int in_a_program_of_its_own(Body body)
{
    return helpers::forked([&] {
               body();
               return testing::Test::HasFailure() ? 1 : 0;
           })
        .join();
}

std::string surroundings()
{
    const auto mask = ::umask(0);
    ::umask(mask);
    return helpers::working_directory() + " " + std::getenv("RUCHE_TEST_SETTING") + " " + std::to_string(mask);
}

class spare_in_a_sandbox : public testing::Test {
protected:
    void SetUp() override
    {
        if (ruche::os::under_sanitizer)
            GTEST_SKIP() << "a sanitizer's runtime needs calls that the sandbox refuses";
        const auto found = sandbox::support();
        if (!(found.missing() - sandbox::layer::namespaces).empty())
            GTEST_SKIP() << "this kernel gives " << found.describe();
        missing_ = found.missing();
    }
    [[nodiscard]] ruche::process_options boxed(const sandbox::limits& most = {}) const
    {
        return {.name = "boxed", .sandbox = sandbox::compute(most, missing_)};
    }

private:
    sandbox::layers missing_;
};

} // namespace

// A spare has its own title first: the next one may be longer.
TEST(spare, is_shown_under_the_whole_name_of_its_process)
{
    ruche::process_options named;
    named.name = "wrens of the wood";
    const int spare = made_ready(named);
    auto wren = ruche::async(named, [] { return std::pair(::getpid(), title_here()); });
    EXPECT_EQ(wren.get(), std::pair(spare, named.name));
}

TEST(spare, there_is_none_before_the_second_start)
{
    EXPECT_EQ(in_a_program_of_its_own([] { EXPECT_TRUE(spares_of(server_of_this_program()).empty()); }), 0);
}

TEST(spare, becomes_the_next_process)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int spare = made_ready();
                  ruche::process p(nothing);
                  EXPECT_EQ(p.id(), spare);
                  EXPECT_TRUE(p.join().success());
              }),
              0);
}

TEST(spare, finds_what_the_program_is_at_the_call)
{
    made_ready();
    const helpers::scoped_directory elsewhere("/tmp");
    const auto mask = ::umask(027);
    ::setenv("RUCHE_TEST_SETTING", "late", 1);
    EXPECT_EQ(ruche::async(surroundings).get(), "/tmp late 23");
    ::unsetenv("RUCHE_TEST_SETTING");
    ::umask(mask);
}

TEST(spare, has_the_name_and_the_starter_of_its_process)
{
    made_ready();
    const auto who = [] {
        return ruche::this_process::name() + " of " + std::to_string(ruche::this_process::parent());
    };
    EXPECT_EQ(ruche::async({.name = "fetcher"}, who).get(), "fetcher of " + std::to_string(::getpid()));
}

TEST(spare, takes_arguments_and_answers_larger_than_a_socket_does)
{
    made_ready();
    const std::string large(1'000'000, 'x');
    EXPECT_EQ(ruche::async([](std::string text) { return text + text; }, large).get(), large + large);
}

TEST(spare, is_no_active_child)
{
    made_ready();
    EXPECT_TRUE(ruche::active_children().empty());
}

TEST(spare, that_is_killed_while_it_waits_is_replaced)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int spare = made_ready();
                  ::kill(spare, SIGKILL);
                  EXPECT_TRUE(helpers::gone_within(spare, 10s));
                  EXPECT_TRUE(ruche::process(nothing).join().success());
                  EXPECT_NE(made_ready(), spare);
              }),
              0);
}

TEST(spare, that_is_killed_with_its_request_is_a_process_that_was_killed)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int spare = made_ready();
                  ::kill(spare, SIGSTOP);
                  ruche::process p(nothing);
                  EXPECT_EQ(p.id(), spare);
                  p.kill();
                  EXPECT_EQ(p.join().signal(), SIGKILL);
              }),
              0);
}

TEST(spare, that_is_killed_at_any_moment_costs_at_most_its_own_process)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int server = server_of_this_program();
                  for (int round = 0; round < 200; ++round) {
                      std::jthread killer([server] {
                          for (const int spare : spares_of(server))
                              ::kill(spare, SIGKILL);
                      });
                      const auto status = ruche::process(nothing).join();
                      EXPECT_TRUE(status.success() || status.signal() == SIGKILL) << status.describe();
                  }
                  EXPECT_TRUE(ruche::process(nothing).join().success());
              }),
              0);
}

TEST(spare, a_signal_that_came_before_the_start_is_not_the_processs)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int spare = made_ready();
                  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
                      ::kill(spare, signal);
                  EXPECT_TRUE(helpers::eventually([&] { return !has_signals_pending(spare); }));
                  ruche::process p(nothing);
                  EXPECT_EQ(p.id(), spare);
                  EXPECT_TRUE(p.join().success());
              }),
              0);
}

TEST(spare, dies_with_the_program)
{
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    helpers::forked program([&] {
        const int spare = made_ready();
        (void)!::write(ends[1], &spare, sizeof spare);
        for (;;)
            ::pause();
        return 0;
    });
    int spare = 0;
    ASSERT_EQ(::read(ends[0], &spare, sizeof spare), static_cast<ssize_t>(sizeof spare));
    ::close(ends[0]);
    ::close(ends[1]);
    program.kill();
    EXPECT_TRUE(helpers::gone_within(spare, 10s));
}

TEST(spare, dies_with_the_fork_server)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int spare = made_ready();
                  const int server = helpers::parent_of(spare);
                  ::kill(server, SIGKILL);
                  EXPECT_TRUE(helpers::gone_within(spare, 10s));
                  EXPECT_TRUE(helpers::gone_within(server, 10s)); // or it could take the next request into its grave
                  EXPECT_EQ(ruche::async([] { return 7; }).get(), 7);
              }),
              0);
}

TEST(spare, is_not_for_a_program_that_has_changed_and_goes_with_the_server_of_before)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int spare = made_ready();
                  const int server = helpers::parent_of(spare);
                  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
                  const auto restricted = [] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); };
                  EXPECT_EQ(ruche::async(restricted).get(), 1);
                  EXPECT_TRUE(helpers::gone_within(server, 10s));
                  EXPECT_TRUE(helpers::gone_within(spare, 10s));
                  made_ready();
                  EXPECT_EQ(ruche::async(restricted).get(), 1); // in a spare of the new one
              }),
              0);
}

TEST(spare, that_a_copy_has_started_ends_with_the_copy)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  ruche::queue<std::array<int, 2>> told;
                  ruche::process copy(ruche::forked, [&told] {
                      const int spare = made_ready();
                      ruche::process its_own([] {
                          for (;;)
                              ::pause();
                      });
                      told.push({spare, its_own.id()});
                      its_own.join();
                  });
                  const auto [spare, its_own] = told.pop().value();
                  EXPECT_EQ(spare, its_own);
                  EXPECT_EQ(helpers::parent_of(its_own), server_of_this_program());
                  copy.kill();
                  EXPECT_TRUE(helpers::gone_within(its_own, 10s));
              }),
              0);
}

TEST(spare, two_thousand_starts_leave_one)
{
    EXPECT_EQ(in_a_program_of_its_own([] {
                  const int spare = made_ready();
                  const int server = helpers::parent_of(spare);
                  const auto open_at = [](int id) {
                      const auto folder = std::filesystem::directory_iterator("/proc/" + std::to_string(id) + "/fd");
                      return std::distance(begin(folder), end(folder));
                  };
                  const auto ours = helpers::count_descriptors();
                  const auto theirs = open_at(server);
                  for (int i = 0; i < 2000; ++i)
                      ruche::process(nothing).join();
                  EXPECT_TRUE(helpers::eventually([&] { return children_of(server).size() == 1; }));
                  EXPECT_TRUE(helpers::eventually([&] { return open_at(server) <= theirs; }));
                  EXPECT_EQ(helpers::count_descriptors(), ours);
              }),
              0);
}

TEST(spare, is_let_go_when_nobody_starts_anything)
{
    if (!std::getenv("RUCHE_LONG"))
        GTEST_SKIP() << "takes ten seconds: set RUCHE_LONG";
    EXPECT_EQ(in_a_program_of_its_own([] { EXPECT_TRUE(helpers::gone_within(made_ready(), 15s)); }), 0);
}

TEST_F(spare_in_a_sandbox, becomes_the_next_process_of_its_kind_behind_the_same_walls)
{
    EXPECT_EQ(in_a_program_of_its_own([&] {
                  const ruche::process cold(boxed(), nothing);
                  const int spare = made_ready(boxed());
                  ruche::process warm(boxed(), nothing);
                  EXPECT_EQ(warm.id(), spare);
                  EXPECT_EQ(warm.sandbox().describe(), cold.sandbox().describe());
                  EXPECT_TRUE(warm.join().success());
              }),
              0);
}

TEST_F(spare_in_a_sandbox, is_killed_for_a_forbidden_call_and_the_report_names_it)
{
    made_ready(boxed());
    ruche::process p(boxed(), [] { (void)try_open(); });
    EXPECT_EQ(p.join().forbidden_call(), "openat");
}

TEST_F(spare_in_a_sandbox, keeps_its_limit_on_memory)
{
    const auto options = boxed({.memory = 64 << 20});
    made_ready(options);
    EXPECT_THROW(ruche::async(options, [] { return std::vector<char>(128 << 20, 'x').size(); }).get(), std::bad_alloc);
    made_ready(options);
    EXPECT_EQ(ruche::async(options, [] { return std::vector<char>(32 << 20, 'x').size(); }).get(), 32U << 20);
}

TEST_F(spare_in_a_sandbox, has_its_wall_time_from_the_start_on)
{
    const auto options = boxed({.wall_time = 200ms});
    made_ready(options);
    std::this_thread::sleep_for(300ms); // that is what is tested: time that passes before the start
    EXPECT_TRUE(ruche::process(options, nothing).join().success());
    ruche::process slow(options, [] { std::this_thread::sleep_for(1h); });
    EXPECT_EQ(slow.join().signal(), SIGKILL);
}

TEST_F(spare_in_a_sandbox, is_left_alone_by_a_start_with_other_options)
{
    EXPECT_EQ(in_a_program_of_its_own([&] {
                  const int spare = made_ready(boxed());
                  ruche::process other(boxed({.answer = 4096}), nothing);
                  EXPECT_NE(other.id(), spare);
                  auto nicer = boxed();
                  nicer.niceness = 5;
                  EXPECT_NE(ruche::process(nicer, nothing).id(), spare);
                  EXPECT_EQ(ruche::process(boxed(), nothing).id(), spare);
              }),
              0);
}

TEST_F(spare_in_a_sandbox, may_read_a_descriptor_that_it_was_given)
{
    made_ready(boxed());
    const helpers::temporary_file file;
    ruche::fd given(::open(file.path().c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::pwrite(given.get(), "words", 5, 0), 5);
    const auto read_it = [](ruche::fd from) {
        std::string text(5, ' ');
        return ::pread(from.get(), text.data(), text.size(), 0) == 5 ? text : "";
    };
    EXPECT_EQ(ruche::async(boxed(), read_it, std::move(given)).get(), "words");
}
