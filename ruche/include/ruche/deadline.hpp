#pragma once

#include <chrono>

namespace ruche {

/// A moment until which something may take, made once from a duration, so that retries never stretch it.
///
///     ruche::deadline soon(200ms);
///     while (!done() && !soon.passed()) …
///
/// It counts on the steady clock and saturates: a duration too long to add means "never".
class deadline {
public:
    using clock = std::chrono::steady_clock;

    /// Never passes.
    constexpr deadline() noexcept = default;

    /// Passes `patience` from now; at once if `patience` is zero or negative.
    explicit deadline(std::chrono::nanoseconds patience) noexcept;

    /// Passes at `moment`.
    constexpr explicit deadline(clock::time_point moment) noexcept : moment_(moment) {}

    /// Passes at a moment of any other clock, converted once, now.
    template <class Clock, class Duration>
    explicit deadline(std::chrono::time_point<Clock, Duration> moment) noexcept :
        deadline(std::chrono::duration_cast<std::chrono::nanoseconds>(moment - Clock::now()))
    {}

    [[nodiscard]] static constexpr deadline never() noexcept { return {}; }

    [[nodiscard]] constexpr bool is_never() const noexcept { return moment_ == clock::time_point::max(); }
    [[nodiscard]] bool passed() const noexcept { return !is_never() && clock::now() >= moment_; }
    [[nodiscard]] constexpr clock::time_point moment() const noexcept { return moment_; }

    /// What is left, never negative; `nanoseconds::max()` if it never passes.
    [[nodiscard]] std::chrono::nanoseconds left() const noexcept;

    friend constexpr auto operator<=>(const deadline&, const deadline&) noexcept = default;

private:
    clock::time_point moment_ = clock::time_point::max();
};

} // namespace ruche
