#pragma once

#include "os/readiness.hpp"

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace ruche {

/// The one thread that ruche starts in a process, when it is first needed: it runs callbacks, watches descriptors, and
/// keeps time. All signals are blocked in it. What a job throws is told on standard error, and the next job runs.
///
/// There is one in a process, as the process has one set of children; a copy made by fork starts its own.
class service {
public:
    using ticket = std::uint64_t;

    [[nodiscard]] static service& instance();
    /// Has the thread look at the world again, if there is one: a signal may be handled from now on.
    static void nudge();

    /// Runs `job` soon, after those that were posted before.
    void post(std::function<void()> job);
    /// Runs `job` at that moment.
    ticket at(const deadline& moment, std::function<void()> job);

    /// Runs `ready` whenever the descriptor is readable. Throws: `os_error`.
    ticket watch(int descriptor, std::function<void()> ready);
    void set_heeded(ticket which, bool heeded);

    /// Ends a watch or an appointment; when this returns its function doesn't run, unless the caller is that function.
    void forget(ticket which);

    /// Whether the calling thread is this one.
    [[nodiscard]] bool is_here() const noexcept { return std::this_thread::get_id() == thread_id_; }

private:
    service();
    void run();
    void look_for_stop_signals();
    [[nodiscard]] deadline next_step();
    void take_steps(std::span<const std::uint64_t> ready);
    void run_due();
    void run_posted();
    void run_watch(ticket which);
    template <class Job>
    void run_as(ticket which, std::unique_lock<std::mutex>& lock, const Job& job);
    void wake() noexcept;

    struct watched {
        int descriptor = -1;
        std::shared_ptr<std::function<void()>> ready;
    };

    os::readiness_set set_;
    fd wake_;
    std::thread::id thread_id_;     ///< constant once the constructor has returned
    int stop_notice_ = -1;          ///< the thread's own
    bool stop_signal_came_ = false; ///< the thread's own
    std::mutex mutex_;              ///< guards what follows
    std::condition_variable ended_; ///< a job that `forget` waits for
    ticket last_ticket_ = 1;        ///< 1 is the wake-up
    ticket running_ = 0;            ///< whose function runs now
    bool woken_ = false;            ///< there is a wake-up on its way
    std::vector<std::function<void()>> posted_;
    std::unordered_map<ticket, watched> watches_;
    std::map<std::pair<deadline, ticket>, std::function<void()>> appointments_;
};

} // namespace ruche
