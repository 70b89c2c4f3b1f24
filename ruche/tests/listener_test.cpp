#include <ruche/listener.hpp>

#include "helpers/forked.hpp"
#include "helpers/processes.hpp"
#include "helpers/switches.hpp"
#include "link/handshake.hpp"

#include <ruche/event.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/shared.hpp>
#include <ruche/wait.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;
using helpers::forked;
namespace fs = std::filesystem;

using words = ruche::listener<std::string, std::string>;

static_assert(!std::is_copy_constructible_v<words> && std::is_nothrow_move_constructible_v<words>);
static_assert(ruche::waitable<words>);

namespace {

// Each test meets in a folder of its own.
class meeting : public testing::Test {
protected:
    meeting()
    {
        std::string pattern = (fs::temp_directory_path() / "ruche-meeting-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~meeting() override { fs::remove_all(folder_); }

    [[nodiscard]] ruche::listener_options here(std::string key = {}) const
    {
        ruche::listener_options options;
        options.meeting = {std::move(key), folder_};
        return options;
    }
    [[nodiscard]] ruche::connect_options there(std::string key = {}, std::chrono::nanoseconds patience = 5s) const
    {
        return {{std::move(key), folder_}, patience};
    }
    [[nodiscard]] auto connect(std::string key = {}) const
    {
        return ruche::connect<std::string, std::string>("door", there(std::move(key)));
    }
    [[nodiscard]] int raw_connection() const
    {
        const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = folder_ / "door";
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return socket;
    }
    [[nodiscard]] std::vector<std::string> names() const
    {
        std::vector<std::string> all;
        for (const auto& entry : fs::directory_iterator(folder_))
            if (entry.path().filename() != ".lock" && entry.path().filename() != ".key")
                all.push_back(entry.path().filename());
        return all;
    }

    fs::path folder_;
};

// What a guest does who answers a bit louder each time.
int shout_back(ruche::channel<std::string, std::string> line)
{
    while (auto word = line.receive())
        line.send(*word + "!");
    return 0;
}

} // namespace

TEST_F(meeting, two_who_know_only_a_name_talk)
{
    words door("door", here());
    forked guest([&] { return shout_back(connect()); });
    auto line = door.accept_for(5s);
    ASSERT_TRUE(line);
    for (int i = 0; i < 1000; ++i) {
        line->send(std::to_string(i));
        ASSERT_EQ(line->receive(), std::to_string(i) + "!");
    }
    line->close();
    EXPECT_EQ(guest.join(), 0);
}

TEST_F(meeting, several_guests_come_one_after_the_other_or_at_once)
{
    words door("door", here());
    std::vector<forked> guests;
    for (int i = 0; i < 8; ++i)
        guests.emplace_back([&] { return shout_back(connect()); });
    std::vector<ruche::channel<std::string, std::string>> lines;
    for (int i = 0; i < 8; ++i) {
        lines.push_back(door.accept_for(10s).value());
        lines.back().send(std::to_string(i));
    }
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(lines[i].receive(), std::to_string(i) + "!");
    lines.clear();
    for (auto& guest : guests)
        EXPECT_EQ(guest.join(), 0);
}

TEST_F(meeting, the_socket_and_its_folder_are_for_one_user_only)
{
    fs::remove_all(folder_); // it is made
    words door("door", here());
    struct stat status {};
    ASSERT_EQ(::stat(door.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(status.st_uid, ::geteuid());
    ASSERT_EQ(::stat(folder_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat((folder_ / ".key").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(meeting, a_folder_that_others_may_enter_is_refused)
{
    fs::permissions(folder_, fs::perms(0755));
    EXPECT_THROW(words("door", here()), ruche::os_error);
    EXPECT_THROW((void)connect(), ruche::os_error);
    fs::permissions(folder_, fs::perms(0700));
    fs::create_directory_symlink(folder_, folder_ / "elsewhere");
    ruche::listener_options options = here();
    options.meeting.directory = folder_ / "elsewhere";
    EXPECT_THROW(words("door", options), ruche::os_error);
}

TEST_F(meeting, another_user_is_refused_by_both_sides)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "needs root, to be somebody else";
    words door("door", here());
    // Who has a way in all the same, by a folder that is open to it, is refused by what the kernel says of it.
    forked stranger([&] {
        fs::permissions(folder_, fs::perms(0777));
        fs::permissions(folder_ / "door", fs::perms(0777));
        if (::setresuid(65534, 65534, 65534) != 0)
            return 2;
        const ruche::fd socket(raw_connection());
        char greeting[256];
        return ::recv(socket.get(), greeting, sizeof greeting, 0) <= 0 ? 0 : 1;
    });
    EXPECT_FALSE(door.accept_for(200ms));
    EXPECT_EQ(stranger.join(), 0);
    EXPECT_EQ(door.refused(), 1U);
}

TEST_F(meeting, a_guest_with_another_key_is_refused_and_told_so)
{
    words door("door", here("sesame"));
    forked guest([&] {
        try {
            (void)connect("thyme");
        } catch (const ruche::authentication_failed&) {
            return 0;
        }
        return 1;
    });
    EXPECT_FALSE(door.accept_for(300ms));
    EXPECT_EQ(guest.join(), 0);
    EXPECT_EQ(door.refused(), 1U);
    forked friend_of_the_house([&] { return shout_back(connect("sesame")); });
    EXPECT_TRUE(door.accept_for(5s));
}

TEST_F(meeting, an_empty_key_on_one_side_only_is_another_key)
{
    words door("door", here("sesame"));
    std::thread host([&] { EXPECT_FALSE(door.accept_for(300ms)); });
    EXPECT_THROW((void)connect(), ruche::authentication_failed);
    host.join();
}

TEST_F(meeting, a_listener_that_has_no_key_is_found_out)
{
    // Somebody who says welcome to everyone: the proof is missing.
    ruche::detail::channel_settings settings;
    const auto with = ruche::link::key_from({});
    const auto theirs = ruche::link::greet(settings);
    const auto mine = ruche::link::greet(settings);
    const auto other = ruche::link::key_from(std::as_bytes(std::span("thyme")));
    EXPECT_THROW(ruche::link::check_last_word({}, theirs, mine, with, "door"), ruche::authentication_failed);
    EXPECT_THROW(
        ruche::link::check_last_word(ruche::link::judge(theirs, ruche::link::answer_to(theirs, mine, other), other),
                                     theirs, mine, with, "door"),
        ruche::authentication_failed);
    EXPECT_NO_THROW(ruche::link::check_last_word(
        ruche::link::judge(theirs, ruche::link::answer_to(theirs, mine, with), with), theirs, mine, with, "door"));
}

TEST_F(meeting, what_was_said_at_one_meeting_is_no_proof_at_another)
{
    const auto with = ruche::link::key_from({});
    const auto first = ruche::link::greet({});
    const auto second = ruche::link::greet({});
    const auto heard = ruche::link::answer_to(first, ruche::link::greet({}), with);
    EXPECT_EQ(ruche::link::judge(first, heard, with).what, ruche::link::verdict::welcome);
    EXPECT_EQ(ruche::link::judge(second, heard, with).what, ruche::link::verdict::other_key);
}

TEST_F(meeting, every_byte_of_an_answer_counts)
{
    const auto with = ruche::link::key_from({});
    const auto greeting = ruche::link::greet({});
    const auto right = ruche::link::answer_to(greeting, ruche::link::greet({}), with);
    for (std::size_t i = 0; i < sizeof right; ++i) {
        auto wrong = right;
        reinterpret_cast<unsigned char*>(&wrong)[i] ^= 0x40;
        EXPECT_NE(ruche::link::judge(greeting, wrong, with).what, ruche::link::verdict::welcome) << i;
    }
}

TEST_F(meeting, other_types_are_refused_when_they_meet)
{
    words door("door", here());
    std::thread host([&] { EXPECT_FALSE(door.accept_for(300ms)); });
    EXPECT_THROW((void)(ruche::connect<int, std::string>("door", there())), ruche::bad_message);
    host.join();
}

TEST_F(meeting, another_pid_namespace_is_refused)
{
    words door("door", here());
    forked outer([&] {
        if (::unshare(CLONE_NEWPID) != 0)
            return 77;
        forked inner([&] {
            try {
                (void)connect();
            } catch (const ruche::bad_message& refused) {
                return std::string(refused.what()).find("pid namespace") != std::string::npos ? 0 : 2;
            }
            return 1;
        });
        return inner.join();
    });
    EXPECT_FALSE(door.accept_for(500ms));
    const int code = outer.join();
    if (code == 77)
        GTEST_SKIP() << "may not make a pid namespace";
    EXPECT_EQ(code, 0);
}

TEST_F(meeting, one_who_says_nothing_or_nonsense_holds_nobody_up)
{
    auto options = here();
    options.handshake = 200ms;
    words door("door", options);
    const ruche::fd silent(raw_connection());
    const ruche::fd babbler(raw_connection());
    ASSERT_GT(::send(babbler.get(), "nonsense", 8, 0), 0);
    const ruche::fd gone(raw_connection());
    ::shutdown(gone.get(), SHUT_RDWR);
    forked guest([&] { return shout_back(connect()); });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(door.accept_for(5s));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    EXPECT_FALSE(door.accept_for(300ms));
    EXPECT_EQ(door.refused(), 3U);
}

TEST_F(meeting, a_name_can_be_had_once)
{
    words door("door", here());
    try {
        words again("door", here());
        FAIL();
    } catch (const ruche::os_error& refused) {
        EXPECT_EQ(refused.code(), std::errc::address_in_use);
    }
    words other("other-door", here());
    EXPECT_EQ(names().size(), 2U);
}

TEST_F(meeting, what_is_no_name_is_refused)
{
    for (const std::string name : {"", ".key", "../door", "a/b", "a b", "caf\xC3\xA9"})
        EXPECT_THROW(words(name, here()), std::invalid_argument) << name;
    EXPECT_THROW(words(std::string(65, 'x'), here()), std::invalid_argument);
    EXPECT_NO_THROW(words(std::string(64, 'x'), here()));
}

TEST_F(meeting, a_closed_listener_leaves_no_name)
{
    {
        words door("door", here());
        EXPECT_EQ(names().size(), 1U);
    }
    EXPECT_TRUE(names().empty());
    EXPECT_THROW((void)(ruche::connect<std::string, std::string>("door", there({}, 0s))), ruche::os_error);
}

TEST_F(meeting, a_copy_in_a_forked_child_removes_nothing)
{
    auto door = std::make_unique<words>("door", here());
    forked child([&] {
        door.reset();
        return 0;
    });
    EXPECT_EQ(child.join(), 0);
    EXPECT_EQ(names().size(), 1U);
    const long before = helpers::voluntary_switches();
    EXPECT_FALSE(door->accept_for(50ms));
    EXPECT_LE(helpers::voluntary_switches() - before, 2); // and it does not spin, or wake, for that
}

TEST_F(meeting, the_stale_name_of_a_killed_listener_is_taken_over)
{
    ruche::event listening;
    forked victim([&] {
        words door("door", here());
        listening.set();
        return ::pause();
    });
    listening.wait();
    victim.kill();
    victim.join();
    EXPECT_EQ(names().size(), 1U);
    EXPECT_THROW((void)(ruche::connect<std::string, std::string>("door", there({}, 0s))), ruche::os_error);
    words door("door", here());
    forked guest([&] { return shout_back(connect()); });
    EXPECT_TRUE(door.accept_for(5s));
}

TEST_F(meeting, a_listener_killed_at_any_system_call_leaves_a_name_that_can_be_had)
{
    for (int moment = 0; moment < 40; ++moment) {
        forked victim([&] {
            std::thread clock([moment] {
                std::this_thread::sleep_for(moment * 20us);
                ::kill(::getpid(), SIGKILL);
            });
            words door("door", here());
            clock.join();
            return 0;
        });
        victim.join();
        const words next("door", here());
        EXPECT_EQ(names(), std::vector<std::string>{"door"});
    }
}

TEST_F(meeting, whoever_comes_too_early_waits_for_the_listener)
{
    forked guest([&] { return shout_back(connect()); });
    std::this_thread::sleep_for(20ms); // it knocks meanwhile, or later: both are right
    words door("door", here());
    auto line = door.accept_for(5s);
    ASSERT_TRUE(line);
    line->send("late");
    EXPECT_EQ(line->receive(), "late!");
}

TEST_F(meeting, a_stop_ends_the_wait_on_both_sides)
{
    ruche::stop_source source;
    std::thread stopper([&] {
        std::this_thread::sleep_for(20ms);
        source.request_stop();
    });
    EXPECT_FALSE((ruche::connect<std::string, std::string>("door", source.get_token(), there({}, 1h))));
    stopper.join();
    words door("door", here());
    EXPECT_FALSE(door.accept(source.get_token()));
    EXPECT_FALSE(door.accept_for(1h, source.get_token()));
}

TEST_F(meeting, closing_wakes_who_waits_in_accept)
{
    words door("door", here());
    auto waiting = std::async(std::launch::async, [&] { return door.accept().has_value(); });
    EXPECT_EQ(waiting.wait_for(20ms), std::future_status::timeout);
    door.close();
    EXPECT_FALSE(waiting.get());
    EXPECT_FALSE(door.try_accept());
}

TEST_F(meeting, can_be_waited_for_with_other_things)
{
    words door("door", here());
    ruche::queue<int> jobs;
    EXPECT_EQ(ruche::wait_any(5ms, jobs, door), std::nullopt);
    forked guest([&] { return shout_back(connect()); });
    EXPECT_EQ(ruche::wait_any(5s, jobs, door), 1U);
    EXPECT_TRUE(door.try_accept());
    EXPECT_EQ(ruche::wait_any(5ms, jobs, door), std::nullopt);
}

TEST_F(meeting, a_killed_guest_is_seen_at_once)
{
    ruche::process([] {}).join(); // a program with a family, which knows nothing of the guest
    words door("door", here());
    forked guest([&] {
        auto line = connect();
        line.send("hello");
        return ::pause();
    });
    auto line = door.accept_for(5s).value();
    EXPECT_EQ(line.receive(), "hello");
    std::atomic<std::chrono::steady_clock::time_point> killed;
    std::thread killer([&] {
        std::this_thread::sleep_for(50ms); // the receiver sleeps by then
        killed = std::chrono::steady_clock::now();
        guest.kill();
    });
    EXPECT_EQ(line.receive(), std::nullopt);
    const auto seen = std::chrono::steady_clock::now();
    killer.join();
    EXPECT_LT(seen - killed.load(), 50ms);
    EXPECT_FALSE(line.is_open());
    EXPECT_THROW(line.send("anyone?"), ruche::channel_closed);
}

TEST_F(meeting, a_sender_that_never_waits_sees_the_killed_guest_too)
{
    words door("door", here());
    forked guest([&] {
        auto line = connect();
        line.send("hello");
        return ::pause();
    });
    auto line = door.accept_for(5s).value();
    EXPECT_EQ(line.receive(), "hello");
    line.send("one");
    guest.kill();
    guest.join();
    EXPECT_THROW(line.send("two"), ruche::channel_closed);
}

TEST_F(meeting, a_sender_that_waits_for_room_sees_the_killed_guest)
{
    auto options = here();
    options.channel = {.bytes = 4096, .large_bytes = 4096};
    words door("door", options);
    forked guest([&] {
        auto line = connect();
        line.send("hello");
        return ::pause();
    });
    auto line = door.accept_for(5s).value();
    EXPECT_EQ(line.receive(), "hello");
    std::thread killer([&] {
        std::this_thread::sleep_for(50ms);
        guest.kill();
    });
    const auto fill = [&] {
        for (;;)
            line.send(std::string(500, 'x'));
    };
    EXPECT_THROW(fill(), ruche::channel_closed);
    killer.join();
}

TEST_F(meeting, handles_can_be_passed)
{
    using offer = std::pair<ruche::queue<int>, ruche::event>;
    ruche::listener<offer, int> door("door", here());
    forked guest([&] {
        auto line = ruche::connect<int, offer>("door", there());
        auto [jobs, done] = line.receive().value();
        int sum = 0;
        for (int job : jobs)
            sum += job;
        line.send(sum);
        done.set();
        return 0;
    });
    auto line = door.accept_for(5s).value();
    ruche::queue<int> jobs;
    ruche::event done;
    line.send({jobs, done});
    for (int i = 1; i <= 100; ++i)
        jobs.push(i);
    jobs.close();
    EXPECT_TRUE(done.wait_for(5s));
    EXPECT_EQ(line.receive(), 5050);
    EXPECT_EQ(guest.join(), 0);
}

TEST_F(meeting, an_accepted_channel_can_be_given_to_another_process)
{
    words door("door", here());
    forked guest([&] { return shout_back(connect()); });
    ruche::process worker(
        [](ruche::channel<std::string, std::string> line) {
            line.send("hi");
            if (line.receive() != "hi!")
                throw std::runtime_error("no answer");
        },
        door.accept_for(5s).value());
    EXPECT_TRUE(worker.join().success());
    EXPECT_EQ(guest.join(), 0);
}

TEST_F(meeting, an_idle_line_costs_one_wake_up_a_second)
{
    ruche::process([] {}).join();
    words door("door", here());
    forked guest([&] { return shout_back(connect()); });
    auto line = door.accept_for(5s).value();
    (void)line.receive_for(1ms);
    long before = helpers::voluntary_switches();
    EXPECT_EQ(line.receive_for(1500ms), std::nullopt);
    EXPECT_LE(helpers::voluntary_switches() - before, 3);
    before = helpers::voluntary_switches();
    EXPECT_FALSE(door.accept_for(1500ms));
    EXPECT_LE(helpers::voluntary_switches() - before, 3);
}

TEST_F(meeting, nothing_stays_open_or_mapped)
{
    const auto meet = [&] {
        words door("door", here());
        std::thread guest([&] { (void)connect(); });
        (void)door.accept_for(5s);
        guest.join();
    };
    meet();
    const auto before = helpers::count_descriptors();
    for (int i = 0; i < 20; ++i)
        meet();
    EXPECT_EQ(helpers::count_descriptors(), before);
}
