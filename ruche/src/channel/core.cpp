#include "channel/core.hpp"

#include <ruche/error.hpp>

namespace ruche::detail {

channel_core::channel_core(queue_memory out, queue_memory in, fd socket) noexcept :
    out_(std::move(out)), in_(std::move(in)), socket_(std::move(socket))
{
    if (os::take_part_in_fences()) [[likely]]
        return;
    out_.header().full_fences.store(1);
    in_.header().full_fences.store(1);
}

// --- the other end ---

bool channel_core::other_is_gone() noexcept
{
    if (in_.header().closed.load(std::memory_order_acquire) != 0)
        return true;
    if (!other_gone_.load(std::memory_order_acquire) && os::has_hung_up(socket_))
        other_gone_.store(true, std::memory_order_release);
    return other_gone_.load(std::memory_order_acquire);
}

// Looking at the socket is a system call, so a sender that need not wait looks only after somebody has died.
bool channel_core::heard_of_a_death() noexcept
{
    const os::futex_word* const bell = death_bell();
    return bell && deaths_.exchange(bell->load(std::memory_order_acquire), std::memory_order_relaxed) !=
                       bell->load(std::memory_order_relaxed);
}

// A stranger's death is told by the socket alone. To look is a system call, so it is done only where the other end has
// not read since the message before.
bool channel_core::stands_still() noexcept
{
    const std::uint64_t head = out_.header().head.load(std::memory_order_relaxed);
    return head_at_send_.exchange(head, std::memory_order_relaxed) == head ||
           other_gone_.load(std::memory_order_relaxed);
}

void channel_core::set_with_a_stranger()
{
    stranger_.emplace();
    in_.header().polled.store(1, std::memory_order_seq_cst);
}

void channel_core::close() noexcept
{
    if (!is_mine_)
        return;
    for (queue_memory* memory : {&out_, &in_}) {
        memory->header().closed.store(1, std::memory_order_seq_cst);
        memory->header().not_empty.ring_all();
        memory->header().not_full.ring_all();
    }
    signal_reader();
}

// --- being polled ---
//
// The socket is readable while a wake-up is in it. There is at most one: `signalled` is set before it is sent, and
// cleared after it was removed, by a reader that found nothing. Whoever sends in between sees `signalled` set and sends
// none, so that reader looks once more.

int channel_core::pollable() noexcept
{
    if (in_.header().polled.exchange(1) == 0)
        os::fence_everywhere(); // whoever has not seen it has its message in before the caller looks
    return socket_.get();
}

bool channel_core::ready() noexcept
{
    return something_is_there() || (settle_signal() && something_is_there()) || other_is_gone();
}

void channel_core::signal_reader() noexcept
{
    if (out_.header().polled.load() == 0 || out_.header().signalled.exchange(1) != 0)
        return;
    if (!os::send_wake_up(socket_))
        out_.header().signalled.store(0); // full of descriptors, and so readable; or the other end is gone
}

bool channel_core::settle_signal() noexcept
{
    auto& header = in_.header();
    if (header.polled.load() == 0)
        return false;
    if (os::drop_wake_up(socket_))
        header.signalled.store(0);
    return true;
}

// --- for the templates ---

std::pair<std::shared_ptr<channel_core>, std::shared_ptr<channel_core>>
make_channel_cores(const channel_settings& settings)
{
    const auto make = [&](std::uint64_t fingerprint) {
        return queue_memory::create({.ring_bytes = settings.ring_bytes,
                                     .large_bytes = settings.large_bytes,
                                     .fingerprint = fingerprint,
                                     .carries_descriptors = true,
                                     .is_channel = true,
                                     .name = {}});
    };
    auto there = make(settings.there_fingerprint);
    auto back = make(settings.back_fingerprint);
    auto there_again = queue_memory::open(there.file().duplicate());
    auto back_again = queue_memory::open(back.file().duplicate());
    auto [first, second] = os::make_packet_pair();
    return {std::make_shared<channel_core>(std::move(there), std::move(back), std::move(first)),
            std::make_shared<channel_core>(std::move(back_again), std::move(there_again), std::move(second))};
}

std::shared_ptr<channel_core> open_channel(channel_parts parts, std::uint64_t out_fingerprint,
                                           std::uint64_t in_fingerprint, bool with_a_stranger)
{
    auto out_memory = queue_memory::open(std::move(parts.out));
    auto in_memory = queue_memory::open(std::move(parts.in));
    if (out_memory.header().fingerprint != out_fingerprint || in_memory.header().fingerprint != in_fingerprint)
        throw bad_message("the channel carries values of other types", 0);
    auto end = std::make_shared<channel_core>(std::move(out_memory), std::move(in_memory), std::move(parts.socket));
    if (with_a_stranger)
        end->set_with_a_stranger();
    return end;
}

std::vector<std::shared_ptr<const fd>> send_away(const std::shared_ptr<channel_core>& end)
{
    end->sent_away();
    const auto part = [&](const fd& one) { return std::shared_ptr<const fd>(end, &one); };
    return {part(end->out().file()), part(end->in().file()), part(end->socket())};
}

bool is_with_a_stranger(const channel_core& end) noexcept { return end.is_with_a_stranger(); }
void set_with_a_stranger(channel_core& end) { end.set_with_a_stranger(); }
void close(channel_core& end) noexcept { end.close(); }
bool is_open(channel_core& end) noexcept { return !end.other_is_gone(); }
int pollable(channel_core& end) noexcept { return end.pollable(); }
bool ready(channel_core& end) noexcept { return end.ready(); }

} // namespace ruche::detail
