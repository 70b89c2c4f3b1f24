#pragma once

#include "death_bell.hpp"
#include "heart.hpp"
#include "mutation.hpp"
#include "os/processors.hpp"
#include "os/robust_lock.hpp"
#include "os/wait_note.hpp"

#include <ruche/detail/queue_core.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace ruche::detail {

/// How long it pays to look again before sleeping. Learns from each wait; shared by the threads of a process, which
/// need no order between them: a lost update is a slightly worse guess.
class spin_budget {
public:
    /// `position` is how far the caller's side of the ring has come.
    template <class Ready>
    bool spin(std::uint64_t position, Ready ready) noexcept
    {
        const bool dense = position - position_.exchange(position, std::memory_order_relaxed) > dense_bytes;
        if (!os::others_can_run_meanwhile())
            return false;
        const std::chrono::nanoseconds budget(budget_.load(std::memory_order_relaxed));
        const auto begin = clock::now();
        while (dense && clock::now() - begin < pause_in_a_dense_stream)
            os::relax();
        do {
            for (int round = 0; round < looks_between_times; ++round) {
                os::relax();
                if (ready()) {
                    learn(std::min(budget * 2, most));
                    return true;
                }
            }
        } while (clock::now() - begin < budget);
        learn(std::max(budget - budget / 4, least));
        return false;
    }

private:
    using clock = std::chrono::steady_clock;
    static constexpr int looks_between_times = 16;
    static constexpr std::chrono::nanoseconds least{500};
    static constexpr std::chrono::nanoseconds most{20'000}; // a few times what a sleep and a wake-up cost

    // Every look takes a line of memory from the processor that fills (or empties) the ring, which then waits for it.
    // So where items come without a break, that one is left alone for the time of some dozens.
    static constexpr std::uint64_t dense_bytes = 512;
    static constexpr std::chrono::nanoseconds pause_in_a_dense_stream{1500};

    void learn(std::chrono::nanoseconds budget) noexcept
    {
        budget_.store(static_cast<std::int32_t>(budget.count()), std::memory_order_relaxed);
    }

    std::atomic<std::int32_t> budget_{most.count()};
    std::atomic<std::uint64_t> position_{0};
};

/// One wait on a doorbell, for as long as its bounds allow.
///
/// A sleeper wakes when the bell rings, a stop is requested, a death is reported; and by itself once a second, or ten
/// times a second where nobody reports deaths: the bell of a ringer that died is rung by the kernel, save in the few
/// instructions between its commit and its announcement.
class waiter {
public:
    waiter(os::doorbell& bell, const wait_bounds& bounds, spin_budget& spin) noexcept :
        bell_(bell), bounds_(bounds), spin_(spin)
    {}
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    /// If it leaves without what it waited for, the news that may have been meant for it goes to the next.
    ~waiter()
    {
        if (!armed_)
            return;
        os::doorbell::retract();
        if (!served_)
            bell_.ring();
    }

    /// Waits a while, or until `ready`; the caller looks again. `position`: see `spin_budget`. Returns false at once
    /// when the wait is over.
    template <class Ready>
    bool wait(std::uint64_t position, Ready ready) noexcept
    {
        if (over())
            return false;
        if (!spin(position, ready))
            sleep(ready);
        return true;
    }

    /// The two parts of it, for who has something to do between. `fence` is called between the arming of the bell and
    /// the last look: a full barrier is there anyway.
    template <class Ready>
    bool spin(std::uint64_t position, Ready ready) noexcept
    {
        return spin_.spin(position, ready);
    }
    template <class Ready>
    void sleep(Ready ready) noexcept
    {
        sleep(ready, [] {});
    }
    template <class Ready, class Fence>
    void sleep(Ready ready, Fence fence) noexcept
    {
        os::look_at_processors();
        const os::futex_word* const deaths = death_bell();
        const std::uint32_t seen = deaths ? deaths->load(std::memory_order_acquire) : 0;
        armed_ = true;
        bell_.announce(); // whoever is woken and dies before it acts passes the wake on
        bell_.arm();
        fence();
        if (!broken(mutation::a_sleeper_does_not_look_again) && ready())
            return;
        const os::futex_word* const stop = bounds_.stop ? bounds_.stop->native_handle() : nullptr;
        const std::array watches{bell_.watch(), os::futex_watch{stop, 0}, os::futex_watch{deaths, seen}};
        const os::wait_note note(bell_.watch().word);
        os::futex_wait_any(watches, deadline(std::min(bounds_.until.left(), beat_and_wait(longest_sleep()))));
    }

    /// Whether the wait is over without what it waited for.
    [[nodiscard]] bool over() const noexcept { return bounds_.stopped() || bounds_.until.passed(); }
    [[nodiscard]] wait_end end() const noexcept { return bounds_.stopped() ? wait_end::stopped : wait_end::expired; }

    /// Whether it has asked for wake-ups, and may have had one.
    [[nodiscard]] bool armed() const noexcept { return armed_; }

    /// Notes that it got what it waited for. Returns whether it had asked for wake-ups.
    bool served() noexcept
    {
        served_ = true;
        return armed_;
    }

private:
    os::doorbell& bell_;
    const wait_bounds& bounds_;
    spin_budget& spin_;
    bool armed_ = false;
    bool served_ = false;
};

} // namespace ruche::detail
