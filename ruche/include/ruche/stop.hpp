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
/// Tokens and sources can be sent, as arguments, members and items of a queue (`std::logic_error` only for those of
/// `process::get_stop_source` and of words of one's own).
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

/// From now on Ctrl+C (SIGINT) and SIGTERM request an orderly stop of the whole family, instead of ending the program.
/// Called in the program's first process, before its threads wait; calling it again gives the same token.
///
///     int main()
///     {
///         const ruche::stop_token stop = ruche::stop_on_signals();
///         {
///             ruche::process reader(read_news, news);
///             while (auto item = news.pop(stop))
///                 …
///         }                                          // the reader was asked by the signal, and is joined here
///         ruche::end_as_signalled();                 // so that a shell sees why
///     }
///
/// What the signal does: the returned token is stopped, and so is that of every `process` this program holds; each
/// passes it on to its own when their handles go. From the moment of the signal every process has its `grace`, whether
/// it takes a token or not; whoever then waits for it, in `join` or in the destructor, sends it SIGTERM, and a second
/// later SIGKILL. As all count from the same moment, a program that holds many is gone in the longest grace and a
/// second, not in their sum. A process that is started later is asked at once, and has what is left of that time.
/// The second signal has its usual effect at once. (The same one again within 50 ms counts as the first: timeout(1), for
/// one, signals a program and then the group it is in.)
///
/// What is seen: the program's processes ignore Ctrl+C of themselves, so the program alone decides and says its one
/// last word. What had to be ended says nothing; of the errors nobody looked at, the first is printed.
///
/// SIGINT and SIGTERM are the only signals that are touched, and not where they were ignored when this was called (as
/// `nohup` and the shell's `&` arrange). SIGCHLD and all other handlers stay the host's. In a process that ruche
/// started this gives that process's own token and touches nothing.
[[nodiscard]] stop_token stop_on_signals();

/// The signal that requested that stop, if one has come.
[[nodiscard]] std::optional<int> stop_signal() noexcept;

/// What `main` may return: 128 plus the number of the signal that requested the stop, which is how shells show it; or
/// `otherwise`, if none has come.
[[nodiscard]] int exit_code(int otherwise = 0) noexcept;

/// Ends the program as the signal that requested the stop would have ended it, so that whoever waits for it (a shell
/// that runs a loop, a service manager) sees the signal; with `exit(otherwise)`, if none has come. After a signal the
/// standard streams are flushed and nothing else is done: let the handles of processes go before.
[[noreturn]] void end_as_signalled(int otherwise = 0);

} // namespace ruche
