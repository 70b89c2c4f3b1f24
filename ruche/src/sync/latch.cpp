#include <ruche/latch.hpp>

#include <ruche/error.hpp>

#include "inspect/portrait.hpp"
#include "sync/state.hpp"

namespace ruche {

namespace {

constexpr std::uint64_t kind = 0x6c61'7463'6800'0001;

struct latch_state {
    os::futex_word left{0};
};

} // namespace

latch::latch(std::size_t count) : block_handle(detail::make_block(sizeof(latch_state), kind, "ruche-latch"))
{
    if (count > 0xFFFF'FFFF)
        throw too_large("a latch that counts from " + std::to_string(count));
    state<latch_state>().left.store(static_cast<std::uint32_t>(count), std::memory_order_release);
}

latch::latch(detail::received_block received) : block_handle(detail::open_block(std::move(received.memory), kind)) {}

void latch::count_down(std::size_t by)
{
    auto& left = state<latch_state>().left;
    std::uint32_t seen = left.load(std::memory_order_relaxed);
    std::uint32_t next = 0;
    do
        next = by < seen ? seen - static_cast<std::uint32_t>(by) : 0;
    while (!left.compare_exchange_weak(seen, next, std::memory_order_acq_rel));
    if (next == 0)
        os::futex_wake_all(left);
}

bool latch::try_wait() const { return state<latch_state>().left.load(std::memory_order_acquire) == 0; }

bool latch::wait_until(const deadline& until, const stop_token* stop) const
{
    const auto& word = state<latch_state>().left;
    for (;;) {
        if (stop && stop->stop_requested())
            return false;
        const std::uint32_t left = word.load(std::memory_order_acquire);
        if (left == 0)
            return true;
        if (until.passed())
            return false;
        sync::sleep_on(word, left, until, stop, sync::deaths_so_far());
    }
}

} // namespace ruche

namespace ruche::inspect {

portrait portrait_of_latch(memory bytes)
{
    const auto* const latch = as<latch_state>(bytes);
    if (!latch)
        return {};
    return {{{"left", latch->left.load()}}, {}};
}

} // namespace ruche::inspect
