#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace ruche {

/// Asks to stop, and hears of it: as `std::stop_source` and `std::stop_token`, between processes.
///
///     void worker(ruche::stop_token stop, ruche::queue<job> jobs)
///     {
///         while (auto job = jobs.pop(stop))         // empty once a stop is requested
///             …
///     }
///
/// A process whose function takes a `stop_token` first gets its own from the `process` that started it. Every wait of
/// ruche takes a token and ends when the stop is requested; a stop wins over items that wait.
///
/// Across processes: one word of shared memory; a request is seen at once by every process that holds a token.
/// Thread safety: all members may be called from any thread, and `stop_requested` from a signal handler.
class stop_token {
public:
    /// A token that never stops.
    stop_token() noexcept = default;

    [[nodiscard]] bool stop_requested() const noexcept { return word_ && word_->load(std::memory_order_acquire) != 0; }
    [[nodiscard]] bool stop_possible() const noexcept { return word_ != nullptr; }

    /// The word that is 0 until a stop is requested; what waits sleep on. Null if no stop is possible.
    [[nodiscard]] const std::atomic<std::uint32_t>* native_handle() const noexcept { return word_.get(); }

    friend bool operator==(const stop_token& a, const stop_token& b) noexcept { return a.word_ == b.word_; }

private:
    friend class stop_source;
    explicit stop_token(std::shared_ptr<const std::atomic<std::uint32_t>> word) noexcept : word_(std::move(word)) {}

    std::shared_ptr<const std::atomic<std::uint32_t>> word_;
};

/// What requests the stop. Copies are handles on one state.
class stop_source {
public:
    stop_source();

    /// Uses a word that lives elsewhere (in memory shared with a child, say), kept alive by the pointer.
    explicit stop_source(std::shared_ptr<std::atomic<std::uint32_t>> word) noexcept : word_(std::move(word)) {}

    /// Requests the stop and wakes whoever waits with a token. Returns whether this call was the first.
    bool request_stop() noexcept;

    [[nodiscard]] bool stop_requested() const noexcept { return word_ && word_->load(std::memory_order_acquire) != 0; }
    [[nodiscard]] stop_token get_token() const noexcept { return stop_token(word_); }

    friend bool operator==(const stop_source& a, const stop_source& b) noexcept { return a.word_ == b.word_; }

private:
    std::shared_ptr<std::atomic<std::uint32_t>> word_;
};

/// From now on Ctrl+C (SIGINT) and SIGTERM request a stop on the returned token, instead of ending the program. The
/// second signal has its usual effect at once. Called in the program's first process, before its threads wait; calling
/// it again gives the same token.
///
///     const ruche::stop_token stop = ruche::stop_on_signals();
///     while (auto item = news.pop(stop))
///         …
///
/// The program's processes ignore Ctrl+C of themselves, so the program alone decides, and says its one last word.
[[nodiscard]] stop_token stop_on_signals();

/// The signal that requested that stop, if one has come.
[[nodiscard]] std::optional<int> stop_signal() noexcept;

} // namespace ruche
