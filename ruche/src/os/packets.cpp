#include "os/packets.hpp"

#include "os/os_error.hpp"

#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ruche::os {

namespace {

// Room for the descriptors of one packet, aligned as the kernel's headers want it.
union control_buffer {
    cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int) * most_descriptors)];
};

msghdr message_of(iovec& bytes) noexcept
{
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    return message;
}

void collect(msghdr& message, packet_descriptors& descriptors) noexcept
{
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
            descriptors.add(number);
        }
    }
}

} // namespace

void packet_descriptors::clear() noexcept
{
    for (const int number : numbers())
        if (number >= 0)
            ::close(number);
    count_ = 0;
}

std::pair<fd, fd> make_packet_pair()
{
    int ends[2];
    check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
          "make the sockets for descriptors in a queue");
    return {fd(ends[0]), fd(ends[1])};
}

bool send_packet(const fd& socket, const packet_label& label, std::span<const int> descriptors)
{
    packet_label copy = label;
    iovec bytes{&copy, sizeof copy};
    msghdr message = message_of(bytes);
    control_buffer control; // the kernel reads what is written below
    if (!descriptors.empty()) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* const part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
    }
    const auto sent = retry([&] { return ::sendmsg(socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT); });
    // ETOOMANYREFS: as many descriptors are under way as this user may have; there is room again as they are received.
    if (sent == -1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS))
        return false;
    check(sent, "send ", descriptors.size(), " descriptors beside an item");
    return true;
}

bool peek_packet(const fd& socket, packet_label& label, packet_descriptors& descriptors)
{
    descriptors.clear();
    iovec bytes{&label, sizeof label};
    msghdr message = message_of(bytes);
    control_buffer control;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    const auto look = [&] {
        return retry([&] { return ::recvmsg(socket.get(), &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
    };
    auto got = look();
    // Told once if the other end went without having read all that we sent; what it sent is still there (unix(7)).
    if (got == -1 && errno == ECONNRESET)
        got = look();
    if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    check(got, "receive the descriptors of an item");
    collect(message, descriptors);
    if (message.msg_flags & MSG_CTRUNC)
        throw_error(EMFILE, "receive the descriptors of an item");
    return got == sizeof label;
}

bool send_wake_up(const fd& socket) noexcept
{
    const packet_label label;
    return retry([&]() noexcept { return ::send(socket.get(), &label, sizeof label, MSG_NOSIGNAL | MSG_DONTWAIT); }) !=
           -1;
}

bool drop_wake_up(const fd& socket) noexcept
{
    packet_label label{1, 0};
    const auto got =
        retry([&]() noexcept { return ::recv(socket.get(), &label, sizeof label, MSG_PEEK | MSG_DONTWAIT); });
    if (got != sizeof label || label.number != 0)
        return false;
    drop_packet(socket);
    return true;
}

bool has_hung_up(const fd& socket) noexcept
{
    pollfd one{socket.get(), POLLRDHUP, 0};
    return ::poll(&one, 1, 0) == 1 && (one.revents & (POLLHUP | POLLRDHUP)) != 0;
}

void drop_packet(const fd& socket) noexcept
{
    char byte = 0;
    iovec bytes{&byte, 1};
    msghdr message = message_of(bytes); // no room for descriptors: the kernel closes them
    retry([&]() noexcept { return ::recvmsg(socket.get(), &message, MSG_DONTWAIT); });
}

} // namespace ruche::os
