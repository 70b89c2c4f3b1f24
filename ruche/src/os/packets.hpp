#pragma once

#include <ruche/fd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

/// Packets that carry descriptors between processes: a pair of connected sockets that keep the bounds of messages
/// (SOCK_SEQPACKET, unix(7)). Nothing here waits, and nothing allocates.
namespace ruche::os {

inline constexpr std::size_t most_descriptors = 253; ///< of one packet: the kernel's SCM_MAX_FD

/// What a packet says; the number tells one from another.
struct packet_label {
    std::uint32_t number = 0;
    std::uint32_t generation = 0;
    friend bool operator==(const packet_label&, const packet_label&) noexcept = default;
};

/// Descriptors that came out of a packet, owned until they are taken.
class packet_descriptors {
public:
    packet_descriptors() noexcept = default;
    packet_descriptors(const packet_descriptors&) = delete;
    packet_descriptors& operator=(const packet_descriptors&) = delete;
    ~packet_descriptors()
    {
        if (count_ != 0)
            clear();
    }

    [[nodiscard]] std::span<const int> numbers() const noexcept { return {numbers_.data(), count_}; }
    void add(int number) noexcept { numbers_[count_++] = number; }
    void clear() noexcept;

    /// Gives one away.
    [[nodiscard]] fd take(std::size_t index) noexcept { return fd(std::exchange(numbers_[index], -1)); }

private:
    std::array<int, most_descriptors> numbers_; // the first `count_` count
    std::size_t count_ = 0;
};

/// Throws: `os_error`.
[[nodiscard]] std::pair<fd, fd> make_packet_pair();

/// Whether the packet went; not if the socket is full. Throws: `os_error`.
[[nodiscard]] bool send_packet(const fd& socket, const packet_label& label, std::span<const int> descriptors);

/// Looks at the next packet and leaves it there: its label, and descriptors of this process's own for what it carries.
/// False if there is none. Throws: `os_error`, also if this process can't hold so many (EMFILE).
[[nodiscard]] bool peek_packet(const fd& socket, packet_label& label, packet_descriptors& descriptors);

/// A packet with the number 0 and nothing else, which only makes the other socket readable. `drop_wake_up` removes it
/// if it is the next one, and returns whether it was.
bool send_wake_up(const fd& socket) noexcept;
bool drop_wake_up(const fd& socket) noexcept;

/// Whether every descriptor of the other socket of the pair is closed, in all processes.
[[nodiscard]] bool has_hung_up(const fd& socket) noexcept;

/// Removes the next packet; what it carried is closed.
void drop_packet(const fd& socket) noexcept;

} // namespace ruche::os
