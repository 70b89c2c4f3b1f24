#include "text/date_parts.hpp"

#include "text/date_words.hpp"

namespace feed::detail {

using namespace std::chrono;

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

bool read_offset(cursor& from, date_parts& parts)
{
    const int sign = from.peek() == '-' ? -1 : 1;
    from.skip();
    return read_offset_digits(from, parts, sign);
}

bool read_offset_digits(cursor& from, date_parts& parts, int sign)
{
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

std::optional<sys_seconds> read_mail_date(std::string_view text) noexcept
{
    //                                  0123456789012345678901234567890
    constexpr std::string_view form = "aaa, dd aaa dddd dd:dd:dd ";
    if (text.size() != form.size() + 5 && text.size() != form.size() + 3)
        return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] == 'd' ? !is_digit(text[i]) : form[i] == 'a' ? !is_alpha(text[i]) : text[i] != form[i])
            return std::nullopt;
    cursor from(text.substr(5));
    date_parts parts;
    parts.day = static_cast<unsigned>(from.number(2));
    parts.month = english_month(from.peek(1), from.peek(2), from.peek(3));
    from.skip(5);
    parts.year = from.number(4);
    from.skip();
    parts.hour = from.number(2);
    from.skip();
    parts.minute = from.number(2);
    from.skip();
    parts.second = from.number(2);
    from.skip();
    const std::string_view zone = from.rest();
    if (parts.month == 0)
        return std::nullopt;
    if (zone == "GMT" || zone == "UTC")
        return assemble(parts);
    const bool offset = (zone[0] == '+' || zone[0] == '-') && zone.size() == 5 && from.peek(1) != '\0' &&
                        std::all_of(zone.begin() + 1, zone.end(), is_digit);
    return offset && read_offset(from, parts) ? assemble(parts) : std::nullopt;
}

} // namespace feed::detail
