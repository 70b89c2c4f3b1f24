#include "orderly_end.hpp"

#include "os/family.hpp"
#include "os/poll.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <mutex>
#include <unordered_set>

namespace ruche {

namespace {

/// The running processes of this program. There is one list, as there is one set of signals.
struct running_processes {
    std::mutex mutex;
    std::unordered_set<orderly_end*> all; ///< guarded by mutex
};

running_processes& running()
{
    static auto* one = new running_processes; // never destroyed: static objects may hold processes
    return *one;
}

} // namespace

orderly_end::orderly_end(std::atomic<std::uint32_t>& stop, const fd& process, std::chrono::nanoseconds grace) :
    asked_(stop), process_(process), grace_(grace), owner_(os::current_process_id())
{
    const std::scoped_lock lock(running().mutex);
    running().all.insert(this);
}

orderly_end::~orderly_end()
{
    const std::scoped_lock lock(running().mutex);
    running().all.erase(this);
}

deadline orderly_end::next_step() const
{
    const int taken = steps_taken_.load(std::memory_order_relaxed);
    if (taken == 2 || !process_ || owner_ != os::current_process_id())
        return deadline::never();
    const auto signalled = os::stop_signal_moment();
    if (grace_ > deadline::clock::time_point::max() - signalled - after_terminate)
        return deadline::never();
    const auto told_at = signalled + grace_;
    return deadline(taken == 0 ? told_at : told_at + after_terminate);
}

void orderly_end::take_step()
{
    os::send_signal(process_, steps_taken_.fetch_add(1, std::memory_order_relaxed) == 0 ? SIGTERM : SIGKILL);
}

deadline orderly_end::next_step_of_all()
{
    const std::scoped_lock lock(running().mutex);
    deadline first;
    for (const auto* one : running().all)
        first = std::min(first, one->next_step());
    return first;
}

void orderly_end::take_due_steps()
{
    const std::scoped_lock lock(running().mutex);
    for (auto* one : running().all)
        if (one->next_step().passed())
            one->take_step();
}

void orderly_end::wait(int line, const deadline& until)
{
    const int notice = os::stop_signal_notice();
    if (notice < 0)
        return; // there is only the line to wait for, and reading it waits too
    for (;;) {
        const bool signalled = os::first_stop_signal() != 0;
        const deadline step = signalled ? next_step_of_all() : deadline::never();
        const auto ready = os::poll_readable(std::array{line, signalled ? -1 : notice}, std::min(until, step));
        if (ready[0] || until.passed())
            return;
        if (step.passed())
            take_due_steps();
    }
}

} // namespace ruche
