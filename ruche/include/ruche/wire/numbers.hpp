#pragma once

#include <ruche/wire/form.hpp>

#include <complex>

/// Numbers, characters, truth and enumerations: their bytes, the lowest first.
namespace ruche {

/// Which values of an enumeration a message may hold. Unless told, every value of an enumeration with a fixed
/// underlying type is one; say more where the reader relies on it:
///
///     template <> struct ruche::enum_range<colour> { static constexpr colour first = red, last = blue; };
template <class Enum>
struct enum_range;

} // namespace ruche

namespace ruche::wire {

template <class T>
struct number_form : any_form {
    static constexpr bool fixed = true, plain = true, flat = true, any_bytes = true, leaf = true;
    static constexpr std::size_t least = sizeof(T);
    static constexpr std::size_t room(const T&, const sink&) noexcept { return sizeof(T); }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink&, const T& value) noexcept
    {
        return put_number(at, value);
    }
    [[gnu::always_inline]] static T get(const std::byte*& at, source&) noexcept
    {
        const T value = load<T>(at);
        at += sizeof(T);
        return value;
    }
};

template <class T>
constexpr std::string_view number_tag()
{
    constexpr std::string_view integers[2][4] = {{"u8", "u16", "u32", "u64"}, {"i8", "i16", "i32", "i64"}};
    if constexpr (std::is_same_v<T, char> || std::is_same_v<T, char8_t> || std::is_same_v<T, char16_t> ||
                  std::is_same_v<T, char32_t> || std::is_same_v<T, wchar_t> || std::is_same_v<T, std::byte>)
        return type_name<T>();
    else if constexpr (std::is_floating_point_v<T>)
        return sizeof(T) == 4 ? "f32" : "f64";
    else
        return integers[std::is_signed_v<T> ? 1 : 0][std::countr_zero(sizeof(T))];
}

template <class T>
requires(std::is_arithmetic_v<T> && !std::is_const_v<T> && !std::is_volatile_v<T>) struct form<T> : number_form<T> {
    static constexpr std::string_view tag = number_tag<T>();
    // Only wchar_t, which is 16 bits elsewhere. long differs, too, but is std::int64_t here, which nobody could do
    // without; the fingerprint tells 64 bits from 32, so a build where it is short refuses, and never reads something
    // else.
    static constexpr bool portable = !std::is_same_v<T, wchar_t>;
};

template <>
struct form<std::byte> : number_form<std::byte> {
    static constexpr std::string_view tag = "byte";
};

template <>
struct form<bool> : number_form<bool> {
    static constexpr std::string_view tag = "bool";
    static constexpr bool any_bytes = false; // a bool of 2 is no bool
    [[gnu::always_inline]] static bool get(const std::byte*& at, source& in)
    {
        const auto value = static_cast<unsigned char>(*at);
        if (value > 1) [[unlikely]]
            in.fail_at(at, "a bool is neither 0 nor 1");
        ++at;
        return value != 0;
    }
};

/// Ten bytes of a `long double` are its value; what fills the other six is nobody's.
template <>
struct form<long double> : number_form<long double> {
    static constexpr std::string_view tag = "long double";
    static constexpr bool flat = false, any_bytes = false, portable = false;
    static constexpr std::size_t least = 10;
    static constexpr std::size_t room(const long double&, const sink&) noexcept { return least; }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink&, const long double& value) noexcept
    {
        std::memcpy(at, &value, least);
        return at + least;
    }
    [[gnu::always_inline]] static long double get(const std::byte*& at, source&) noexcept
    {
        long double value = 0;
        std::memcpy(&value, at, least);
        at += least;
        return value;
    }
};

template <class T>
concept has_enum_range = requires
{
    enum_range<T>::first;
    enum_range<T>::last;
};

/// An enumeration whose underlying type isn't fixed holds only what its enumerators need; what else may be told of it?
/// Braces accept a number only where the type is fixed.
template <class T>
concept open_enum = requires
{
    T{0};
};

template <class T>
requires(std::is_enum_v<T> && !std::is_const_v<T> && !std::is_volatile_v<T> &&
         !std::is_same_v<T, std::byte>) struct form<T> : number_form<T> {
    using number = std::underlying_type_t<T>;
    static constexpr std::string_view tag = form<number>::tag;
    static constexpr bool any_bytes = open_enum<T> && !has_enum_range<T> && !std::is_same_v<number, bool>;
    [[gnu::always_inline]] static T get(const std::byte*& at, source& in)
    {
        const auto value = load<std::conditional_t<std::is_same_v<number, bool>, unsigned char, number>>(at);
        if constexpr (std::is_same_v<number, bool>) {
            if (value > 1) [[unlikely]]
                in.fail_at(at, "an enumeration of bool is neither 0 nor 1");
        }
        if constexpr (has_enum_range<T>) {
            if (value < static_cast<number>(enum_range<T>::first) || value > static_cast<number>(enum_range<T>::last))
                [[unlikely]]
                in.fail_at(at, "a value that its enumeration does not have");
        }
        at += sizeof(T);
        return static_cast<T>(value);
    }
};

template <class T>
struct form<std::complex<T>> : number_form<std::complex<T>> {
    static constexpr std::string_view tag = "complex";
    using parts = types<T>;
    static constexpr std::array<std::string_view, 1> steps{".real()"};
    static constexpr bool flat = form<T>::flat, any_bytes = flat;
    static constexpr std::size_t least = 2 * form<T>::least;
    static constexpr std::size_t room(const std::complex<T>&, const sink&) noexcept { return least; }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const std::complex<T>& value) noexcept
    {
        at = form<T>::put(at, out, value.real());
        return form<T>::put(at, out, value.imag());
    }
    [[gnu::always_inline]] static std::complex<T> get(const std::byte*& at, source& in) noexcept
    {
        const T real = form<T>::get(at, in);
        return {real, form<T>::get(at, in)};
    }
};

} // namespace ruche::wire
