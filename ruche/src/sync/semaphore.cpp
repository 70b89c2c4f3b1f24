#include <ruche/semaphore.hpp>

#include "inspect/portrait.hpp"
#include "sync/state.hpp"

#include <new>

namespace ruche {

namespace {

constexpr std::uint64_t kind = 0x7365'6d61'0000'0001;

// What is free follows from the table, so that a death has nothing to give back: the dead are struck out.
struct semaphore_state {
    os::futex_word lock{0};
    os::doorbell released;
    std::uint64_t permits = 0;       ///< in all, whoever holds them; under `lock`
    sync::holder_table<256> holders; ///< under `lock`

    [[nodiscard]] std::uint64_t available() const noexcept
    {
        const std::uint64_t held = holders.total();
        return held < permits ? permits - held : 0;
    }

    bool take_one() noexcept
    {
        const sync::short_lock held(lock);
        if (available() == 0 && !(holders.forget_the_dead() && available() > 0))
            return false;
        const auto me = os::process_identity::current();
        sync::holder_entry* mine = holders.entry_of(me);
        if (!mine && holders.forget_the_dead()) // the table may be full of them
            mine = holders.entry_of(me);
        if (mine)
            ++mine->count;
        return mine != nullptr;
    }
};

} // namespace

counting_semaphore::counting_semaphore(std::size_t permits) :
    block_handle(detail::make_block(sizeof(semaphore_state), kind, "ruche-semaphore"))
{
    (new (&state<semaphore_state>()) semaphore_state)->permits = permits;
}

counting_semaphore::counting_semaphore(detail::received_block received) :
    block_handle(detail::open_block(std::move(received.memory), kind))
{}

bool counting_semaphore::try_acquire() { return state<semaphore_state>().take_one(); }

bool counting_semaphore::acquire_until(const deadline& until, const stop_token* stop)
{
    auto& semaphore = state<semaphore_state>();
    for (;;) {
        if (stop && stop->stop_requested())
            return false;
        const std::uint32_t deaths = sync::deaths_so_far();
        if (semaphore.take_one())
            return true;
        if (until.passed())
            return false;
        semaphore.released.arm();
        if (semaphore.take_one())
            return true;
        sync::sleep_on(*semaphore.released.watch().word, os::doorbell::armed, until, stop, deaths);
    }
}

void counting_semaphore::release(std::size_t permits)
{
    auto& semaphore = state<semaphore_state>();
    {
        const sync::short_lock lock(semaphore.lock);
        sync::holder_entry* const mine = semaphore.holders.entry_of(os::process_identity::current());
        const std::uint32_t held = mine ? mine->count : 0;
        if (permits <= held) {
            mine->count = held - static_cast<std::uint32_t>(permits);
        } else {
            // In this order: dead in between, this process gives back what it held by its death.
            semaphore.permits += permits - held;
            if (held != 0)
                mine->count = 0;
        }
    }
    semaphore.released.ring_all();
}

std::size_t counting_semaphore::available() const
{
    auto& semaphore = state<semaphore_state>();
    const sync::short_lock lock(semaphore.lock);
    semaphore.holders.forget_the_dead();
    return semaphore.available();
}

} // namespace ruche

namespace ruche::inspect {

portrait portrait_of_semaphore(memory bytes)
{
    const auto* const semaphore = as<semaphore_state>(bytes);
    if (!semaphore)
        return {};
    portrait seen{{{"permits", semaphore->permits}, {"available", semaphore->available()}}, {}};
    for (const auto& one : semaphore->holders.entries)
        if (one.count != 0)
            seen.holders.push_back({static_cast<int>(one.pid), 0, "has permits", one.count});
    return seen;
}

} // namespace ruche::inspect
