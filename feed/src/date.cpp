#include <feed/date.hpp>

#include "text/ascii.hpp"
#include "text/date_words.hpp"
#include "text/utf8.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

// Two readers. `iso_reader` reads the forms that start with a year and are all digits and signs; `word_reader` takes
// the rest apart into numbers, words, clock times and offsets, and gives each the meaning that is left for it. What is
// contradictory or incomplete is no date: nothing is filled in from today.
namespace feed {

namespace detail {

namespace {

using namespace std::chrono;

struct date_parts {
    std::optional<int> year;
    unsigned month = 1;
    unsigned day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    seconds east{0};   // of UTC
    std::string place; // a region whose clocks it was
};

std::optional<sys_seconds> assemble(const date_parts& parts)
{
    if (!parts.year || *parts.year < 1 || *parts.year > 9999)
        return std::nullopt;
    const year_month_day date{year(*parts.year), month(parts.month), day(parts.day)};
    const bool midnight = parts.hour == 24 && parts.minute == 0 && parts.second == 0;
    if (!date.ok() || (parts.hour > 23 && !midnight) || parts.minute > 59 || parts.second > 60)
        return std::nullopt;
    constexpr seconds furthest = hours(26);
    if (parts.east > furthest || parts.east < -furthest)
        return std::nullopt;
    const sys_seconds local = sys_days(date) + hours(parts.hour) + minutes(parts.minute) + seconds(parts.second);
    if (!parts.place.empty()) {
        const auto east = find_place(parts.place, local_seconds(local.time_since_epoch()));
        return east ? std::optional(local - *east) : std::nullopt;
    }
    return local - parts.east;
}

int full_year(int year, std::size_t digits) noexcept
{
    if (digits > 2)
        return year;
    return year < 90 ? 2000 + year : 1900 + year;
}

// Reads from the front of a text.
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

    // The next `count` digits as a number; the caller has looked that they are there.
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

// HH:MM[:SS[.fraction]], or the same without colons where `compact`.
bool read_clock(cursor& from, date_parts& parts, bool compact)
{
    std::size_t digits = from.digits_ahead();
    if (compact && (digits == 6 || digits == 4)) {
        parts.hour = from.number(2);
        parts.minute = from.number(2);
        parts.second = digits == 6 ? from.number(2) : 0;
    } else {
        if (digits == 0 || digits > 2)
            return false;
        parts.hour = from.number(digits);
        if (!from.take(':'))
            return compact;
        digits = from.digits_ahead();
        if (digits == 0 || digits > 2)
            return false;
        parts.minute = from.number(digits);
        digits = from.digits_ahead();
        if (from.peek() == ':' && is_digit(from.peek(1))) {
            from.skip();
            digits = from.digits_ahead();
            if (digits > 2)
                return false;
            parts.second = from.number(digits);
        }
    }
    if ((from.peek() == '.' || from.peek() == ',') && is_digit(from.peek(1))) {
        from.skip();
        from.skip(from.digits_ahead());
    }
    return true;
}

// +HH, +HHMM, +HH:MM, +H:MM; false if what follows the sign is none.
bool read_offset(cursor& from, date_parts& parts)
{
    const int sign = from.peek() == '-' ? -1 : 1;
    from.skip();
    const std::size_t digits = from.digits_ahead();
    int hour = 0;
    int minute = 0;
    if (digits == 4) {
        hour = from.number(2);
        minute = from.number(2);
    } else if (digits == 3) {
        hour = from.number(1);
        minute = from.number(2);
    } else if (digits == 1 || digits == 2) {
        hour = from.number(digits);
        if (from.peek() == ':') {
            from.skip();
            if (from.digits_ahead() != 2)
                return false;
            minute = from.number(2);
        }
    } else {
        return false;
    }
    if (hour > 24 || minute > 59)
        return false;
    parts.east = sign * (hours(hour) + minutes(minute));
    return true;
}

// A field that is a little too large is carried over, as calendars do: 31 June is 1 July. What is far off is no date.
void carry(date_parts& parts)
{
    if (!parts.year)
        return;
    if (parts.month > 12 && parts.month <= 14) {
        parts.month -= 12;
        ++*parts.year;
    }
    if (parts.month < 1 || parts.month > 12 || parts.day < 1 || parts.day > 35 || parts.hour > 29 ||
        parts.minute > 69 || parts.second > 69)
        return;
    const sys_seconds time = sys_days(year(*parts.year) / month(parts.month) / 1) + days(parts.day - 1) +
                             hours(parts.hour) + minutes(parts.minute) + seconds(parts.second);
    const year_month_day date(floor<days>(time));
    const hh_mm_ss clock(time - floor<days>(time));
    parts.year = static_cast<int>(date.year());
    parts.month = static_cast<unsigned>(date.month());
    parts.day = static_cast<unsigned>(date.day());
    parts.hour = static_cast<int>(clock.hours().count());
    parts.minute = static_cast<int>(clock.minutes().count());
    parts.second = static_cast<int>(clock.seconds().count());
}

class iso_reader {
public:
    explicit iso_reader(std::string_view text) : from_(text) {}

