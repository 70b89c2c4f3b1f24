#include <ruche/event.hpp>

#include "sync/state.hpp"

namespace ruche {

namespace {

constexpr std::uint64_t kind = 0x6576'656e'7400'0001;

struct event_state {
    os::futex_word set{0};
};

} // namespace

event::event() : block_handle(detail::make_block(sizeof(event_state), kind, "ruche-event")) {}
event::event(detail::received_block received) : block_handle(detail::open_block(std::move(received.memory), kind)) {}

void event::set()
{
    auto& flag = state<event_state>().set;
    if (flag.exchange(1, std::memory_order_acq_rel) == 0)
        os::futex_wake_all(flag);
}

void event::clear() { state<event_state>().set.store(0, std::memory_order_release); }
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

} // namespace ruche
