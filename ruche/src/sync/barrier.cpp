#include <ruche/barrier.hpp>

#include <ruche/error.hpp>

#include "inspect/portrait.hpp"
#include "sync/state.hpp"

#include <new>

namespace ruche {

namespace {

constexpr std::uint64_t kind = 0x6261'7272'0000'0001;
constexpr std::size_t most_processes = 256;
constexpr auto too_many = "a barrier for more than 256 processes";

// A process that takes part, or did. Entries are never used again: what they say is added up anew each time, so that a
// death under the lock can leave no sum wrong.
struct participant {
    std::uint64_t start = 0;
    std::uint32_t pid = 0;     ///< 0: the entry is free; written last
    std::uint32_t threads = 0; ///< the most that it has had in one round
    std::uint64_t round = 0;
    std::uint32_t arrived = 0; ///< in `round`
    std::uint32_t dropped = 0; ///< threads that take part no more
    std::uint32_t gone = 0;    ///< threads that were counted out with their process

    [[nodiscard]] std::uint32_t arrived_in(std::uint64_t now) const noexcept { return round == now ? arrived : 0; }

    /// Threads that are expected in this round and have not arrived.
    [[nodiscard]] std::uint32_t missing_in(std::uint64_t now) const noexcept
    {
        const std::uint32_t here = arrived_in(now) + dropped + gone;
        return threads > here ? threads - here : 0;
    }
};

struct barrier_state {
    os::futex_word lock{0};
    os::futex_word turns{0}; ///< what sleepers sleep on: changes with each round and when it breaks
    std::atomic<std::uint32_t> broken{0};
    std::uint32_t breaks_on_death = 0;
    std::uint64_t members = 0; ///< at first; constant
    std::uint64_t round = 0;   ///< the rest under `lock`
    participant all[most_processes]{};

    participant* entry_of(const os::process_identity& who) noexcept
    {
        for (participant& one : all) {
            if (one.pid == who.pid && one.start == who.start)
                return &one;
            if (one.pid == 0) {
                one = {};
                one.start = who.start;
                one.pid = who.pid;
                return &one;
            }
        }
        return nullptr;
    }

    // Those who are gone and had not arrived in this round. What they had done in earlier rounds is done.
    void count_out_the_dead() noexcept
    {
        for (participant& one : all) {
            const std::uint32_t missing = one.pid != 0 ? one.missing_in(round) : 0;
            if (missing == 0 || os::process_identity{one.pid, one.start}.is_alive())
                continue;
            if (breaks_on_death != 0)
                broken.store(1, std::memory_order_release);
            else
                one.gone += missing;
        }
    }

    // Whether the round is over, which begins the next one.
    bool finish_if_all_are_here() noexcept
    {
        std::uint64_t here = 0;
        std::uint64_t left_for_good = 0;
        for (const participant& one : all) {
            here += one.pid != 0 ? one.arrived_in(round) : 0;
            left_for_good += one.dropped + one.gone;
        }
        if (here == 0 || here + left_for_good < members)
            return false;
        ++round;
        return true;
    }
};

} // namespace

barrier::barrier(std::size_t expected, on_death policy) :
    block_handle(detail::make_block(sizeof(barrier_state), kind, "ruche-barrier"))
{
    auto* fresh = new (&state<barrier_state>()) barrier_state;
    fresh->members = expected;
    fresh->breaks_on_death = policy == on_death::breaks;
}

barrier::barrier(detail::received_block received) : block_handle(detail::open_block(std::move(received.memory), kind))
{}

namespace {

void wake_all(barrier_state& shared) noexcept
{
    shared.turns.fetch_add(1, std::memory_order_release);
    os::futex_wake_all(shared.turns);
}

/// Signs in. Returns the round that was joined, and whether it is over with that.
std::pair<std::uint64_t, bool> arrive(barrier_state& shared)
{
    const sync::short_lock held(shared.lock);
    if (shared.broken.load(std::memory_order_acquire) != 0)
        throw broken_barrier();
    const std::uint64_t round = shared.round;
    participant* const mine = shared.entry_of(os::process_identity::current());
    if (!mine)
        throw too_large(too_many);
    if (mine->round != round) {
        mine->arrived = 0;
        mine->round = round;
    }
    ++mine->arrived;
    mine->threads = std::max(mine->threads, mine->arrived);
    return {round, shared.finish_if_all_are_here()};
}

} // namespace

bool barrier::wait_until(const deadline& until, const stop_token* stop)
{
    auto& shared = state<barrier_state>();
    const auto [round, over] = arrive(shared);
    if (over) {
        wake_all(shared);
        return true;
    }
    for (;;) {
        const std::uint32_t deaths = sync::deaths_so_far();
        const std::uint32_t turn = shared.turns.load(std::memory_order_acquire);
        bool finished = false;
        {
            const sync::short_lock held(shared.lock);
            if (shared.round != round)
                return true;
            shared.count_out_the_dead();
            finished = shared.finish_if_all_are_here();
        }
        if (finished || is_broken())
            wake_all(shared);
        if (finished)
            return true;
        if (is_broken())
            throw broken_barrier();
        if ((stop && stop->stop_requested()) || until.passed()) {
            break_it();
            return false;
        }
        sync::sleep_on(shared.turns, turn, until, stop, deaths);
    }
}

void barrier::arrive_and_drop()
{
    auto& shared = state<barrier_state>();
    bool finished = false;
    {
        const sync::short_lock held(shared.lock);
        participant* const mine = shared.entry_of(os::process_identity::current());
        if (!mine)
            throw too_large(too_many);
        ++mine->dropped;
        finished = shared.finish_if_all_are_here();
    }
    if (finished)
        wake_all(shared);
}

void barrier::break_it()
{
    auto& shared = state<barrier_state>();
    shared.broken.store(1, std::memory_order_release);
    wake_all(shared);
}

bool barrier::is_broken() const { return state<barrier_state>().broken.load(std::memory_order_acquire) != 0; }

} // namespace ruche

namespace ruche::inspect {

portrait portrait_of_barrier(memory bytes)
{
    const auto* const barrier = as<barrier_state>(bytes);
    portrait seen;
    if (!barrier)
        return seen;
    std::uint64_t arrived = 0;
    for (const participant& one : barrier->all)
        arrived += one.pid != 0 ? one.arrived_in(barrier->round) : 0;
    seen.facts = {{"expected", barrier->members},
                  {"arrived", arrived},
                  {"round", barrier->round},
                  {"broken", barrier->broken.load()}};
    return seen;
}

} // namespace ruche::inspect
