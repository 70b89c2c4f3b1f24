#include <ruche/condition_variable.hpp>

#include "sync/state.hpp"

namespace ruche {

namespace {

constexpr std::uint64_t kind = 0x636f'6e64'0000'0001;

struct condition_state {
    os::futex_word notifications{0};
    os::futex_word sleepers{0}; ///< how many may sleep; the dead stay counted, which costs a system call, not a wake-up
};

} // namespace

condition_variable::condition_variable() :
    block_handle(detail::make_block(sizeof(condition_state), kind, "ruche-condition"))
{}

condition_variable::condition_variable(detail::received_block received) :
    block_handle(detail::open_block(std::move(received.memory), kind))
{}

void condition_variable::notify_one()
{
    auto& condition = state<condition_state>();
    condition.notifications.fetch_add(1, std::memory_order_seq_cst);
    if (condition.sleepers.load(std::memory_order_seq_cst) != 0)
        os::futex_wake(condition.notifications);
}

void condition_variable::notify_all()
{
    auto& condition = state<condition_state>();
    condition.notifications.fetch_add(1, std::memory_order_seq_cst);
    if (condition.sleepers.load(std::memory_order_seq_cst) != 0)
        os::futex_wake_all(condition.notifications);
}

std::uint32_t condition_variable::ticket() const
{
    auto& condition = state<condition_state>();
    condition.sleepers.fetch_add(1, std::memory_order_seq_cst);
    return condition.notifications.load(std::memory_order_seq_cst);
}

void condition_variable::sleep(std::uint32_t ticket, const deadline& until, const stop_token* stop) const
{
    auto& condition = state<condition_state>();
    if (!stop || !stop->stop_requested())
        sync::sleep_on(condition.notifications, ticket, until, stop, sync::deaths_so_far());
    condition.sleepers.fetch_sub(1, std::memory_order_relaxed);
}

} // namespace ruche
