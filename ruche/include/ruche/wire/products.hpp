#pragma once

#include <ruche/wire/packs.hpp>

#include <array>
#include <memory>
#include <tuple>
#include <utility>

/// Values that are made of a fixed number of others: pairs, tuples, arrays, aggregates. Nothing but the parts travels.
namespace ruche::wire {

namespace detail {

/// ".get<12>()"
template <std::size_t Index>
struct tuple_step {
    static constexpr auto letters = [] {
        std::array<char, 16> result{};
        std::size_t size = 0;
        for (const char letter : std::string_view(".get<"))
            result[size++] = letter;
        if (Index >= 10)
            result[size++] = static_cast<char>('0' + Index / 10 % 10);
        result[size++] = static_cast<char>('0' + Index % 10);
        for (const char letter : std::string_view(">()"))
            result[size++] = letter;
        return result;
    }();
    static constexpr std::string_view view{letters.data(), Index >= 10 ? 10u : 9u};
};

template <std::size_t... Is>
constexpr std::array<std::string_view, sizeof...(Is)> tuple_steps(std::index_sequence<Is...>)
{
    return {tuple_step<Is>::view...};
}

} // namespace detail

template <class First, class Second>
struct form<std::pair<First, Second>> : pack_form<std::remove_cv_t<First>, std::remove_cv_t<Second>> {
    using pack = pack_form<std::remove_cv_t<First>, std::remove_cv_t<Second>>;
    using pair = std::pair<First, Second>;
    static constexpr std::array<std::string_view, 2> steps{".first", ".second"};
    static constexpr std::string_view tag = "pack";
    [[gnu::always_inline]] static std::size_t room(const pair& value, const sink& out) noexcept
    {
        return pack::room_of(out, value.first, value.second);
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const pair& value)
    {
        return pack::put_these(at, out, value.first, value.second);
    }
    [[gnu::always_inline]] static pair get(const std::byte*& at, source& in)
    {
        std::size_t place = 0;
        try {
            auto first = pack::template get_at<std::remove_cv_t<First>, 0>(at, in);
            place = 1;
            return pair(std::move(first), pack::template get_at<std::remove_cv_t<Second>, 1>(at, in));
        } catch (const bad_message& error) {
            rethrow_within(error, steps[place]);
        }
    }
};

template <class... Ts>
struct form<std::tuple<Ts...>> : pack_form<std::remove_cv_t<Ts>...> {
    using pack = pack_form<std::remove_cv_t<Ts>...>;
    using tuple = std::tuple<Ts...>;
    static constexpr auto steps = detail::tuple_steps(std::index_sequence_for<Ts...>{});
    static constexpr std::string_view tag = "pack";
    [[gnu::always_inline]] static std::size_t room(const tuple& value, const sink& out) noexcept
    {
        return std::apply([&](const auto&... parts) { return pack::room_of(out, parts...); }, value);
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const tuple& value)
    {
        return std::apply([&](const auto&... parts) { return pack::put_these(at, out, parts...); }, value);
    }
    [[gnu::always_inline]] static tuple get(const std::byte*& at, source& in)
    {
        return get(at, in, std::index_sequence_for<Ts...>{});
    }

private:
    template <std::size_t... Is>
    [[gnu::always_inline]] static tuple get(const std::byte*& at, source& in, std::index_sequence<Is...>)
    {
        [[maybe_unused]] std::size_t place = 0;
        try {
            return tuple{pack::template get_noted<std::remove_cv_t<Ts>, Is>(at, in, place)...};
        } catch (const bad_message& error) {
            rethrow_within(error, steps[place]);
        }
    }
};

template <class Element, std::size_t Size>
struct form<std::array<Element, Size>> : any_form {
    using array = std::array<Element, Size>;
    using parts = types<Element>;
    static constexpr std::array<std::string_view, 1> steps{"[]"};
    static constexpr std::string_view tag = "array";
    static constexpr bool fixed = form<Element>::fixed, plain = fixed;
    static constexpr bool flat = form<Element>::flat && Size != 0, any_bytes = form<Element>::any_bytes;
    static constexpr std::size_t least = form<Element>::least * Size;
    static constexpr std::size_t weight = flat ? 3 : Size * weight_in_whole<Element> <= most_inlined ? 8 : apart;
    static constexpr std::size_t room(const array&, const sink&) noexcept { return least; }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const array& value)
    {
        if constexpr (flat) {
            std::memcpy(at, value.data(), least);
            return at + least;
        } else {
            for (const Element& element : value)
                at = fixed ? form<Element>::put(at, out, element) : put_part<Element>(at, out, element);
            return at;
        }
    }
    [[gnu::always_inline]] static array get(const std::byte*& at, source& in)
    {
        if constexpr (flat && any_bytes && std::is_trivially_copyable_v<Element>) {
            const std::byte* start = at;
            at += least;
            return std::bit_cast<array>(load<std::array<std::byte, sizeof(array)>>(start));
        } else {
            return get(at, in, std::make_index_sequence<Size>{});
        }
    }

private:
    template <std::size_t... Is>
    static array get(const std::byte*& at, source& in, std::index_sequence<Is...>)
    {
        [[maybe_unused]] std::size_t place = 0;
        try {
            return array{{get_noted<Is>(at, in, place)...}};
        } catch (const bad_message& error) {
            rethrow_at(error, place);
        }
    }
    template <std::size_t Place>
    [[gnu::always_inline]] static Element get_noted(const std::byte*& at, source& in, std::size_t& place)
    {
        place = Place;
        if constexpr (fixed)
            return form<Element>::get(at, in);
        else
            return get_part<Element>(at, in);
    }
};

