#include "os/socket.hpp"

#include "os/os_error.hpp"
#include "os/poll.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace ruche::os {

namespace {

constexpr std::size_t control_bytes = CMSG_SPACE(sizeof(int) * max_descriptors) + CMSG_SPACE(sizeof(ucred));

bool peer_is_gone(int error) noexcept { return error == EPIPE || error == ECONNRESET || error == ENOTCONN; }

// That the peer left something unread when it closed is told once, and before what it had sent.
template <class Receive>
ssize_t past_reset(Receive receive)
{
    const ssize_t got = retry(receive);
    return got < 0 && errno == ECONNRESET ? retry(receive) : got;
}

void attach_descriptors(msghdr& header, std::span<std::byte> control, std::span<const int> descriptors)
{
    const std::size_t bytes = descriptors.size_bytes();
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = SOL_SOCKET;
    message->cmsg_type = SCM_RIGHTS;
    message->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(message), descriptors.data(), bytes);
}

void take_descriptors(msghdr& header, received_message& into)
{
    for (cmsghdr* message = CMSG_FIRSTHDR(&header); message; message = CMSG_NXTHDR(&header, message)) {
        if (message->cmsg_level != SOL_SOCKET)
            continue;
        if (message->cmsg_type == SCM_RIGHTS) {
            const std::size_t count = (message->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            std::vector<int> numbers(count);
            std::memcpy(numbers.data(), CMSG_DATA(message), count * sizeof(int));
            for (int number : numbers)
                into.descriptors.push_back(own(number, "receive a descriptor"));
        } else if (message->cmsg_type == SCM_CREDENTIALS) {
            ucred credentials{};
            std::memcpy(&credentials, CMSG_DATA(message), sizeof credentials);
            into.sender = credentials.pid;
        }
    }
}

} // namespace

std::pair<fd, fd> message_socket_pair()
{
    std::array<int, 2> ends{};
    check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), "create a socket pair");
    fd first(ends[0]), second(ends[1]); // owned before anything can throw
    return {own(first.release(), "create a socket pair"), own(second.release(), "create a socket pair")};
}

void pass_credentials(const fd& socket)
{
    const int yes = 1;
    check(::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes), "ask for senders' credentials");
}

transfer send_message(int socket, std::span<const std::span<const std::byte>> parts, std::span<const int> descriptors,
                      bool wait)
{
    std::size_t total = 0;
    for (const auto& part : parts)
        total += part.size();
    if (total > largest_message)
        throw_error(EMSGSIZE, "send a message of " + std::to_string(total) + " bytes over a local socket");
    std::array<iovec, 8> pieces{};
    const std::size_t count = std::min(parts.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i)
        pieces[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()}; // sendmsg only reads it
    msghdr header{};
    header.msg_iov = pieces.data();
    header.msg_iovlen = count;
    alignas(cmsghdr) std::array<std::byte, control_bytes> control{};
    if (descriptors.size() > max_descriptors)
        throw_error(E2BIG, "send " + std::to_string(descriptors.size()) + " descriptors in one message");
    if (!descriptors.empty())
        attach_descriptors(header, control, descriptors);
    if (retry([&] { return ::sendmsg(socket, &header, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT)); }) >= 0)
        return transfer::done;
    if (peer_is_gone(errno))
        return transfer::peer_gone;
    if (!wait && (errno == EAGAIN || errno == EWOULDBLOCK))
        return transfer::would_block;
    throw_errno("send a message over a local socket");
}

transfer receive_message(int socket, received_message& into, const deadline& until)
{
    into.descriptors.clear();
    into.sender = 0;
    if (!until.is_never() && !wait_readable(socket, until))
        return transfer::would_block;
    // Asked for first, with a message that is only looked at: most are small, and the largest would need many pages.
    const ssize_t size = past_reset([&] { return ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC); });
    if (size < 0 && !peer_is_gone(errno))
        throw_errno("wait for a message from a local socket");
    if (size <= 0)
        return transfer::peer_gone; // no message of ours is empty
    into.bytes.resize(static_cast<std::size_t>(size));
    iovec piece{into.bytes.data(), into.bytes.size()};
    alignas(cmsghdr) std::array<std::byte, control_bytes> control;
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t got = past_reset([&] { return ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC); });
    if (got < 0 && !peer_is_gone(errno))
        throw_errno("receive a message from a local socket");
    if (got <= 0)
        return transfer::peer_gone;
    take_descriptors(header, into);
    if (header.msg_flags & MSG_TRUNC)
        throw_error(EMSGSIZE, "receive a message from a local socket");
    if (header.msg_flags & MSG_CTRUNC)
        throw_error(EMFILE, "receive the descriptors of a message (this process may not open that many)");
    return transfer::done;
}

void die_with_peer(const fd& socket)
{
    constexpr const char* doing = "ask to die with the other end of a socket";
    check(::fcntl(socket.get(), F_SETOWN, ::getpid()), doing);
    check(::fcntl(socket.get(), F_SETSIG, SIGKILL), doing);
    check(::fcntl(socket.get(), F_SETFL, O_ASYNC), doing);
    if (has_hung_up(socket.get())) // before the calls above
        throw_error(ECONNRESET, doing);
}

void stop_receiving(int socket) noexcept { ::shutdown(socket, SHUT_RD); }

} // namespace ruche::os
