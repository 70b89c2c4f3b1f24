#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// Numbers as feeds write them. What is none, negative or beyond its type gives nothing.
namespace feed::detail {

/// A whole number, blanks around it or a fraction behind it passed over: ` 1024 `, `30.5`.
[[nodiscard]] std::optional<std::int64_t> read_count(std::string_view text) noexcept;

/// A number with or without a fraction, finite.
[[nodiscard]] std::optional<double> read_number(std::string_view text) noexcept;

/// `yes`, `true`, `1`; `no`, `false`, `0`, in any letter case.
[[nodiscard]] std::optional<bool> read_flag(std::string_view text) noexcept;

/// A stretch of time: seconds (`95`, `95.5`), or `[HH:]MM:SS`.
[[nodiscard]] std::optional<std::chrono::seconds> read_duration(std::string_view text) noexcept;

/// The same to the millisecond.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_exact_duration(std::string_view text) noexcept;

/// The start of a chapter: `[[H]H:]MM:SS[.mmm]`.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_chapter_start(std::string_view text) noexcept;

} // namespace feed::detail
