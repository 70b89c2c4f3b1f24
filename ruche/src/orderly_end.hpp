#pragma once

#include "os/stop_signals.hpp"

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>

#include <chrono>

namespace ruche {

/// How long after SIGTERM a process that had its grace is killed.
inline constexpr auto after_terminate = std::chrono::seconds(1);

/// What becomes of one running process once a signal has asked the program to stop: it is asked at once (by the signal
/// handler), told with SIGTERM when its grace has passed since the signal, and killed a second later.
///
/// The steps of all processes are taken by whoever waits for any of them, so that the last handle to be destroyed finds
/// its process ended, not still to be asked. Thread safety: all members.
class orderly_end {
public:
    /// `stop` is the process's stop word, `process` its pidfd; both must outlive this object.
    orderly_end(std::atomic<std::uint32_t>& stop, const fd& process, std::chrono::nanoseconds grace);
    orderly_end(const orderly_end&) = delete;
    orderly_end& operator=(const orderly_end&) = delete;
    ~orderly_end();

    /// Whether it was told to end, or made to.
    [[nodiscard]] bool insisted() const noexcept { return steps_taken_.load(std::memory_order_relaxed) > 0; }

    /// Waits until `line` is readable or `until` has passed, and takes the steps that become due meanwhile.
    static void wait(int line, const deadline& until);

    /// When the next step of any of them is due, and the taking of those that are; once a signal has come.
    [[nodiscard]] static deadline next_step_of_all();
    static void take_due_steps();

private:
    [[nodiscard]] deadline next_step() const;
    void take_step();

    os::word_set_on_stop asked_;
    const fd& process_;
    std::chrono::nanoseconds grace_;
    int owner_;                       ///< the process that started it; in a copy made by fork(2) it is not to be ended
    std::atomic<int> steps_taken_{0}; ///< 1: told, 2: killed; changed under the lock of the list of all
};

} // namespace ruche
