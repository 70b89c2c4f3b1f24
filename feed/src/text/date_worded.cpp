#include "text/date_parts.hpp"
#include "text/date_words.hpp"
#include "text/utf8.hpp"

#include <array>
#include <vector>

// Takes a text apart into numbers, words, clock times and offsets, and gives each the meaning that is left for it.
namespace feed::detail {

namespace {

using namespace std::chrono;

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
        if (digits <= 2 && is_odd_clock(digits))
            return read_odd_clock(digits);
        if (clock_seen_ && digits == 4 && has_whole_date())
            return read_offset_digits(from_, parts_, 1); // the sign was lost
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

    // The numbers of the day are all there: what follows is of the clock.
    [[nodiscard]] bool has_whole_date() const noexcept { return numbers_.size() == (month_ != 0 ? 2U : 3U); }

    // `19h48`, or `19.48` after a whole date.
    [[nodiscard]] bool is_odd_clock(std::size_t digits) const noexcept
    {
        if (clock_seen_)
            return false;
        const char mark = from_.peek(digits);
        const bool two = is_digit(from_.peek(digits + 1)) && is_digit(from_.peek(digits + 2));
        return two && (mark == 'h' || mark == 'H' || (mark == '.' && has_whole_date()));
    }

    bool read_odd_clock(std::size_t digits)
    {
        clock_seen_ = true;
        parts_.hour = from_.number(digits);
        const char mark = from_.peek();
        from_.skip();
        parts_.minute = from_.number(2);
        if (from_.peek() == mark && is_digit(from_.peek(1)) && is_digit(from_.peek(2))) {
            from_.skip();
            parts_.second = from_.number(2);
        }
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
        if (folded == "tháng" && after_number) // Vietnamese: "month", and then its number
            return read_numbered_month();
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
                buddhist_era_ = folded.substr(0, 2) == "\xE0\xB8"; // Thai letters
                return true;
            }
        if (clock_seen_ && read_zone_word(word, folded))
            return true;
        // The name of a day stands first, whatever the language; later on a word that means nothing is suspicious.
        if (!after_number && !clock_seen_ && foreign_word_) { // "Thứ Hai": some write it as two words
            foreign_word_ = false;
            return true;
        }
        if (!word_seen_ && !clock_seen_ && (!after_number || (month_ != 0 && has_whole_date()))) {
            foreign_word_ = !is_ascii(word);
            word_seen_ = true; // or, in some languages, after the day itself
            return true;
        }
        return is_filler(folded) || (clock_seen_ && month_ != 0 && folded.size() >= 2 && folded.size() <= 5);
    }

    bool read_numbered_month()
    {
        while (is_space(from_.peek()))
            from_.skip();
        const std::size_t digits = from_.digits_ahead();
        if (digits == 0 || digits > 2)
            return false;
        month_ = static_cast<unsigned>(from_.number(digits));
        return month_ >= 1 && month_ <= 12;
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
        if (is_digit(from_.peek()) && is_alpha(from_.peek(1))) { // EST5EDT: the place has winter and summer
            std::string place(word);
            while (is_alnum(from_.peek())) {
                place.push_back(from_.peek());
                from_.skip();
            }
            parts_.place = place;
            return find_place(place, local_seconds{}).has_value();
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
        constexpr int buddhist = 543;                  // Thailand counts from there
        if (buddhist_era_ && year.value > 2400)
            year.value -= buddhist;
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
    bool foreign_word_ = false;
    bool korean_ = false;
    bool buddhist_era_ = false;
};

} // namespace

std::optional<sys_seconds> read_worded_date(std::string_view text) { return word_reader(text).read(); }

} // namespace feed::detail
