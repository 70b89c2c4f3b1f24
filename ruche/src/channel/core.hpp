#pragma once

#include "death_bell.hpp"
#include "os/packets.hpp"
#include "queue/ring.hpp"
#include "waiter.hpp"

#include <ruche/detail/channel_core.hpp>

#include <optional>

namespace ruche::detail {

/// One end of a channel: a ring that only this end writes, one that only it reads, and a socket.
///
/// No locks: each ring has one writer and one reader, so nobody can die holding anything. The socket carries
/// descriptors, makes the end pollable, and tells of the other end's death: the kernel closes what a process held, so
/// the socket hangs up when the last process is gone that held the other end. Sleepers look at it whenever they wake,
/// and they wake at each death that is reported. Where the other end is a stranger's, whose death nobody reports, they
/// sleep on the socket itself.
class channel_core {
public:
    channel_core(queue_memory out, queue_memory in, fd socket) noexcept :
        out_(std::move(out)), in_(std::move(in)), socket_(std::move(socket))
    {}
    channel_core(const channel_core&) = delete;
    channel_core& operator=(const channel_core&) = delete;
    ~channel_core() { close(); }

    wait_end send(const outgoing& item, const wait_bounds& bounds);
    wait_end receive(incoming& item, const wait_bounds& bounds);
    void end_loan(const incoming& item) noexcept;
    void close() noexcept;
    [[nodiscard]] bool other_is_gone() noexcept;
    [[nodiscard]] int pollable() noexcept;
    [[nodiscard]] bool ready() noexcept;

    /// Nobody reports the death of the process at the other end: from now on waits in `receive` are in poll(2), where
    /// the end of the socket is seen at once. Before the first message.
    void set_with_a_stranger();
    [[nodiscard]] bool is_with_a_stranger() const noexcept { return stranger_.has_value(); }

    /// Another process will have this end: letting go of it here closes nothing.
    void sent_away() noexcept { is_mine_ = false; }

    [[nodiscard]] const queue_memory& out() const noexcept { return out_; }
    [[nodiscard]] const queue_memory& in() const noexcept { return in_; }
    [[nodiscard]] const fd& socket() const noexcept { return socket_; }

private:
    bool put(const outgoing& item);
    bool take(incoming& item);
    void take_descriptors(std::uint32_t packet, incoming& item);
    [[nodiscard]] bool heard_of_a_death() noexcept;
    [[nodiscard]] bool stands_still() noexcept;
    void sleep_on_socket(const wait_bounds& bounds);
    void signal_reader() noexcept;
    bool settle_signal() noexcept;

    queue_memory out_;
    queue_memory in_;
    fd socket_;
    std::atomic<bool> is_mine_{true};
    std::atomic<std::uint32_t> deaths_{0}; ///< the death bell when the socket was last looked at
    std::atomic<bool> other_gone_{false};
    std::optional<shared_with_a_stranger> stranger_;
    std::atomic<std::uint64_t> head_at_send_{0}; ///< a guess: needs no order
    spin_budget send_spin_;
    spin_budget receive_spin_;
};

} // namespace ruche::detail