    std::optional<sys_seconds> read()
    {
        if (!read_date())
            return std::nullopt;
        skip_spaces();
        if (from_.done())
            return settle();
        if (from_.peek() == 'T' || from_.peek() == 't' || from_.peek() == '_')
            from_.skip();
        else if (!spaced_)
            return std::nullopt;
        skip_spaces();
        if (from_.done())
            return settle();
        if (!read_clock(from_, parts_, true))
            return std::nullopt;
        skip_spaces();
        if (!read_zone())
            return std::nullopt;
        skip_spaces();
        return from_.done() ? settle() : std::nullopt;
    }

private:
    std::optional<sys_seconds> settle()
    {
        carry(parts_);
        return assemble(parts_);
    }

    void skip_spaces()
    {
        spaced_ = is_space(from_.peek());
        while (is_space(from_.peek()))
            from_.skip();
    }

    bool read_zone()
    {
        if (from_.done())
            return true;
        if (from_.peek() == '+' || from_.peek() == '-')
            return read_offset(from_, parts_);
        std::string word;
        while (is_alpha(from_.peek())) {
            word.push_back(to_lower(from_.peek()));
            from_.skip();
        }
        const auto zone = find_zone(word);
        if (!zone)
            return false;
        parts_.east = *zone;
        return from_.done() || (from_.peek() != '+' && from_.peek() != '-') || read_offset(from_, parts_);
    }

    void set_ordinal(int year, int ordinal)
    {
        const sys_days date = sys_days(std::chrono::year(year) / January / 1) + days(ordinal - 1);
        const year_month_day ymd(date);
        parts_.year = ordinal >= 1 && ordinal <= 366 && ymd.year() == std::chrono::year(year) ? std::optional(year)
                                                                                              : std::nullopt;
        parts_.month = static_cast<unsigned>(ymd.month());
        parts_.day = static_cast<unsigned>(ymd.day());
    }

    bool read_date()
    {
        if (from_.peek() == '-' && is_digit(from_.peek(1)))
            return read_truncated();
        switch (from_.digits_ahead()) {
        case 8: // 20031231
            parts_.year = from_.number(4);
            return take_month(2) && take_day(2);
        case 7: { // 2003335
            const int year = from_.number(4);
            set_ordinal(year, from_.number(3));
            return parts_.year.has_value();
        }
        case 6: // 031231
            parts_.year = full_year(from_.number(2), 2);
            return take_month(2) && take_day(2);
        case 5: { // 03335
            const int year = full_year(from_.number(2), 2);
            set_ordinal(year, from_.number(3));
            return parts_.year.has_value();
        }
        case 4:
            parts_.year = from_.number(4);
            return read_after_year();
        case 2:
            if (from_.peek(2) != '-')
                return false;
            parts_.year = full_year(from_.number(2), 2);
            return read_after_year();
        default:
            return false;
        }
    }

    // -YY-MM, -YYMM, -YY: the century is left out.
    bool read_truncated()
    {
        from_.skip();
        const std::size_t digits = from_.digits_ahead();
        if (digits != 2 && digits != 4)
            return false;
        parts_.year = full_year(from_.number(2), 2);
        if (digits == 4)
            return take_month(2);
        return !from_.take('-') || (from_.digits_ahead() == 2 && take_month(2));
    }

    // -MM-DD, -MM, -DDD, -0MM-DD, with - or / or . between.
    bool read_after_year()
    {
        const char separator = from_.peek();
        if (separator != '-' && separator != '/' && separator != '.')
            return true;
        from_.skip();
        const std::size_t digits = from_.digits_ahead();
        if (digits == 0 || digits > 4)
            return false;
        if (digits == 4)
            return take_month(2) && take_day(2);
        if (digits == 3 && from_.peek(3) != separator) {
            const int year = *parts_.year;
            set_ordinal(year, from_.number(3));
            return parts_.year.has_value();
        }
        if (!take_month(digits))
            return false;
        if (!from_.take(separator))
            return true;
        const std::size_t more = from_.digits_ahead();
        return more >= 1 && more <= 2 && take_day(more);
    }

