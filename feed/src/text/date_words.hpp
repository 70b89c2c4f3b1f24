#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace feed::detail {

/// `word` in lower case, accents of any alphabet kept, dots gone.
[[nodiscard]] std::string fold_word(std::string_view word);

/// The month (1 to 12) that a folded word names in one of the languages that feeds use; 0 if none.
[[nodiscard]] unsigned find_month(std::string_view folded) noexcept;

/// The month (1 to 12) that three letters stand for in English, in any letter case; 0 if none.
[[nodiscard]] unsigned english_month(char a, char b, char c) noexcept;

/// Half of the day: 0 for the morning, 12 for the afternoon; nothing if the word is neither.
[[nodiscard]] std::optional<int> find_half_day(std::string_view folded) noexcept;

/// How far the zone of that name lies east of UTC; nothing if no zone has it.
[[nodiscard]] std::optional<std::chrono::minutes> find_zone(std::string_view folded) noexcept;

/// How far the place (`America/Los_Angeles`) was east of UTC when its clocks showed `local`; nothing if it is unknown.
[[nodiscard]] std::optional<std::chrono::seconds> find_place(std::string_view name, std::chrono::local_seconds local);

/// Words that stand in dates and mean nothing: `at`, `de`, `um`...
[[nodiscard]] bool is_filler(std::string_view folded) noexcept;

} // namespace feed::detail
