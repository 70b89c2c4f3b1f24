#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// SIGINT and SIGTERM as requests to stop (sigaction(2), eventfd(2)). There is one such arrangement in a process.
namespace ruche::os {

/// From now on the first SIGINT or SIGTERM sets `own` and every registered word to 1 and wakes their waiters; the
/// second has its usual effect at once. A signal that is ignored (as `nohup` and shells arrange) stays so. Throws:
/// `os_error`.
void handle_stop_signals(std::atomic<std::uint32_t>& own);

/// In a process that was forked from a program which did that: SIGTERM ends it again, and nothing has come.
void leave_stop_signals();

/// The word that `handle_stop_signals` was given; null before.
[[nodiscard]] const std::atomic<std::uint32_t>* stop_signal_word() noexcept;

/// The signal that came; 0 until then.
[[nodiscard]] int first_stop_signal() noexcept;

/// When it came.
[[nodiscard]] std::chrono::steady_clock::time_point stop_signal_moment() noexcept;

/// A descriptor that is readable once the signal has come; -1 where signals are not handled.
[[nodiscard]] int stop_signal_notice() noexcept;

/// A word that the signal sets, for as long as this object lives; at once, if it has already come. It belongs to the
/// process that made it: the signals of a copy made by fork(2) don't set it.
class [[nodiscard]] word_set_on_stop {
public:
    explicit word_set_on_stop(std::atomic<std::uint32_t>& word);
    word_set_on_stop(const word_set_on_stop&) = delete;
    word_set_on_stop& operator=(const word_set_on_stop&) = delete;
    ~word_set_on_stop();

private:
    std::size_t place_;
};

} // namespace ruche::os
