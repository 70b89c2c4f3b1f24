#include "program.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ;

namespace rssmania::testing {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr const char* mark_name = "RSSMANIA_TEST_MARK";

std::array<int, 2> make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "make a pipe");
    return ends;
}

std::string slurp(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string new_mark()
{
    static std::atomic<int> counter = 0;
    return std::to_string(::getpid()) + "-" + std::to_string(++counter);
}

// A process that is dead but not reaped has no environment any more, so zombies don't count.
bool is_marked(const std::filesystem::path& process, const std::string& mark)
{
    const std::string variable = std::string(mark_name) + "=" + mark + '\0';
    const std::string all = slurp(process / "environ");
    return all.starts_with(variable) || all.find('\0' + variable) != std::string::npos;
}

// Asks a condition of the process table, which nothing announces, until it holds.
bool poll_until(const std::function<bool()>& holds, std::chrono::milliseconds patience)
{
    const auto end = clock::now() + patience;
    while (!holds()) {
        if (clock::now() >= end)
            return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

} // namespace

program::program(std::vector<std::string> words, const environment& more) : mark_(new_mark())
{
    environment all = more;
    for (char** each = environ; *each; ++each) {
        const std::string entry = *each;
        const std::string name = entry.substr(0, entry.find('='));
        if (!name.starts_with("LC_") && name != "LANG" && name != "LANGUAGE")
            all.emplace(name, entry.substr(name.size() + 1));
    }
    all[mark_name] = mark_;
    std::vector<std::string> entries;
    for (const auto& [name, value] : all)
        entries.push_back(name + "=" + value);

    words.insert(words.begin(), RSSMANIA_PROGRAM);
    std::vector<char*> arguments;
    std::vector<char*> variables;
    for (std::string& word : words)
        arguments.push_back(word.data());
    for (std::string& entry : entries)
        variables.push_back(entry.data());
    arguments.push_back(nullptr);
    variables.push_back(nullptr);

    const auto out = make_pipe();
    const auto err = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int error = ::posix_spawn(&id_, RSSMANIA_PROGRAM, &actions, &attributes, arguments.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(err[1]);
    if (error != 0)
        throw std::system_error(error, std::generic_category(), "start " RSSMANIA_PROGRAM);
    out_.reader = std::thread([this, file = out[0]] { read_all(file, out_); });
    err_.reader = std::thread([this, file = err[0]] { read_all(file, err_); });
}

program::~program()
{
    if (!ended_) {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
    for (const member& each : others())
        ::kill(each.id, SIGKILL);
    out_.reader.join();
    err_.reader.join();
}

void program::read_all(int file, stream& into)
{
    std::array<char, 4096> buffer;
    for (ssize_t size = 0; (size = ::read(file, buffer.data(), buffer.size())) > 0;) {
        const std::scoped_lock lock(mutex_);
        into.text.append(buffer.data(), static_cast<std::size_t>(size));
        changed_.notify_all();
    }
    ::close(file);
    const std::scoped_lock lock(mutex_);
    --open_streams_;
    changed_.notify_all();
}

std::string program::out() const
{
    const std::scoped_lock lock(mutex_);
    return out_.text;
}

std::string program::err() const
{
    const std::scoped_lock lock(mutex_);
    return err_.text;
}

bool program::wait_for(const stream& which, const std::function<bool(const std::string&)>& enough,
                       std::chrono::milliseconds patience) const
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return enough(which.text); });
}

bool program::wait_for_out(const std::function<bool(const std::string&)>& enough,
                           std::chrono::milliseconds patience) const
{
    return wait_for(out_, enough, patience);
}

bool program::wait_for_out(const std::string& part) const
{
    return wait_for(
        out_, [&](const std::string& text) { return text.find(part) != std::string::npos; }, 30s);
}

bool program::wait_for_err(const std::string& part) const
{
    return wait_for(
        err_, [&](const std::string& text) { return text.find(part) != std::string::npos; }, 30s);
}

std::optional<ending> program::wait(std::chrono::milliseconds patience)
{
    if (!ended_) {
        const int handle = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
        pollfd waiting{handle, POLLIN, 0};
        const bool over = ::poll(&waiting, 1, static_cast<int>(patience.count())) == 1;
        ::close(handle);
        if (!over)
            return std::nullopt;
        int status = 0;
        ::waitpid(id_, &status, 0);
        ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 10s, [this] { return open_streams_ == 0; }))
        return std::nullopt;
    return ended_;
}

void program::signal(int number) const { ::kill(id_, number); }
void program::signal_group(int number) const { ::kill(-id_, number); }

std::vector<program::member> program::others() const
{
    std::vector<member> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const pid_t id = std::atoi(entry.path().filename().c_str());
        if (id <= 0 || id == id_ || !is_marked(entry.path(), mark_))
            continue;
        const std::string words = slurp(entry.path() / "cmdline");
        found.push_back({id, words.substr(0, words.find('\0'))});
    }
    return found;
}

bool program::wait_until_nobody_is_left(std::chrono::milliseconds patience) const
{
    return poll_until([this] { return others().empty(); }, patience);
}

bool program::kill(const std::string& name, std::chrono::milliseconds patience) const
{
    return poll_until(
        [&] {
            for (const member& each : others()) {
                if (each.name == name)
                    return ::kill(each.id, SIGKILL) == 0;
            }
            return false;
        },
        patience);
}

std::size_t count(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

} // namespace rssmania::testing
