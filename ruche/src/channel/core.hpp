#pragma once

#include "death_bell.hpp"
#include "os/fences.hpp"
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
///
/// No full barrier either: whoever commits and then looks at a bell uses the light half of `os::fences`, whoever arms a
/// bell, and is about to sleep anyway, the other one.
class channel_core {
public:
    channel_core(queue_memory out, queue_memory in, fd socket) noexcept;
    channel_core(const channel_core&) = delete;
    channel_core& operator=(const channel_core&) = delete;
    ~channel_core() { close(); }

    wait_end send(const outgoing& item, const wait_bounds& bounds);
    wait_end receive(incoming& item, const wait_bounds& bounds);
    wait_end receive_into(std::span<std::byte> place, const wait_bounds& bounds);
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
    bool send_at_once(const outgoing& item, const wait_bounds& bounds) noexcept;
    wait_end send_when_there_is_room(const outgoing& item, const wait_bounds& bounds);
    bool put(const outgoing& item);
    void tell_of_a_message() noexcept;

    template <class Take>
    wait_end receive_when_there_is_one(const wait_bounds& bounds, const Take& take);
    bool take(incoming& item);
    bool take_into(std::span<std::byte> place);
    void tell_of_room() noexcept;
    void take_descriptors(std::uint32_t packet, incoming& item);

    [[nodiscard]] bool is_closed() const noexcept { return out_.header().closed.load(std::memory_order_acquire) != 0; }
    [[nodiscard]] bool something_is_there() const noexcept
    {
        return in_.header().tail.load(std::memory_order_acquire) != in_.header().head.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool somebody_has_died() const noexcept
    {
        const os::futex_word* const bell = death_bell();
        return bell && bell->load(std::memory_order_acquire) != deaths_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool heard_of_a_death() noexcept;
    [[nodiscard]] bool stands_still() noexcept;
    void sleep_on_socket(const wait_bounds& bounds);
    void signal_reader() noexcept;
    bool settle_signal() noexcept;

    /// Between a commit and the look at a bell; and between the arming of a bell and the last look.
    static void fence_before_a_look(const queue_memory& memory) noexcept
    {
        if (memory.header().full_fences.load(std::memory_order_relaxed) == 0) [[likely]]
            os::light_fence();
        else
            std::atomic_thread_fence(std::memory_order_seq_cst);
    }

    queue_memory out_;
    queue_memory in_;
    fd socket_;
    std::optional<shared_with_a_stranger> stranger_;
    std::atomic<bool> is_mine_{true};
    std::atomic<bool> other_gone_{false};
    std::atomic<std::uint32_t> deaths_{0};               ///< the death bell when the socket was last looked at
    std::atomic<std::uint64_t> head_at_send_{0};         ///< a guess: needs no order
    alignas(queue_header::apart) spin_budget send_spin_; // one thread may send while another receives
    alignas(queue_header::apart) spin_budget receive_spin_;
};

} // namespace ruche::detail