    bool take_month(std::size_t digits)
    {
        parts_.month = static_cast<unsigned>(from_.number(digits));
        return parts_.month >= 1 && parts_.month <= 19;
    }

    bool take_day(std::size_t digits)
    {
        parts_.day = static_cast<unsigned>(from_.number(digits));
        return parts_.day >= 1 && parts_.day <= 39;
    }

    cursor from_;
    date_parts parts_;
    bool spaced_ = false; // the last thing read were blanks
};

class word_reader {
public:
    explicit word_reader(std::string_view text) : from_(text) {}

    std::optional<sys_seconds> read()
    {
        while (!from_.done())
            if (!read_piece())
                return std::nullopt;
        if (!settle_numbers())
            return std::nullopt;
        if (half_day_) {
            if (parts_.hour > 12 && *half_day_ == 0)
                return std::nullopt;
            if (parts_.hour <= 12)
                parts_.hour = parts_.hour % 12 + *half_day_;
        }
        return assemble(parts_);
    }

private:
    struct number {
        int value;
        std::size_t digits;
    };

    bool read_piece()
    {
        const char c = from_.peek();
        if (is_space(c) || c == ',' || c == ';' || c == ')' || c == '|') {
            from_.skip();
            return true;
        }
        if (c == '(') { // a comment, usually the zone once more
            while (!from_.done() && from_.peek() != ')')
                from_.skip();
            return true;
        }
        if (is_digit(c))
            return read_digits();
        if ((c == '+' || c == '-') && clock_seen_)
            return is_digit(from_.peek(1)) ? read_offset(from_, parts_)
                                           : c == '-' && is_space(from_.peek(1)) && (from_.skip(), true);
        if (is_alpha(c) || is_high(c))
            return read_word();
        if (c == '-' || c == '/' || c == '.' || c == '\'') {
            separator_ = separator_ == '\0' ? c : separator_;
            from_.skip();
            return true;
        }
        return false;
    }

    bool read_digits()
    {
        const std::size_t digits = from_.digits_ahead();
        if (digits <= 2 && from_.peek(digits) == ':') {
            if (clock_seen_)
                return false;
            clock_seen_ = true;
            return read_clock(from_, parts_, false);
        }
        if (digits > 4 || numbers_.size() == 4)
            return false;
        numbers_.push_back({from_.number(digits), digits});
        if (numbers_.size() == 1 && (from_.peek() == '/' || from_.peek() == '.' || from_.peek() == '-') &&
            separator_ == '\0')
            separator_ = from_.peek();
        // The T between a date and a time
        if ((from_.peek() == 'T' || from_.peek() == 't') && is_digit(from_.peek(1)))
            from_.skip();
        return true;
    }

    std::string_view take_word()
    {
        std::size_t length = 0;
        while (is_alpha(from_.peek(length)) || is_high(from_.peek(length)) || from_.peek(length) == '.' ||
               ((from_.peek(length) == '/' || from_.peek(length) == '_') && length > 1 &&
                is_alpha(from_.peek(length + 1))))
            ++length;
        const std::string_view word = from_.rest().substr(0, length);
        from_.skip(length);
        return word;
    }

    bool read_word()
    {
        const std::string_view word = take_word();
        const std::string folded = fold_word(word);
        const bool after_number = !numbers_.empty();
        if (take_korean_mark(folded))
            return true;
        if (clock_seen_ || after_number || folded != "a")
            if (const auto half = find_half_day(folded); half && (clock_seen_ || word.size() > 2)) {
                korean_ = korean_ || is_high(word.front());
                half_day_ = half;
                return true;
            }
        // `mar, 16 nov`: the first of two months was the name of a day.
        if (month_ == 0 || (month_first_ && numbers_.size() == 1))
            if (const unsigned month = find_month(folded); month != 0 && !is_week_day(folded)) {
                month_ = month;
                month_first_ = numbers_.empty();
                return true;
            }
        if (clock_seen_ && read_zone_word(word, folded))
            return true;
        // The name of a day stands first, whatever the language; later on a word that means nothing is suspicious.
        if (!after_number && !clock_seen_ && !word_seen_) {
            word_seen_ = true;
            return true;
        }
        return is_filler(folded) || (clock_seen_ && month_ != 0 && folded.size() >= 2 && folded.size() <= 5);
    }

