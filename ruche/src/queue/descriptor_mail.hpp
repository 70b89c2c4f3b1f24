#pragma once

#include "os/packets.hpp"

#include <cstdint>
#include <functional>

/// The descriptors that travel beside the items of a queue, in a pair of sockets that all its processes hold.
///
/// One direction carries them along with the items: a producer sends a packet before its item exists, so a death in
/// between leaves a packet that belongs to no item; the numbers of packets grow, so consumers skip it. A consumer looks
/// at its packet, takes the item, and removes the packet last; a death in between leaves one that is skipped likewise.
///
/// The other direction keeps those of items under a lease, so that they can be delivered again: the kernel holds them
/// for the holder of the lease, and closes them when the packet is removed or the queue goes.
namespace ruche::detail {

class descriptor_mail {
public:
    descriptor_mail() noexcept = default;
    descriptor_mail(fd front, fd back) noexcept : front_(std::move(front)), back_(std::move(back)) {}

    [[nodiscard]] const fd& front() const noexcept { return front_; }
    [[nodiscard]] const fd& back() const noexcept { return back_; }
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(front_); }

    /// Under the producers' lock, before the item is committed. False if there is no room.
    [[nodiscard]] bool send(std::uint32_t packet, std::span<const int> descriptors) const
    {
        return os::send_packet(front_, {packet, 0}, descriptors);
    }

    /// Under the consumers' lock: the descriptors of the oldest item, whose packet stays where it is.
    void look(std::uint32_t packet, os::packet_descriptors& descriptors) const;
    /// Under the consumers' lock, after that item was taken.
    void received() const noexcept { os::drop_packet(back_); }

    /// Under the consumers' lock, before the lease counts. False if there is no room.
    [[nodiscard]] bool keep(const os::packet_label& lease, std::span<const int> descriptors) const
    {
        return os::send_packet(back_, lease, descriptors);
    }
    /// Under the consumers' lock: gives the descriptors kept for `wanted`, and removes what is kept for leases that are
    /// over.
    void sort_kept(const std::function<bool(const os::packet_label&)>& is_wanted, const os::packet_label& wanted,
                   os::packet_descriptors& descriptors) const;

private:
    fd front_; ///< producers send here, leases are read here
    fd back_;  ///< consumers read here, leases are kept here
};

} // namespace ruche::detail
