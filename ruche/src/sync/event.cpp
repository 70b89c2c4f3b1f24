#include <ruche/event.hpp>

#include "inspect/portrait.hpp"
#include "os/event.hpp"
#include "sync/state.hpp"

namespace ruche {

namespace {

constexpr std::uint64_t kind = 0x6576'656e'7400'0001;

struct event_state {
    os::futex_word set{0};
    std::atomic<std::uint32_t> polled{0}; ///< somebody asked for the descriptor: from then on it is kept right
};

} // namespace

event::event() :
    block_handle(detail::make_block(sizeof(event_state), kind, "ruche-event")),
    signal_(std::make_shared<const fd>(os::make_event()))
{}

event::event(fd memory, fd signal) :
    block_handle(detail::open_block(std::move(memory), kind)), signal_(std::make_shared<const fd>(std::move(signal)))
{}

// The descriptor is set also if the flag was set already: by one who died before it came so far, perhaps.
void event::set()
{
    auto& shared = state<event_state>();
    if (shared.set.exchange(1, std::memory_order_seq_cst) == 0)
        os::futex_wake_all(shared.set);
    if (shared.polled.load(std::memory_order_seq_cst) != 0)
        os::set_event(*signal_);
}

void event::clear()
{
    state<event_state>().set.store(0, std::memory_order_seq_cst);
    (void)ready();
}

bool event::is_set() const { return state<event_state>().set.load(std::memory_order_acquire) != 0; }

bool event::wait_until(const deadline& until, const stop_token* stop) const
{
    const auto& flag = state<event_state>().set;
    for (;;) {
        if (stop && stop->stop_requested())
            return false;
        if (is_set())
            return true;
        if (until.passed())
            return false;
        sync::sleep_on(flag, 0, until, stop, sync::deaths_so_far());
    }
}

int event::native_handle() const
{
    auto& shared = state<event_state>();
    if (shared.polled.exchange(1, std::memory_order_seq_cst) == 0 && shared.set.load(std::memory_order_seq_cst) != 0)
        os::set_event(*signal_);
    return signal_->get();
}

bool event::ready() const
{
    auto& shared = state<event_state>();
    if (shared.set.load(std::memory_order_seq_cst) != 0)
        return true;
    if (shared.polled.load(std::memory_order_seq_cst) == 0)
        return false;
    // Emptied, then looked again: whoever sets the flag after this look sets the descriptor after it was emptied.
    os::clear_event(*signal_);
    if (shared.set.load(std::memory_order_seq_cst) == 0)
        return false;
    os::set_event(*signal_);
    return true;
}

} // namespace ruche

namespace ruche::inspect {

portrait portrait_of_event(memory bytes)
{
    const auto* const event = as<event_state>(bytes);
    if (!event)
        return {};
    return {{{"set", event->set.load()}}, {}};
}

} // namespace ruche::inspect
