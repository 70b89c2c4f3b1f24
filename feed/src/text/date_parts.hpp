#pragma once

#include "text/ascii.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace feed::detail {

/// What was read of a date so far. Without a year it is none.
struct date_parts {
    std::optional<int> year;
    unsigned month = 1;
    unsigned day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::chrono::seconds east{0}; // of UTC
    std::string place;            // a region whose clocks it was
};

/// The moment that `parts` name; nothing if there is no such day or time.
[[nodiscard]] std::optional<std::chrono::sys_seconds> assemble(const date_parts& parts);

/// A year of two digits in its century: from 90 on it is 19.., before that 20...
[[nodiscard]] int full_year(int year, std::size_t digits) noexcept;

/// Reads from the front of a text.
class cursor {
public:
    explicit cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept { return ahead < rest_.size() ? rest_[ahead] : '\0'; }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    void skip(std::size_t count = 1) noexcept { rest_.remove_prefix(std::min(count, rest_.size())); }

    bool take(char c) noexcept
    {
        if (peek() != c)
            return false;
        skip();
        return true;
    }

    [[nodiscard]] std::size_t digits_ahead() const noexcept
    {
        std::size_t count = 0;
        while (is_digit(peek(count)))
            ++count;
        return count;
    }

    /// The next `count` digits as a number; the caller has looked that they are there.
    int number(std::size_t count) noexcept
    {
        int value = 0;
        for (std::size_t i = 0; i < count && i < 9; ++i)
            value = value * 10 + (peek(i) - '0');
        skip(count);
        return value;
    }

private:
    std::string_view rest_;
};

/// Reads HH:MM[:SS[.fraction]], or the same without colons where `compact`. False if it is none.
bool read_clock(cursor& from, date_parts& parts, bool compact);

/// Reads +HH, +HHMM, +HH:MM, +H:MM. False if what follows the sign is none.
bool read_offset(cursor& from, date_parts& parts);
/// The same from behind the sign.
bool read_offset_digits(cursor& from, date_parts& parts, int sign);

/// Reads the forms that start with a year and are all digits and signs.
[[nodiscard]] std::optional<std::chrono::sys_seconds> read_iso_date(std::string_view text);

/// Reads the one form that most feeds of RSS have, as it should be: `Thu, 01 Jan 2004 19:48:21 +0100` (or `GMT`). Gives
/// nothing for all others, whatever they are.
[[nodiscard]] std::optional<std::chrono::sys_seconds> read_mail_date(std::string_view text) noexcept;

/// Reads the forms that have words in them, or their numbers in another order.
[[nodiscard]] std::optional<std::chrono::sys_seconds> read_worded_date(std::string_view text);

} // namespace feed::detail
