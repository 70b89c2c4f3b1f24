#pragma once

#include <ruche/wire/form.hpp>

#include <utility>

/// Several values of known types, one after another: what pairs, tuples and records have in common.
namespace ruche::wire {

/// The room of the plain values at the front, up to the first that is not plain.
constexpr std::size_t front_room(const sink&) noexcept { return 0; }
template <class First, class... Rest>
[[gnu::always_inline]] inline constexpr std::size_t front_room(const sink& out, const First& first,
                                                               const Rest&... rest) noexcept
{
    if constexpr (form<First>::plain)
        return form<First>::room(first, out) + front_room(out, rest...);
    else
        return 0;
}

template <bool HasRoom>
[[gnu::always_inline]] inline std::byte* put_from(std::byte* at, sink&) noexcept
{
    return at;
}
/// Writes values one after another, with one check for the room of each stretch of plain ones.
template <bool HasRoom, class First, class... Rest>
[[gnu::always_inline]] inline std::byte* put_from(std::byte* at, sink& out, const First& first, const Rest&... rest)
{
    if constexpr (form<First>::plain) {
        if constexpr (!HasRoom)
            at = out.room(at, front_room(out, first, rest...));
        at = form<First>::put(at, out, first);
        return put_from<true>(at, out, rest...);
    } else {
        at = put_part<First>(at, out, first);
        return put_from<false>(at, out, rest...);
    }
}

/// The properties of values one after another.
template <class... Ts>
struct pack_form : any_form {
    using parts = types<Ts...>;
    static constexpr bool fixed = (true && ... && form<Ts>::fixed);
    static constexpr bool plain = (true && ... && form<Ts>::plain);
    static constexpr std::size_t least = (std::size_t{0} + ... + form<Ts>::least);
    static constexpr std::size_t weight = (std::size_t{0} + ... + weight_in_whole<Ts>);

    static constexpr std::array<bool, sizeof...(Ts) + 1> fixed_at{form<Ts>::fixed..., false};
    static constexpr std::array<std::size_t, sizeof...(Ts) + 1> least_at{form<Ts>::least..., 0};

    /// How many bytes to check before reading the value at `place`: those of the whole stretch of fixed ones it opens.
    static constexpr std::size_t stretch(std::size_t place)
    {
        if (fixed || !fixed_at[place] || (place != 0 && fixed_at[place - 1]))
            return 0; // the caller has checked them all; or it isn't fixed; or it was checked with those before
        std::size_t size = 0;
        for (; fixed_at[place]; ++place)
            size += least_at[place];
        return size;
    }

    /// Reads the value at `Place`.
    template <class T, std::size_t Place>
    [[gnu::always_inline]] static T get_at(const std::byte*& at, source& in)
    {
        if constexpr (stretch(Place) != 0)
            in.need(at, stretch(Place));
        if constexpr (form<T>::fixed)
            return form<T>::get(at, in);
        else
            return get_part<T>(at, in);
    }

    /// The same, having noted the place for the path of an error.
    template <class T, std::size_t Place>
    [[gnu::always_inline]] static T get_noted(const std::byte*& at, source& in, std::size_t& place)
    {
        place = Place;
        return get_at<T, Place>(at, in);
    }

    [[gnu::always_inline]] static std::size_t room_of(const sink& out, const Ts&... values) noexcept
    {
        (void)out;
        return (std::size_t{0} + ... + form<Ts>::room(values, out));
    }
    [[gnu::always_inline]] static std::byte* put_these(std::byte* at, sink& out, const Ts&... values)
    {
        return put_from<plain>(at, out, values...); // if all are plain, the caller has made room
    }
};

/// Writes values one after another, making room.
template <class... Ts>
[[gnu::always_inline]] inline std::byte* put_all(std::byte* at, sink& out, const Ts&... values)
{
    return put_from<false>(at, out, values...);
}

} // namespace ruche::wire