/// C arrays are members only; they are read in place, since nothing can return one.
template <class Element, std::size_t Size>
struct form<Element[Size]> : any_form {
    using parts = types<std::remove_cv_t<Element>>;
    using element = std::remove_cv_t<Element>;
    static constexpr std::array<std::string_view, 1> steps{"[]"};
    static constexpr std::string_view tag = "array";
    static constexpr bool fixed = form<element>::fixed, plain = fixed;
    static constexpr bool flat = form<element>::flat, any_bytes = form<element>::any_bytes;
    static constexpr std::size_t least = form<element>::least * Size;
    static constexpr std::size_t weight = flat ? 3 : apart;
    static constexpr std::size_t room(const Element (&)[Size], const sink&) noexcept { return least; }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const Element (&value)[Size])
    {
        if constexpr (flat) {
            std::memcpy(at, value, least);
            return at + least;
        } else {
            for (const element& each : value)
                at = fixed ? form<element>::put(at, out, each) : put_part<element>(at, out, each);
            return at;
        }
    }
    static void get_into(const std::byte*& at, source& in, Element (&value)[Size])
    {
        std::size_t place = 0;
        try {
            for (; place != Size; ++place) {
                if constexpr (std::is_array_v<element>)
                    form<element>::get_into(at, in, value[place]);
                else
                    value[place] = get_part<element>(at, in);
            }
        } catch (const bad_message& error) {
            rethrow_at(error, place);
        }
    }
};

namespace detail {

template <class T, class Members = member_types<T>>
struct record_pack;
template <class T, class... Ms>
struct record_pack<T, types<Ms...>> : pack_form<Ms...> {
    using pack = pack_form<Ms...>;
    static constexpr bool has_array = (false || ... || std::is_array_v<Ms>);
    // Without padding the bytes of the object are those of the members, one after another.
    static constexpr bool flat = sizeof...(Ms) != 0 && std::is_trivially_copyable_v<T> &&
                                 (true && ... && form<Ms>::flat) && (std::size_t{0} + ... + sizeof(Ms)) == sizeof(T);
    static constexpr bool any_bytes = (true && ... && form<Ms>::any_bytes);

    template <std::size_t... Is>
    [[gnu::always_inline]] static T make(const std::byte*& at, source& in, std::size_t& place,
                                         std::index_sequence<Is...>)
    {
        (void)at, (void)in, (void)place;
        return T{pack::template get_noted<Ms, Is>(at, in, place)...};
    }
};

} // namespace detail

namespace detail {

/// The members as the bindings show them.
template <class T>
struct bound_parts : record_pack<T> {
    static constexpr const auto& steps = member_names<T>;

    static void check() noexcept {}
    /// Calls use(member...).
    template <class Object, class Use>
    static decltype(auto) with_parts(Object& value, Use&& use)
    {
        return with_members<member_count<T>>(value, std::forward<Use>(use));
    }
};

/// A class whose parts, as `Parts` shows them, are all that travels. `DefaultFirst` is whether an object must be made
/// before its parts are read.
template <class T, class Parts, bool DefaultFirst>
struct record_of : Parts {
    using pack = typename Parts::pack;
    static constexpr std::string_view tag = "record";
    static constexpr std::size_t count = pack::parts::size;

    [[gnu::always_inline]] static std::size_t room(const T& value, const sink& out) noexcept
    {
        return Parts::with_parts(value, [&](const auto&... parts) { return pack::room_of(out, parts...); });
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const T& value)
    {
        if constexpr (Parts::flat) {
            std::memcpy(at, std::addressof(value), sizeof(T));
            return at + sizeof(T);
        } else {
            Parts::check();
            return Parts::with_parts(value, [&](const auto&... parts) { return pack::put_these(at, out, parts...); });
        }
    }
    [[gnu::always_inline]] static T get(const std::byte*& at, source& in)
    {
        if constexpr (Parts::flat && Parts::any_bytes) {
            const std::byte* start = at;
            at += sizeof(T);
            return std::bit_cast<T>(load<std::array<std::byte, sizeof(T)>>(start));
        } else {
            std::size_t place = 0;
            try {
                if constexpr (DefaultFirst)
                    return get_in_place(at, in, place);
                else
                    return Parts::make(at, in, place, std::make_index_sequence<count>{});
            } catch (const bad_message& error) {
                if constexpr (count != 0)
                    rethrow_within(error, Parts::steps[place]);
                throw;
            }
        }
    }

private:
    static T get_in_place(const std::byte*& at, source& in, std::size_t& place)
    {
        Parts::check();
        T value{};
        Parts::with_parts(value, [&](auto&... parts) { (get_part_in_place(at, in, place, parts), ...); });
        return value;
    }
    template <class Part>
    static void get_part_in_place(const std::byte*& at, source& in, std::size_t& place, Part& part)
    {
        if constexpr (form<Part>::fixed && !Parts::fixed)
            in.need(at, form<Part>::least);
        if constexpr (std::is_array_v<Part>)
            form<Part>::get_into(at, in, part);
        else if constexpr (form<Part>::fixed)
            part = form<Part>::get(at, in);
        else
            part = get_part<Part>(at, in);
        ++place;
    }
};

} // namespace detail

/// An aggregate: its members, by themselves. An object must be there first for C arrays, which braces can't take from a
/// function, and for empty bases, which take the first place in the braces.
template <class T>
struct record_form
    : detail::record_of<T, detail::bound_parts<T>, detail::bound_parts<T>::has_array || base_count<T> != 0> {};

} // namespace ruche::wire
