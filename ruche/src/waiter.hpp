#pragma once

#include "death_bell.hpp"
#include "mutation.hpp"
#include "os/robust_lock.hpp"
#include "os/wait_note.hpp"

#include <ruche/detail/queue_core.hpp>

#include <algorithm>
#include <array>

namespace ruche::detail {

/// How often it pays to look again before sleeping. Learns from each wait; shared by the threads of a process, which
/// need no order between them: a lost update is a slightly worse guess.
class spin_budget {
public:
    template <class Ready>
    bool spin(Ready ready) noexcept
    {
        if (os::usable_processors() < 2)
            return false;
        const int budget = budget_.load(std::memory_order_relaxed);
        for (int round = 0; round < budget; ++round) {
            if (ready()) {
                budget_.store(std::min(budget + budget / 4 + 4, most), std::memory_order_relaxed);
                return true;
            }
            os::relax();
        }
        budget_.store(std::max(budget - budget / 4, least), std::memory_order_relaxed);
        return false;
    }

private:
    static constexpr int least = 4;
    static constexpr int most = 200; // a few microseconds, about what a sleep and a wake-up cost

    std::atomic<int> budget_{50};
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

    /// Waits a while, or until `ready`; the caller looks again. Returns false at once when the wait is over.
    template <class Ready>
    bool wait(Ready ready) noexcept
    {
        if (over())
            return false;
        if (!spin_.spin(ready))
            sleep(ready);
        return true;
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
    template <class Ready>
    void sleep(Ready ready) noexcept
    {
        const os::futex_word* const deaths = death_bell();
        const std::uint32_t seen = deaths ? deaths->load(std::memory_order_acquire) : 0;
        armed_ = true;
        bell_.announce(); // whoever is woken and dies before it acts passes the wake on
        bell_.arm();
        if (!broken(mutation::a_sleeper_does_not_look_again) && ready())
            return;
        const os::futex_word* const stop = bounds_.stop ? bounds_.stop->native_handle() : nullptr;
        const std::array watches{bell_.watch(), os::futex_watch{stop, 0}, os::futex_watch{deaths, seen}};
        const os::wait_note note(bell_.watch().word);
        os::futex_wait_any(watches, deadline(std::min(bounds_.until.left(), longest_sleep())));
    }

    os::doorbell& bell_;
    const wait_bounds& bounds_;
    spin_budget& spin_;
    bool armed_ = false;
    bool served_ = false;
};

} // namespace ruche::detail
