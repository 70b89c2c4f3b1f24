#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <ruche/stop.hpp>

namespace rssmania::cli {

/// Whether standard output is a terminal that knows the cursor, and whether it should see colours (`NO_COLOR`).
[[nodiscard]] bool is_terminal();
[[nodiscard]] bool wants_colour();

/// Writes all of what standard output holds. Throws: `std::runtime_error` if it can't.
void flush_output();

/// Shows what `draw` gives, and again every `pace` until `stop`: on a terminal always in the same place, else one below
/// the other. At most `times`, if that isn't 0.
void show_again_and_again(const std::function<std::string()>& draw, std::chrono::milliseconds pace, unsigned times,
                          const ruche::stop_token& stop);

} // namespace rssmania::cli
