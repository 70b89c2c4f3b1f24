#include "os/poll.hpp"

#include "os/os_error.hpp"

#include <algorithm>
#include <climits>
#include <poll.h>
#include <unistd.h>
#include <vector>

namespace ruche::os {

namespace {

int milliseconds_left(const deadline& until)
{
    if (until.is_never())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until.left()).count();
    return static_cast<int>(std::min<long long>(left, INT_MAX));
}

// Waits until one of them has what it is watched for. Returns whether one has, before the deadline.
bool poll_until(std::span<pollfd> watched, const deadline& until)
{
    for (;;) {
        const int count = ::poll(watched.data(), watched.size(), milliseconds_left(until));
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            throw_errno("wait for " + std::to_string(watched.size()) + " descriptors");
        if (until.passed())
            return false;
    }
}

} // namespace

bool poll_readable(std::span<const int> numbers, std::span<bool> ready, const deadline& until)
{
    std::vector<pollfd> watched;
    for (const int number : numbers)
        watched.push_back({number, POLLIN, 0});
    if (!poll_until(watched, until))
        return false;
    std::transform(watched.begin(), watched.end(), ready.begin(), [](const pollfd& one) { return one.revents != 0; });
    return true;
}

bool wait_readable(int number, const deadline& until)
{
    bool ready = false;
    return poll_readable({&number, 1}, {&ready, 1}, until);
}

bool wait_writable(int number, const deadline& until)
{
    pollfd watched{number, POLLOUT, 0};
    return poll_until({&watched, 1}, until);
}

bool wait_hung_up(int number, const deadline& until)
{
    pollfd watched{number, 0, 0};
    return poll_until({&watched, 1}, until);
}

bool has_hung_up(int socket) noexcept
{
    pollfd watched{socket, 0, 0};
    return ::poll(&watched, 1, 0) == 1 && (watched.revents & (POLLHUP | POLLERR));
}

void say(int number, const std::string& text) noexcept
{
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto count = retry([&] { return ::write(number, rest.data(), rest.size()); });
        if (count <= 0)
            return; // there is nobody left to tell
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

void say(const std::string& text) noexcept { say(STDERR_FILENO, text); }

void say_if_room(int number, const std::string& text) noexcept
{
    // A pipe is ready for writing once it has room for PIPE_BUF bytes, which then go in one piece (poll(2), pipe(7)).
    pollfd watched{number, POLLOUT, 0};
    if (::poll(&watched, 1, 0) == 1 && (watched.revents & POLLOUT))
        say(number, text.substr(0, PIPE_BUF));
}

} // namespace ruche::os
