// What may happen to a store: its process is killed at any moment, its disk is full, its file is damaged or old.
#include "store/schema.hpp"
#include "store/store.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

const unix_time now = unix_time(1'700'000'000s);
const char* const address = "http://example.org/feed";

visited read(feed_id feed, int first, int last)
{
    visited visit{.feed = feed, .result = visit_result::read, .facts = {.status = 200, .url = address}};
    for (int i = first; i <= last; ++i)
        visit.content.articles.push_back({.id = std::to_string(i), .title = "Article", .content = "honey and wax"});
    return visit;
}

// What a store's process does, in short: from opening it to the index.
void work_on(const std::filesystem::path& directory)
{
    store memory(directory);
    const feed_id feed = memory.subscribe(address, now);
    for (int first : {1, 4}) {
        const visited visit = read(feed, first, first + 2);
        memory.record({&visit, 1}, 1, now);
    }
    while (memory.index_some())
        continue;
}

std::map<std::string, int> events_by_article(store& memory)
{
    std::map<std::string, int> found;
    for (const news& event : memory.events_after(0, 1000))
        ++found[event.what.id];
    return found;
}

// Runs `work_on` in a process that is killed when it enters its system call number `fatal`. Whether it came to that.
bool is_killed_at(int fatal, const std::filesystem::path& directory)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        work_on(directory);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    int stops = 0;
    for (int signal = 0;;) {
        ::ptrace(PTRACE_SYSCALL, child, nullptr, signal);
        ::waitpid(child, &status, 0);
        if (WIFEXITED(status) || WIFSIGNALED(status))
            return false;
        const bool is_call = WSTOPSIG(status) == (SIGTRAP | 0x80);
        signal = is_call || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
        if (is_call && ++stops == 2 * fatal - 1) { // it stops before and after each
            ::kill(child, SIGKILL);
            ::waitpid(child, &status, 0);
            return true;
        }
    }
}

TEST(a_store_whose_process_is_killed, at_any_system_call_has_each_article_and_its_event_or_neither)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer makes calls of its own by the thousand";
#endif
    if (::access("/dev/shm", W_OK) == 0) // what a kill can do is the same there, and nobody waits for a disk
        ::setenv("TMPDIR", "/dev/shm", 0);
    int calls = 0;
    for (bool killed = true; killed;) {
        const testing::temporary_directory directory;
        killed = is_killed_at(++calls, directory.path());
        {
            store memory(directory.path());
            ASSERT_TRUE(memory.check().empty()) << "killed at call " << calls;
            for (const auto& [article, events] : events_by_article(memory))
                ASSERT_EQ(events, 1) << article << ", killed at call " << calls;
        }
        work_on(directory.path()); // as its successor does
        store memory(directory.path());
        const auto events = events_by_article(memory);
        ASSERT_EQ(events.size(), 6U) << "killed at call " << calls;
        for (const auto& [article, number] : events)
            ASSERT_EQ(number, 1) << article << ", killed at call " << calls;
    }
    EXPECT_GT(calls, 100); // it was the work that was interrupted
}

TEST(a_full_disk, costs_nothing_but_time)
{
    const testing::temporary_directory directory;
    store memory(directory.path());
    const feed_id feed = memory.subscribe(address, now);
    const visited large = read(feed, 1, 2'000);

    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 64U << 10U, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    try {
        memory.record({&large, 1}, 1, now);
        ADD_FAILURE() << "there was room";
    } catch (const sqlite::error& error) {
        EXPECT_TRUE(error.is_full_disk()) << error.what() << " (" << error.code() << ')';
    }
    ::setrlimit(RLIMIT_FSIZE, &before);

    EXPECT_EQ(memory.last_event(), 0);
    memory.record({&large, 1}, 1, now);
    EXPECT_EQ(memory.last_event(), 2'000);
    EXPECT_TRUE(memory.check().empty());
}

TEST(a_backup, is_made_while_the_store_is_written)
{
    const testing::temporary_directory directory;
    work_on(directory.path());
    store memory(directory.path());
    const auto copy = directory.path() / "copy";
    std::filesystem::create_directory(copy);
    {
        store reader(directory.path(), sqlite::access::read_only);
        reader.back_up(copy / store::file_name);
    }
    const visited later = read(1, 7, 9);
    memory.record({&later, 1}, 1, now);
    store restored(copy);
    EXPECT_EQ(restored.last_event(), 6);
    EXPECT_EQ(memory.last_event(), 9);
    EXPECT_TRUE(restored.check().empty());
    EXPECT_EQ(std::filesystem::status(copy / store::file_name).permissions(), std::filesystem::perms(0600));
    EXPECT_THROW(memory.back_up(copy / store::file_name), sqlite::error); // never over another
}

TEST(a_damaged_store, is_noticed_by_a_check)
{
    const testing::temporary_directory directory;
    {
        store memory(directory.path());
        const feed_id feed = memory.subscribe(address, now);
        const visited large = read(feed, 1, 2'000);
        memory.record({&large, 1}, 1, now);
        EXPECT_TRUE(memory.check().empty());
    }
    std::fstream file(directory.path() / store::file_name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60'000);
    file << std::string(3'000, 'x');
    file.close();
    bool noticed = false;
    try {
        noticed = !store(directory.path(), sqlite::access::read_only).check().empty();
    } catch (const sqlite::error&) {
        noticed = true; // so damaged that it can't even be checked
    }
    EXPECT_TRUE(noticed);
}

class an_old_store : public ::testing::TestWithParam<int> {};

TEST_P(an_old_store, is_upgraded_with_what_it_knew)
{
    const testing::temporary_directory directory;
    {
        sqlite::database old(directory.path() / store::file_name, sqlite::access::read_write);
        migrate(old, GetParam());
        old.execute("INSERT INTO feeds (url, title, etag, added, failures) "
                    "VALUES ('http://example.org/feed', 'Old', x'2261', 1, 2);"
                    "INSERT INTO articles (feed, identity, digest, guid, link, title, author, content, seen) "
                    "VALUES (1, x'01', x'02', 'g', 'l', 'Honey', 'a', 'wax', 1);"
                    "INSERT INTO events (visit, kind, feed, article, at) VALUES (1, 0, 1, 1, 1);");
    }
    store upgraded(directory.path());
    const auto feeds = upgraded.feeds();
    ASSERT_EQ(feeds.size(), 1U);
    EXPECT_EQ(feeds[0].title, "Old");
    EXPECT_EQ(feeds[0].known.etag, "\"a");
    EXPECT_EQ(feeds[0].failures, 2);
    EXPECT_EQ(upgraded.events_after(0, 10).at(0).what.title, "Honey");
    EXPECT_TRUE(upgraded.check().empty());
    const visited visit = read(1, 1, 3);
    upgraded.record({&visit, 1}, 1, now);
    EXPECT_EQ(upgraded.last_event(), 4);
}

INSTANTIATE_TEST_SUITE_P(of_version, an_old_store, ::testing::Range(1, static_cast<int>(schema_version()) + 1));

} // namespace
} // namespace rssmania
