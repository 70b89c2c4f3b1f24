#pragma once

#include "metrics/live_board.hpp"

#include <string>

namespace rssmania {

/// The numbers as Prometheus reads them (text format 0.0.4): counters end in `_total`, each metric has its HELP and
/// TYPE. No address of a feed is in it: metrics go to places where what one reads is nobody's business.
[[nodiscard]] std::string prometheus_text(const live_numbers& numbers);

/// What the queues are called, in the order of `live_numbers::waiting`.
inline constexpr std::array<const char*, live_numbers::queues> queue_names{"due", "answers", "visits", "news",
                                                                           "outcomes"};
/// What visits come to, in the order of `visit_result`.
inline constexpr std::array<const char*, 4> outcome_names{"failed", "unchanged", "same_body", "read"};

} // namespace rssmania