    // 2004년 05월 28일: year, month, day, and it is Korea's time.
    bool take_korean_mark(std::string_view folded)
    {
        if (folded != "년" && folded != "월" && folded != "일" && folded != "年" && folded != "月" && folded != "日")
            return false;
        korean_ = korean_ || folded == "년";
        return true;
    }

    // Names of days that start as months do in another language.
    static bool is_week_day(std::string_view folded) noexcept
    {
        return folded == "mardi" || folded == "martes" || folded == "martedì" || folded == "maandag" ||
               folded == "marți";
    }

    bool read_zone_word(std::string_view word, std::string folded)
    {
        if (word.find('/') != std::string_view::npos) {
            if (folded.substr(0, 4) == "etc/") {
                folded.erase(0, 4);
            } else {
                parts_.place = std::string(word);
                return find_place(word, local_seconds{}).has_value();
            }
        }
        const auto zone = find_zone(folded);
        if (!zone)
            return false;
        if (!zone_seen_)
            parts_.east = *zone;
        zone_seen_ = true;
        if ((from_.peek() == '+' || from_.peek() == '-') && (is_digit(from_.peek(1)) || is_alpha(from_.peek(1))))
            return read_offset(from_, parts_);
        return true;
    }

    // Which of the numbers is the day, which the month, which the year.
    bool settle_numbers()
    {
        if (korean_)
            parts_.east = hours(9);
        if (month_ != 0)
            return numbers_.size() == 2 ? settle_with_name() : false;
        if (numbers_.size() != 3)
            return false;
        const auto [a, b, c] = std::array{numbers_[0], numbers_[1], numbers_[2]};
        if (a.digits == 4)
            return set(a, static_cast<unsigned>(b.value), c.value);
        const bool day_first = a.value > 12 || (b.value <= 12 && separator_ != '/');
        return day_first ? set(c, static_cast<unsigned>(b.value), a.value)
                         : set(c, static_cast<unsigned>(a.value), b.value);
    }

    bool settle_with_name()
    {
        const number a = numbers_[0];
        const number b = numbers_[1];
        const bool year_first = a.digits > 2 || (a.value > 31 && b.value <= 31);
        return year_first ? set(a, month_, b.value) : set(b, month_, a.value);
    }

    bool set(number year, unsigned month, int day)
    {
        if (year.digits == 3)
            year.value += year.value < 200 ? 1900 : 0; // years since 1900, as some programs count
        parts_.year = full_year(year.value, year.digits);
        parts_.month = month;
        parts_.day = static_cast<unsigned>(day);
        return true;
    }

    cursor from_;
    date_parts parts_;
    std::vector<number> numbers_;
    unsigned month_ = 0;
    char separator_ = '\0';
    std::optional<int> half_day_;
    bool month_first_ = false;
    bool clock_seen_ = false;
    bool zone_seen_ = false;
    bool word_seen_ = false;
    bool korean_ = false;
};

// Seconds or milliseconds since 1970, for times from 1973 on: shorter numbers are dates without separators.
std::optional<sys_seconds> read_unix_time(std::string_view text)
{
    const std::string_view whole = text.substr(0, text.find('.'));
    if (whole.size() < 9 || whole.size() > 13 || whole.size() == 11 || whole.size() == 12)
        return std::nullopt;
    std::int64_t value = 0;
    for (const char c : whole) {
        if (!is_digit(c))
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return sys_seconds(seconds(whole.size() == 13 ? value / 1000 : value));
}

} // namespace

} // namespace detail

std::optional<std::chrono::sys_seconds> parse_date(std::string_view text)
{
    text = detail::trim(text);
    constexpr std::size_t longest = 256;
    if (text.empty())
        return std::nullopt;
    if (text.size() > longest) {
        // A fraction of a second may be as long as it likes; nothing else in a date is long.
        const std::size_t dot = text.find('.');
        std::size_t end = dot;
        while (end < text.size() && (end == dot || detail::is_digit(text[end])))
            ++end;
        if (dot > longest || text.size() - end > longest)
            return std::nullopt;
        return parse_date(std::string(text.substr(0, dot)).append(text.substr(end)));
    }
    if (const auto time = detail::read_unix_time(text))
        return time;
    if (const auto time = detail::iso_reader(text).read())
        return time;
    return detail::word_reader(text).read();
}

} // namespace feed
