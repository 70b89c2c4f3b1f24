#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace ruche {

/// How far something has got.
struct progress {
    std::size_t done = 0;
    std::optional<std::size_t> total; ///< if it is known
    std::chrono::nanoseconds elapsed{};
    double per_second = 0; ///< so far, on average
    /// How long the rest will take at that rate, if both are known.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> left() const;
};

/// Counts.
class progress_meter {
public:
    explicit progress_meter(std::optional<std::size_t> total = {}) : total_(total) {}
    /// One more is done.
    progress count();

private:
    std::optional<std::size_t> total_;
    std::size_t done_ = 0;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// "  42 % [########------------] 420/1000, 84.0/s, 7 s left"; without a total: "420, 84.0/s, 5 s".
/// `width` is how many columns it may take.
[[nodiscard]] std::string to_text(const progress& of, std::size_t width = 79);

/// A line on a terminal that shows how far something has got, at most ten times a second. Where standard error is no
/// terminal it shows nothing but a last line.
///
///     ruche::progress_bar bar("thumbnails");
///     pool.for_each({.on_progress = bar}, make_thumbnail, files);
///
/// Copies show the same line. Thread safety: one thread at a time.
class progress_bar {
public:
    explicit progress_bar(std::string title = {});
    void operator()(const progress& now) const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace ruche
