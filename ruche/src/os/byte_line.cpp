#include "os/byte_line.hpp"

#include "os/os_error.hpp"
#include "os/socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace ruche::os {

namespace {

constexpr std::size_t control_bytes = CMSG_SPACE(sizeof(int) * max_descriptors);

line_result what_now(const char* doing)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return {line_state::would_block, 0};
    if (errno == EPIPE || errno == ECONNRESET)
        return {line_state::ended, 0};
    throw_errno(doing);
}

void attach(msghdr& header, std::span<std::byte> control, std::span<const int> descriptors)
{
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* const message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = SOL_SOCKET;
    message->cmsg_type = SCM_RIGHTS;
    message->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(message), descriptors.data(), descriptors.size_bytes());
}

void take(msghdr& header, std::deque<fd>& descriptors)
{
    for (cmsghdr* message = CMSG_FIRSTHDR(&header); message; message = CMSG_NXTHDR(&header, message)) {
        if (message->cmsg_level != SOL_SOCKET || message->cmsg_type != SCM_RIGHTS)
            continue;
        std::array<int, max_descriptors> numbers;
        const std::size_t bytes = message->cmsg_len - CMSG_LEN(0);
        std::memcpy(numbers.data(), CMSG_DATA(message), bytes);
        for (std::size_t i = 0; i < bytes / sizeof(int); ++i)
            descriptors.push_back(own(numbers[i], "receive a descriptor"));
    }
}

} // namespace

std::pair<fd, fd> make_byte_line()
{
    std::array<int, 2> ends{};
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "create a socket pair");
    fd first(ends[0]), second(ends[1]);
    return {own(first.release(), "create a socket pair"), own(second.release(), "create a socket pair")};
}

line_result send_some(const fd& line, std::span<const std::byte> bytes, std::span<const int> descriptors, bool wait)
{
    const int flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
    std::size_t sent = 0;
    do {
        ssize_t count = 0;
        if (descriptors.empty()) {
            count = retry([&] { return ::send(line.get(), bytes.data() + sent, bytes.size() - sent, flags); });
        } else {
            alignas(cmsghdr) std::array<std::byte, control_bytes> control{};
            iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
            msghdr header{};
            header.msg_iov = &part;
            header.msg_iovlen = 1;
            attach(header, control, descriptors);
            count = retry([&] { return ::sendmsg(line.get(), &header, flags); });
            descriptors = {};
        }
        if (count < 0)
            return sent > 0 ? line_result{line_state::moved, sent} : what_now("send to a worker");
        sent += static_cast<std::size_t>(count);
    } while (wait && sent < bytes.size());
    return {line_state::moved, sent};
}

line_result receive_some(const fd& line, std::span<std::byte> into, std::deque<fd>& descriptors, bool wait)
{
    alignas(cmsghdr) std::array<std::byte, control_bytes> control;
    iovec part{into.data(), into.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t count =
        retry([&] { return ::recvmsg(line.get(), &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT)); });
    if (count < 0)
        return what_now("receive from a worker");
    if (header.msg_controllen > 0)
        take(header, descriptors);
    return count == 0 ? line_result{line_state::ended, 0}
                      : line_result{line_state::moved, static_cast<std::size_t>(count)};
}

line_result write_all(const fd& line, std::span<const std::byte> bytes)
{
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t count = retry([&] { return ::write(line.get(), bytes.data() + sent, bytes.size() - sent); });
        if (count < 0)
            return what_now("write to the pool");
        sent += static_cast<std::size_t>(count);
    }
    return {line_state::moved, sent};
}

line_result read_some(const fd& line, std::span<std::byte> into)
{
    const ssize_t count = retry([&] { return ::read(line.get(), into.data(), into.size()); });
    if (count < 0)
        return what_now("read from the pool");
    return count == 0 ? line_result{line_state::ended, 0}
                      : line_result{line_state::moved, static_cast<std::size_t>(count)};
}

} // namespace ruche::os
