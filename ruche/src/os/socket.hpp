#pragma once

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

/// Local sockets that carry whole messages and descriptors beside them (unix(7), SOCK_SEQPACKET).
namespace ruche::os {

/// The most descriptors that one message may carry (SCM_MAX_FD in the kernel).
inline constexpr std::size_t max_descriptors = 253;

/// The most bytes that one message may have: what is larger travels in a memory file beside it.
inline constexpr std::size_t largest_message = 64 * 1024;

/// What arrived: the message, whole, the descriptors that came with it, and the sender's process id (0 unless the
/// socket was told to `pass_credentials`).
struct received_message {
    std::vector<std::byte> bytes;
    std::vector<fd> descriptors;
    int sender = 0;
};

enum class transfer { done, would_block, peer_gone };

/// Two ends of one connection, close-on-exec.
[[nodiscard]] std::pair<fd, fd> message_socket_pair();

/// From now on every message that arrives at `socket` tells who sent it, as the kernel knows it.
void pass_credentials(const fd& socket);

/// Sends `parts` as one message. Never raises SIGPIPE. Throws: `os_error` for anything but a missing peer or no room.
[[nodiscard]] transfer send_message(int socket, std::span<const std::span<const std::byte>> parts,
                                    std::span<const int> descriptors = {}, bool wait = true);

/// Receives one message into `into`, waiting until `until`. `would_block` means that the deadline passed.
[[nodiscard]] transfer receive_message(int socket, received_message& into, const deadline& until = {});

/// From now on the peer's messages are refused, so it learns that nobody listens; those that had come can still be
/// read.
void stop_receiving(int socket) noexcept;

/// Has the kernel end this process when the other end of `socket` is gone, or anything is sent to it: by the signal of
/// asynchronous input, which may be any (fcntl(2), F_SETSIG). Throws: `os_error`.
void die_with_peer(const fd& socket);

/// A view of any trivially copyable value, to be sent as a part.
template <class T>
[[nodiscard]] std::span<const std::byte> as_part(const T& value) noexcept
{
    static_assert(std::is_trivially_copyable_v<T>);
    return std::as_bytes(std::span<const T, 1>(&value, 1));
}

} // namespace ruche::os
