#pragma once

#include <ruche/codec.hpp>
#include <ruche/wire/others.hpp>
#include <ruche/wire/products.hpp>
#include <ruche/wire/sequences.hpp>

#include <concepts>
#include <tuple>

/// The forms of the types that users write: by codec, by state, by fields, or as they are.
namespace ruche::wire {

template <class T>
concept has_codec = requires(sink& out, source& in, const T& value)
{
    codec<T>::put(out, value);
    {
        codec<T>::get(in)
        } -> std::same_as<T>;
};

template <class T>
struct codec_form : any_form {
    static constexpr std::string_view tag = type_name<T>();
    static constexpr std::size_t weight = apart;
    static constexpr bool handles = [] {
        if constexpr (requires { codec<T>::handles; })
            return codec<T>::handles;
        else
            return false;
    }();
    static constexpr bool portable = !handles;
    static constexpr std::size_t least = [] {
        if constexpr (requires { codec<T>::least; })
            return codec<T>::least; // the fewest bytes that put writes
        else
            return std::size_t{0};
    }();
    static std::byte* put(std::byte* at, sink& out, const T& value)
    {
        out.set_at(at);
        const borrowing nothing(out, false); // what a codec encodes may be gone when it returns
        codec<T>::put(out, value);
        return out.at();
    }
    static T get(const std::byte*& at, source& in)
    {
        in.set_at(at);
        const resume rest(at, in);
        return codec<T>::get(in);
    }
};

// ---- get_state and set_state

namespace free_state {
// Found beside the class only, by its arguments.
void get_state(); // NOLINT
void set_state(); // NOLINT
template <class T>
concept has_get = requires(const T& value)
{
    get_state(value);
};
template <class T>
auto get(const T& value)
{
    return get_state(value);
}
template <class T, class State>
concept has_set = requires(T& value, State&& state)
{
    set_state(value, std::forward<State>(state));
};
template <class T, class State>
void set(T& value, State&& state)
{
    set_state(value, std::forward<State>(state));
}
} // namespace free_state

template <class T>
concept has_member_state = requires(const T& value)
{
    value.get_state();
};
template <class T>
concept has_state = has_member_state<T> || free_state::has_get<T>;

template <class T>
[[gnu::always_inline]] inline decltype(auto) state_of(const T& value)
{
    if constexpr (has_member_state<T>)
        return value.get_state();
    else
        return free_state::get(value);
}

template <class T>
struct received;

/// What arrives when a `T` is sent: itself, or the owner of what a view shows.
template <class T>
struct received {
    using type = T;
};
template <class Char, class Traits>
struct received<std::basic_string_view<Char, Traits>> {
    using type = std::basic_string<Char, Traits>;
};
template <class Element, std::size_t Extent>
struct received<std::span<Element, Extent>> {
    using type = std::vector<std::remove_cv_t<Element>>;
};
template <>
struct received<const char*> {
    using type = std::string;
};
template <>
struct received<char*> {
    using type = std::string;
};

template <class T>
using state_type = typename received<std::remove_cvref_t<decltype(state_of(std::declval<const T&>()))>>::type;

template <class T>
concept sets_statically = requires(state_type<T>&& state)
{
    {
        T::set_state(std::move(state))
        } -> std::same_as<T>;
};
template <class T>
concept sets_in_place = requires(T& value, state_type<T>&& state)
{
    value.set_state(std::move(state));
};
template <class T>
concept comes_back = sets_statically<T> ||
    (std::default_initializable<T> && (sets_in_place<T> || free_state::has_set<T, state_type<T>>));

template <class T>
struct state_form : any_form {
    using state = state_type<T>;
    using parts = types<state>;
    static constexpr std::array<std::string_view, 1> steps{".get_state()"};
    static constexpr std::string_view tag = "state";
    static constexpr bool fixed = form<state>::fixed;
    static constexpr std::size_t least = form<state>::least;
    static constexpr std::size_t weight = apart;
    static constexpr bool plain = fixed;
    static constexpr std::size_t room(const T&, const sink&) noexcept { return least; }

