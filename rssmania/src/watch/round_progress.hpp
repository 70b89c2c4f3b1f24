#pragma once

#include "metrics/live_board.hpp"

#include <memory>

namespace rssmania {

/// A bar on standard error that shows how far a round has come, from now to its destruction, when it goes without a
/// trace. For terminals only: the cursor goes back and forth.
///
///     [#########---------------]  38 %  57 of 150
class round_progress {
public:
    explicit round_progress(live_board board);
    ~round_progress();
    round_progress(const round_progress&) = delete;
    round_progress& operator=(const round_progress&) = delete;

    /// Takes the bar away until it is drawn next: for what is to be printed in its place.
    void clear();

    /// Whether standard error is a terminal that can show one.
    [[nodiscard]] static bool can_be_shown();

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

/// The line itself, without the way of the cursor: so many of so many, at a terminal of that width.
[[nodiscard]] std::string progress_line(std::uint64_t done, std::uint64_t all, std::size_t width);

} // namespace rssmania
