#pragma once

#include <ruche/wire/products.hpp>

#include <chrono>
#include <tuple>

/// Times: durations as their counts, time points as the durations since their clock's epoch, dates as numbers.
namespace ruche::wire {

/// A type that travels as another, which `To` makes of it and `Back` makes it from.
template <class T, class As, class To, class Back>
struct form_as : any_form {
    using parts = types<As>;
    static constexpr std::array<std::string_view, 1> steps{""};
    static constexpr std::string_view tag = "as";
    static constexpr bool fixed = form<As>::fixed, plain = fixed;
    static constexpr std::size_t least = form<As>::least;
    static constexpr std::size_t weight = 1 + weight_in_whole<As>;
    [[gnu::always_inline]] static std::size_t room(const T&, const sink&) noexcept { return least; }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const T& value)
    {
        if constexpr (plain)
            return form<As>::put(at, out, To{}(value));
        else
            return put_part<As>(at, out, To{}(value));
    }
    [[gnu::always_inline]] static T get(const std::byte*& at, source& in)
    {
        if constexpr (fixed)
            return Back{}(form<As>::get(at, in));
        else
            return Back{}(get_part<As>(at, in));
    }
};

struct count_of {
    auto operator()(const auto& duration) const { return duration.count(); }
};
struct since_epoch {
    auto operator()(const auto& time) const { return time.time_since_epoch(); }
};
template <class T>
struct make {
    auto operator()(const auto&... parts) const { return T(parts...); }
};

template <class Count, class Period>
struct form<std::chrono::duration<Count, Period>>
    : form_as<std::chrono::duration<Count, Period>, Count, count_of, make<std::chrono::duration<Count, Period>>> {
    static constexpr std::string_view tag = "duration";
    static constexpr bool flat = form<Count>::flat, any_bytes = form<Count>::any_bytes;
};

template <class Clock, class Duration>
struct form<std::chrono::time_point<Clock, Duration>>
    : form_as<std::chrono::time_point<Clock, Duration>, Duration, since_epoch,
              make<std::chrono::time_point<Clock, Duration>>> {
    static constexpr bool flat = form<Duration>::flat, any_bytes = form<Duration>::any_bytes;
};

template <class T, class Number>
struct as_number {
    Number operator()(const T& value) const { return static_cast<Number>(static_cast<int>(value)); }
};
template <class T>
struct as_unsigned {
    std::uint8_t operator()(const T& value) const { return static_cast<std::uint8_t>(static_cast<unsigned>(value)); }
};

template <>
struct form<std::chrono::year>
    : form_as<std::chrono::year, std::int16_t, as_number<std::chrono::year, std::int16_t>, make<std::chrono::year>> {};
template <>
struct form<std::chrono::month>
    : form_as<std::chrono::month, std::uint8_t, as_unsigned<std::chrono::month>, make<std::chrono::month>> {};
template <>
struct form<std::chrono::day>
    : form_as<std::chrono::day, std::uint8_t, as_unsigned<std::chrono::day>, make<std::chrono::day>> {};

struct weekday_number {
    std::uint8_t operator()(std::chrono::weekday day) const { return static_cast<std::uint8_t>(day.c_encoding()); }
};
template <>
struct form<std::chrono::weekday>
    : form_as<std::chrono::weekday, std::uint8_t, weekday_number, make<std::chrono::weekday>> {};

/// A calendar type of several parts: the members that give them, in the order in which its constructor takes them.
template <auto... Parts>
struct parts_of {
    template <class T>
    auto operator()(const T& value) const
    {
        return std::tuple((value.*Parts)()...);
    }
};
template <class T>
struct make_of_tuple {
    template <class Tuple>
    T operator()(const Tuple& parts) const
    {
        return std::make_from_tuple<T>(parts);
    }
};
template <class T, auto... Parts>
using calendar_form =
    form_as<T, decltype(parts_of<Parts...>{}(std::declval<const T&>())), parts_of<Parts...>, make_of_tuple<T>>;

template <>
struct form<std::chrono::month_day>
    : calendar_form<std::chrono::month_day, &std::chrono::month_day::month, &std::chrono::month_day::day> {};
template <>
struct form<std::chrono::month_day_last>
    : calendar_form<std::chrono::month_day_last, &std::chrono::month_day_last::month> {};
template <>
struct form<std::chrono::month_weekday> : calendar_form<std::chrono::month_weekday, &std::chrono::month_weekday::month,
                                                        &std::chrono::month_weekday::weekday_indexed> {};
template <>
struct form<std::chrono::month_weekday_last>
    : calendar_form<std::chrono::month_weekday_last, &std::chrono::month_weekday_last::month,
                    &std::chrono::month_weekday_last::weekday_last> {};
template <>
struct form<std::chrono::weekday_indexed>
    : calendar_form<std::chrono::weekday_indexed, &std::chrono::weekday_indexed::weekday,
                    &std::chrono::weekday_indexed::index> {};
template <>
struct form<std::chrono::weekday_last> : calendar_form<std::chrono::weekday_last, &std::chrono::weekday_last::weekday> {
};
template <>
struct form<std::chrono::year_month>
    : calendar_form<std::chrono::year_month, &std::chrono::year_month::year, &std::chrono::year_month::month> {};
template <>
struct form<std::chrono::year_month_day>
    : calendar_form<std::chrono::year_month_day, &std::chrono::year_month_day::year,
                    &std::chrono::year_month_day::month, &std::chrono::year_month_day::day> {};
template <>
struct form<std::chrono::year_month_weekday>
    : calendar_form<std::chrono::year_month_weekday, &std::chrono::year_month_weekday::year,
                    &std::chrono::year_month_weekday::month, &std::chrono::year_month_weekday::weekday_indexed> {};
template <>
struct form<std::chrono::year_month_day_last>
    : calendar_form<std::chrono::year_month_day_last, &std::chrono::year_month_day_last::year,
                    &std::chrono::year_month_day_last::month_day_last> {};
template <>
struct form<std::chrono::year_month_weekday_last>
    : calendar_form<std::chrono::year_month_weekday_last, &std::chrono::year_month_weekday_last::year,
                    &std::chrono::year_month_weekday_last::month, &std::chrono::year_month_weekday_last::weekday_last> {
};

struct whole_duration {
    auto operator()(const auto& time) const { return time.to_duration(); }
};
template <class Duration>
struct form<std::chrono::hh_mm_ss<Duration>>
    : form_as<std::chrono::hh_mm_ss<Duration>, Duration, whole_duration, make<std::chrono::hh_mm_ss<Duration>>> {};

} // namespace ruche::wire