    static std::byte* put(std::byte* at, sink& out, const T& value)
    {
        decltype(auto) sent = state_of(value);
        using as_sent = std::remove_cvref_t<decltype(sent)>;
        const borrowing as_before(out, out.borrows() && std::is_reference_v<decltype(sent)>);
        if constexpr (fixed)
            return form<as_sent>::put(at, out, sent);
        else
            return put_part<as_sent>(at, out, sent);
    }
    static T get(const std::byte*& at, source& in)
    {
        if constexpr (sets_statically<T>) {
            return T::set_state(get_part<state>(at, in));
        } else {
            T value{};
            if constexpr (sets_in_place<T>)
                value.set_state(get_part<state>(at, in));
            else
                free_state::set(value, get_part<state>(at, in));
            return value;
        }
    }
};

// ---- fields

template <class T>
concept has_fields = requires
{
    std::tuple_size<std::remove_cvref_t<decltype(T::fields)>>::value;
};

namespace detail {

template <class Pointer>
struct pointed_member;
template <class Class, class Member>
struct pointed_member<Member Class::*> {
    using type = std::remove_cv_t<Member>;
};

template <class Tuple>
struct field_pack;
template <class... Pointers>
struct field_pack<std::tuple<Pointers...>> {
    using type = pack_form<typename pointed_member<Pointers>::type...>;
};

template <auto Pointer>
constexpr std::string_view field_name()
{
    std::string_view name = __PRETTY_FUNCTION__;
    name = name.substr(name.find("Pointer = ") + 10);
    name = name.substr(0, name.find_first_of(";]"));
    if (name.ends_with(')'))
        name.remove_suffix(1);
    return name.substr(name.rfind(':') + 1);
}

template <class T, std::size_t... Is>
constexpr std::array<std::string_view, sizeof...(Is)> field_names(std::index_sequence<Is...>)
{
    return {field_name<std::get<Is>(T::fields)>()...};
}

} // namespace detail

template <class T>
struct fields_form : detail::field_pack<std::remove_cvref_t<decltype(T::fields)>>::type {
    using pack = typename detail::field_pack<std::remove_cvref_t<decltype(T::fields)>>::type;
    static constexpr std::size_t count = std::tuple_size_v<std::remove_cvref_t<decltype(T::fields)>>;
    static constexpr auto steps = detail::field_names<T>(std::make_index_sequence<count>{});
    static constexpr std::string_view tag = "record";

    template <class Object, class Use>
    static decltype(auto) with_parts(Object& value, Use&& use)
    {
        return std::apply([&](auto... fields) -> decltype(auto) { return use(value.*fields...); }, T::fields);
    }

    [[gnu::always_inline]] static std::size_t room(const T& value, const sink& out) noexcept
    {
        return std::apply([&](auto... fields) { return pack::room_of(out, value.*fields...); }, T::fields);
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const T& value)
    {
        return std::apply([&](auto... fields) { return pack::put_these(at, out, value.*fields...); }, T::fields);
    }
    static T get(const std::byte*& at, source& in) { return get(at, in, std::make_index_sequence<count>{}); }

private:
    template <std::size_t... Is>
    static T get(const std::byte*& at, source& in, std::index_sequence<Is...>)
    {
        [[maybe_unused]] std::size_t place = 0;
        try {
            T value{};
            ((place = Is, get_field<Is>(at, in, value.*std::get<Is>(T::fields))), ...);
            return value;
        } catch (const bad_message& error) {
            rethrow_within(error, steps[place]);
        }
    }
    template <std::size_t Place, class Field>
    static void get_field(const std::byte*& at, source& in, Field& field)
    {
        if constexpr (std::is_array_v<Field>) {
            if constexpr (pack::stretch(Place) != 0)
                in.need(at, pack::stretch(Place));
            form<Field>::get_into(at, in, field);
        } else {
            field = pack::template get_at<Field, Place>(at, in);
        }
    }
};

/// Nothing inside, nothing to send: a captureless lambda, a comparator, a tag.
template <class T>
struct empty_form : any_form {
    static constexpr std::string_view tag = "nothing";
    static constexpr bool fixed = true, plain = true;
    static constexpr std::size_t room(const T&, const sink&) noexcept { return 0; }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink&, const T&) noexcept { return at; }
    [[gnu::always_inline]] static T get(const std::byte*&, source&) noexcept { return T(); }
};

} // namespace ruche::wire
