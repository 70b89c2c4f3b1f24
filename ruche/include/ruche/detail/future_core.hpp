#pragma once

#include <ruche/detail/answer.hpp>
#include <ruche/detail/queue_core.hpp>
#include <ruche/error.hpp>
#include <ruche/wire.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// What a `future<T>` is made of but for its type. Not for use by programs.
namespace ruche::detail {

class future_core;

/// Who owes the answer of one or more futures. Every future is settled once: by its debtor, or by `cancel`.
class debtor {
public:
    virtual ~debtor() = default;

    /// Waits until `core` is settled or the bounds are reached, doing in the calling thread what brings that nearer.
    virtual void wait(future_core& core, const wait_bounds& bounds);
    /// From now on `core` has to be settled without anybody calling `wait`.
    virtual void watch(future_core& core);
    /// Sees to it that `core` is settled soon, as cancelled unless the answer comes first.
    virtual void cancel(future_core& core) = 0;
    /// The last handle has gone: nobody will look at the answer.
    virtual void drop(future_core& core) noexcept;
    /// For messages.
    [[nodiscard]] virtual std::string name() const { return "the task"; }
};

/// The state that a future's handle and its debtor share.
///
/// Invariants: the outcome is written once, by whoever has won `claim`, before `settled` is set; it is read by the
/// holder of the handle only, after that. Thread safety: all members but `drop` and those of the outcome.
class future_core : public std::enable_shared_from_this<future_core> {
public:
    explicit future_core(std::shared_ptr<debtor> from) noexcept : debtor_(std::move(from)) {}
    virtual ~future_core();
    future_core(const future_core&) = delete;
    future_core& operator=(const future_core&) = delete;

    [[nodiscard]] bool settled() const noexcept { return (word_.load(std::memory_order_acquire) & is_settled) != 0; }
    [[nodiscard]] std::string name() const { return debtor_->name(); }
    [[nodiscard]] debtor& owed_by() noexcept { return *debtor_; }

    /// Waits, with the debtor's help. Returns whether it is settled.
    bool wait(const wait_bounds& bounds);
    /// Waits until somebody else settles it.
    bool sleep(const wait_bounds& bounds);
    /// Runs `observer` in the thread that settles it, or at once; it must be quick, throw nothing, and take no lock
    /// that is held while a future is settled.
    void observe(std::function<void()> observer);
    /// Runs `job` on the service thread once it is settled.
    void then_on_service(std::function<void()> job);
    void cancel();
    void drop() noexcept;
    /// Another process will have the future: letting go of it here drops nothing.
    void send_away() noexcept { sent_away_ = true; }
    [[nodiscard]] bool sent_away() const noexcept { return sent_away_; }
    /// A descriptor that is readable once it is settled.
    [[nodiscard]] int pollable();

    // For debtors. Each returns whether it was the first.

    bool settle(std::exception_ptr error);
    bool settle_with_answer(answer&& value);
    /// `error` was written by `encode_thrown`.
    bool settle_with_told_error(answer&& error);
    [[nodiscard]] bool claim() noexcept
    {
        return (word_.fetch_or(is_claimed, std::memory_order_acq_rel) & is_claimed) == 0;
    }
    /// After a successful `claim`, and after the outcome was written.
    void publish() noexcept;
    /// For its debtor: which one it is. Written before anybody else has it.
    std::uint64_t mark = 0;
    /// Whether the handle has gone.
    [[nodiscard]] bool dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

    // For the holder of the handle, once it is settled.

    /// What it failed with, or null.
    [[nodiscard]] std::exception_ptr error();
    [[nodiscard]] bool error_seen() const noexcept { return error_seen_; }

protected:
    /// The answer, to be decoded; null if the value was made here.
    [[nodiscard]] answer* answered() noexcept { return std::get_if<answer>(&outcome_); }

private:
    struct told_error {
        answer encoded;
    };

    static constexpr std::uint32_t is_claimed = 1;
    static constexpr std::uint32_t is_settled = 2;
    static constexpr std::uint32_t is_observed = 4; ///< somebody has added an observer
    static constexpr std::uint32_t has_sleepers = 8;

    std::atomic<std::uint32_t> word_{0};
    std::atomic<bool> dropped_{false}; ///< a hint, it orders nothing
    bool error_seen_ = false;
    bool sent_away_ = false; ///< the holder's own
    std::variant<std::monostate, answer, told_error, std::exception_ptr> outcome_;
    std::shared_ptr<debtor> debtor_; ///< constant until `drop`
    std::mutex mutex_;               ///< guards what follows
    std::vector<std::function<void()>> observers_;
    std::shared_ptr<const fd> event_;
};

template <class T>
class future_state final : public future_core {
public:
    using future_core::future_core;

    /// The value. Throws what the future failed with; `bad_message` if the answer is no `T`.
    T take()
    {
        if (const auto failed = error())
            std::rethrow_exception(failed);
        if constexpr (std::is_void_v<T>) {
            return;
        } else {
            if (value_)
                return std::move(*value_);
            return decode_answer(*answered());
        }
    }

    template <class... Value>
    bool settle_with_value(Value&&... value)
    {
        if (!claim())
            return false;
        if constexpr (!std::is_void_v<T>)
            value_.emplace(std::forward<Value>(value)...);
        publish();
        return true;
    }

private:
    static T decode_answer(answer& from)
    {
        if constexpr (sendable<T>) {
            return from.decode<T>();
        } else {
            throw std::logic_error("a future of a type that can't be sent was answered from another process");
        }
    }

    struct nothing {};
    [[no_unique_address]] std::conditional_t<std::is_void_v<T>, nothing,
                                             std::optional<std::conditional_t<std::is_void_v<T>, nothing, T>>>
        value_;
};

/// The things of which several are waited for: the numbers of those that are settled, in that order.
class completions {
public:
    completions();
    ~completions();
    void add(std::size_t number);
    /// The next number; empty if the bounds were reached first.
    [[nodiscard]] std::optional<std::size_t> next(const wait_bounds& bounds);

private:
    struct state;
    std::unique_ptr<state> state_;
};
/// Has `core` add its number to `board` once it is settled.
void report_to(const std::shared_ptr<completions>& board, future_core& core, std::size_t number);

/// Runs `job` on the service thread.
void run_on_service(std::function<void()> job);

/// What a promise stands for.
class promise_debtor final : public debtor {
public:
    void cancel(future_core& core) override;
    [[nodiscard]] std::string name() const override { return "the promise"; }

    std::mutex mutex;
    std::function<void()> on_cancel; ///< guarded by mutex
};

/// Sends what `core` will be settled with to whoever holds the other end of the line; the codec of `future`.
[[nodiscard]] std::shared_ptr<const fd> send_outcome(const std::shared_ptr<future_core>& core,
                                                     std::function<void(sink&)> put_value);
/// The debtor of a future that came from another process on this line.
[[nodiscard]] std::shared_ptr<debtor> receive_outcome(fd line);

} // namespace ruche::detail
