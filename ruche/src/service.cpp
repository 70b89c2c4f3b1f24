#include "service.hpp"

#include "describe.hpp"
#include "orderly_end.hpp"
#include "os/event.hpp"
#include "os/family.hpp"
#include "os/poll.hpp"
#include "os/signals.hpp"
#include "os/stop_signals.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <semaphore>
#include <utility>

namespace ruche {

namespace {

constexpr service::ticket wake_up = 1;
constexpr service::ticket stop_notice = 2;

struct owned_service {
    std::atomic<service*> one{nullptr};
    std::atomic<int> process{0}; ///< whose thread it is: a copy made by fork has the object, but not the thread
};

owned_service& the_service()
{
    static owned_service one; // of the process
    return one;
}

template <class Job>
void run_and_tell(const Job& job) noexcept
{
    try {
        job();
    } catch (...) {
        os::say("ruche: a callback threw: " + describe_exception(std::current_exception()) + "\n");
    }
}

} // namespace

service& service::instance()
{
    auto& owned = the_service();
    if (auto* running = owned.one.load(std::memory_order_acquire);
        running && owned.process.load(std::memory_order_relaxed) == os::current_process_id())
        return *running;
    static std::atomic_flag starting; // no mutex: one that was held when a copy was forked would stay so in the copy
    while (starting.test_and_set(std::memory_order_acquire))
        std::this_thread::yield();
    if (!owned.one.load(std::memory_order_acquire) ||
        owned.process.load(std::memory_order_relaxed) != os::current_process_id()) {
        // Never destroyed: static objects may use it as they go. What a parent's copy has is left as it is.
        auto* const made = new service;
        owned.process.store(os::current_process_id(), std::memory_order_relaxed);
        owned.one.store(made, std::memory_order_release);
    }
    starting.clear(std::memory_order_release);
    return *owned.one.load(std::memory_order_acquire);
}

void service::nudge()
{
    if (the_service().one.load(std::memory_order_acquire))
        instance().wake();
}

service::service() : wake_(os::make_event())
{
    last_ticket_ = stop_notice;
    set_.add(wake_.get(), wake_up);
    const os::blocked_signals none; // the thread inherits them
    std::binary_semaphore running(0);
    std::thread thread([this, &running] {
        thread_id_ = std::this_thread::get_id();
        running.release();
        run();
    });
    running.acquire();
    thread.detach(); // it ends with the process
}

void service::wake() noexcept { os::set_event(wake_); }

void service::post(std::function<void()> job)
{
    const std::scoped_lock lock(mutex_);
    posted_.push_back(std::move(job));
    if (!std::exchange(woken_, true) && !is_here())
        wake();
}

service::ticket service::at(const deadline& moment, std::function<void()> job)
{
    const std::scoped_lock lock(mutex_);
    const ticket which = ++last_ticket_;
    const bool first = appointments_.empty() || moment < appointments_.begin()->first.first;
    appointments_.emplace(std::pair(moment, which), std::move(job));
    if (first && !is_here())
        wake();
    return which;
}

service::ticket service::watch(int descriptor, std::function<void()> ready)
{
    const std::scoped_lock lock(mutex_);
    const ticket which = ++last_ticket_;
    set_.add(descriptor, which);
    watches_.emplace(which, watched{descriptor, std::make_shared<std::function<void()>>(std::move(ready))});
    return which;
}

void service::set_heeded(ticket which, bool heeded)
{
    const std::scoped_lock lock(mutex_);
    if (const auto found = watches_.find(which); found != watches_.end())
        set_.set_heeded(found->second.descriptor, which, heeded);
}

void service::forget(ticket which)
{
    std::unique_lock lock(mutex_);
    if (const auto found = watches_.find(which); found != watches_.end()) {
        set_.remove(found->second.descriptor);
        watches_.erase(found);
    }
    std::erase_if(appointments_, [&](const auto& one) { return one.first.second == which; });
    if (!is_here())
        ended_.wait(lock, [&] { return running_ != which; });
}

void service::run()
{
    std::array<std::uint64_t, 64> keys;
    for (;;) {
        look_for_stop_signals();
        const auto ready = set_.wait(keys, next_step());
        take_steps(ready);
        for (const ticket which : ready)
            if (which == wake_up)
                os::clear_event(wake_);
            else if (which != stop_notice)
                run_watch(which);
        run_posted();
        run_due();
    }
}

// Once the program is told to stop, whoever waits takes the steps that are due; where all wait for futures, this
// thread.
void service::look_for_stop_signals()
{
    if (stop_notice_ >= 0 || os::stop_signal_notice() < 0)
        return;
    stop_notice_ = os::stop_signal_notice();
    set_.add(stop_notice_, stop_notice);
}

void service::take_steps(std::span<const std::uint64_t> ready)
{
    if (!stop_signal_came_ && std::find(ready.begin(), ready.end(), stop_notice) != ready.end()) {
        stop_signal_came_ = true;
        set_.set_heeded(stop_notice_, stop_notice, false);
    }
    if (stop_signal_came_)
        orderly_end::take_due_steps();
}

deadline service::next_step()
{
    deadline next;
    if (stop_signal_came_)
        next = orderly_end::next_step_of_all();
    const std::scoped_lock lock(mutex_);
    if (!posted_.empty())
        return deadline(std::chrono::nanoseconds(0));
    if (!appointments_.empty())
        next = std::min(next, appointments_.begin()->first.first);
    return next;
}

void service::run_posted()
{
    std::vector<std::function<void()>> jobs;
    {
        const std::scoped_lock lock(mutex_);
        jobs.swap(posted_);
        woken_ = false;
    }
    for (auto& job : jobs) {
        run_and_tell(job);
        job = nullptr; // what it holds must not live longer than it
    }
}

void service::run_watch(ticket which)
{
    std::unique_lock lock(mutex_);
    const auto found = watches_.find(which);
    if (found == watches_.end())
        return;
    const auto ready = found->second.ready;
    run_as(which, lock, *ready);
}

void service::run_due()
{
    std::unique_lock lock(mutex_);
    while (!appointments_.empty() && appointments_.begin()->first.first.passed()) {
        const auto due = appointments_.extract(appointments_.begin());
        run_as(due.key().second, lock, due.mapped());
    }
}

template <class Job>
void service::run_as(ticket which, std::unique_lock<std::mutex>& lock, const Job& job)
{
    running_ = which;
    lock.unlock();
    run_and_tell(job);
    lock.lock();
    running_ = 0;
    ended_.notify_all();
}

} // namespace ruche
