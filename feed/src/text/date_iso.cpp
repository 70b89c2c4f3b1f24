#include "text/date_parts.hpp"
#include "text/date_words.hpp"

namespace feed::detail {

namespace {

using namespace std::chrono;

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
        if (!read_zone_itself())
            return false;
        if (from_.peek() == '[') // the name of the zone once more
            while (!from_.done() && !from_.take(']'))
                from_.skip();
        return true;
    }

    bool read_zone_itself()
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
        const std::size_t digits = from_.digits_ahead();
        switch (digits) {
        case 14: // 20031231101455, without a T
        case 12:
            parts_.year = from_.number(4);
            if (!take_month(2) || !take_day(2))
                return false;
            parts_.hour = from_.number(2);
            parts_.minute = from_.number(2);
            parts_.second = digits == 14 ? from_.number(2) : 0;
            return from_.done();
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
            if (from_.peek() == 'W' || (from_.peek() == '-' && from_.peek(1) == 'W'))
                return read_week();
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

    // -Www-D, WwwD: the week, and the day of it.
    bool read_week()
    {
        from_.take('-');
        from_.skip();
        if (from_.digits_ahead() < 2)
            return false;
        const int week = from_.number(2);
        from_.take('-');
        const int day = from_.digits_ahead() == 1 ? from_.number(1) : 1;
        if (week < 1 || week > 53 || day < 1 || day > 7)
            return false;
        // The first week is that of 4 January.
        const sys_days fourth = sys_days(year(*parts_.year) / January / 4);
        const sys_days monday = fourth - days(weekday(fourth).iso_encoding() - 1);
        const year_month_day date(monday + weeks(week - 1) + days(day - 1));
        parts_.year = static_cast<int>(date.year());
        parts_.month = static_cast<unsigned>(date.month());
        parts_.day = static_cast<unsigned>(date.day());
        return true;
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

} // namespace

std::optional<sys_seconds> read_iso_date(std::string_view text) { return iso_reader(text).read(); }

} // namespace feed::detail
