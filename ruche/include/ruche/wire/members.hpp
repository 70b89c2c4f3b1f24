#pragma once

#include <ruche/wire/bindings.hpp>
#include <ruche/wire/text.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

/// What the members of an aggregate are: how many, of which types, with which names. C++20 has no reflection, but an
/// aggregate tells by what its braces accept.
namespace ruche::wire {

/// A list of types.
template <class... Ts>
struct types {
    static constexpr std::size_t size = sizeof...(Ts);
};

namespace detail {

// Stands for a value of whatever type a brace asks for. Declared only: nothing is ever converted.
template <std::size_t>
struct anything {
    template <class T>
    operator T() const noexcept;
};

// Stands for a base of T and for nothing else.
template <class T, bool EmptyOnly>
struct any_base {
    template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T> && (!EmptyOnly || std::is_empty_v<Base>))
    operator Base() const noexcept;
};

// Stands for a base of T whose members can be counted.
template <class T>
struct any_open_base {
    template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T> && std::is_aggregate_v<Base>)
    operator Base() const noexcept;
};

// Stands for whatever a reference may be bound to.
struct any_reference {
    template <class T>
    operator T&() const noexcept;
};

// Asked about instead of T: what the braces of T's first base take.
template <class T>
struct first_base_of {
    using whole = T;
};
template <class T>
concept asks_of_base = requires
{
    typename T::whole;
}
&&std::is_same_v<T, first_base_of<typename T::whole>>;

template <class T>
using whole_of = typename T::whole;

template <class T, std::size_t... Is>
constexpr bool takes(std::index_sequence<Is...>)
{
    if constexpr (asks_of_base<T>)
        return requires { whole_of<T>{{anything<Is>{}...}}; };
    else
        return requires { T{anything<Is>{}...}; };
}
template <class T, std::size_t Count>
constexpr bool takes_count = takes<T>(std::make_index_sequence<Count>{});

// Whether T takes something in braces at one place, after Before and before After others.
template <class T, std::size_t... Before, std::size_t... After>
constexpr bool takes_empty(std::index_sequence<Before...>, std::index_sequence<After...>)
{
    if constexpr (asks_of_base<T>)
        return requires { whole_of<T>{{anything<Before>{}..., {}, anything<After>{}...}}; };
    else
        return requires { T{anything<Before>{}..., {}, anything<After>{}...}; };
}
template <class T, std::size_t... Before, std::size_t... After>
constexpr bool takes_braced(std::index_sequence<Before...>, std::index_sequence<After...>)
{
    if constexpr (asks_of_base<T>)
        return requires { whole_of<T>{{anything<Before>{}..., {anything<0>{}}, anything<After>{}...}}; };
    else
        return requires { T{anything<Before>{}..., {anything<0>{}}, anything<After>{}...}; };
}

// Whether T takes something that only its bases are, before Others others.
template <class T, class Probe, std::size_t... Bases, std::size_t... Others>
constexpr bool takes_bases(std::index_sequence<Bases...>, std::index_sequence<Others...>)
{
    return requires { T{((void)Bases, Probe{})..., anything<Others>{}...}; };
}

// How many of the initializers of T are for its bases. A std::any would take our probe, and that for another class too.
template <class T, bool EmptyOnly, std::size_t All, std::size_t Count = 0>
constexpr std::size_t count_bases()
{
    if constexpr (Count < All) {
        using bases = std::make_index_sequence<Count + 1>;
        using others = std::make_index_sequence<All - Count - 1>;
        if constexpr (takes_bases<T, any_base<T, EmptyOnly>>(bases{}, others{}) &&
                      !takes_bases<T, any_base<types<T>, EmptyOnly>>(bases{}, others{}))
            return count_bases<T, EmptyOnly, All, Count + 1>();
    }
    return Count;
}

// Whether the first base of T has a base itself. (Not asked of what has a std::any as its first member: it takes all.)
template <class T>
constexpr bool takes_base_in_base()
{
    return requires { T{{any_base<T, false>{}}}; }
    &&!requires { T{{any_base<types<T>, false>{}}}; };
}

template <class T>
constexpr bool takes_open_base()
{
    return requires { T{any_open_base<T>{}}; };
}

template <class T, std::size_t... Before>
constexpr bool takes_reference(std::index_sequence<Before...>)
{
    return requires { T{anything<Before>{}..., any_reference{}}; };
}
template <class T, std::size_t... Places>
constexpr bool takes_reference_somewhere(std::index_sequence<Places...>)
{
    return (takes_reference<T>(std::make_index_sequence<Places>{}) || ...);
}

inline constexpr std::size_t most_initializers = 4096;

template <class T, std::size_t From>
constexpr std::size_t first_accepted()
{
    if constexpr (From > most_members * 2 || takes_count<T, From>)
        return From;
    else
        return first_accepted<T, From + 1>();
}

// The last accepted count, knowing that Low is accepted and High is not.
template <class T, std::size_t Low, std::size_t High>
constexpr std::size_t last_accepted()
{
    if constexpr (High - Low == 1)
        return Low;
    else if constexpr (takes_count<T, (Low + High) / 2>)
        return last_accepted<T, (Low + High) / 2, High>();
    else
        return last_accepted<T, Low, (Low + High) / 2>();
}

template <class T, std::size_t Low, std::size_t Step>
constexpr std::size_t count_initializers()
{
    if constexpr (Low + Step <= most_initializers && takes_count<T, Low + Step>)
        return count_initializers<T, Low + Step, Step * 2>();
    else
        return last_accepted<T, Low, Low + Step>();
}

template <class T, std::size_t Place, std::size_t After>
constexpr bool takes_braced_before = takes_braced<T>(std::make_index_sequence<Place>{},
                                                     std::make_index_sequence<After>{});

// How many may follow a braced member at Place: at least Low, fewer than High.
template <class T, std::size_t Place, std::size_t Low, std::size_t High>
constexpr std::size_t last_follower()
{
    if constexpr (High - Low == 1)
        return Low;
    else if constexpr (takes_braced_before<T, Place, (Low + High) / 2>)
        return last_follower<T, Place, (Low + High) / 2, High>();
    else
        return last_follower<T, Place, Low, (Low + High) / 2>();
}

// The same where members without a default constructor must follow, so that few are refused as well as many.
template <class T, std::size_t Place, std::size_t After, std::size_t Tries>
constexpr std::size_t search_follower(std::size_t none)
{
    if constexpr (takes_braced_before<T, Place, After>)
        return After;
    else if constexpr (After == 0 || Tries == 0)
        return none;
    else
        return search_follower<T, Place, After - 1, Tries - 1>(none);
}

// How many initializers the member at Place takes: more than one only if it is a C array whose braces were left out.
template <class T, std::size_t All, std::size_t Place>
constexpr std::size_t extent_at()
{
    constexpr std::size_t after = All - Place - 1;
    if constexpr (takes_empty<T>(std::make_index_sequence<Place>{}, std::make_index_sequence<after>{}))
        return 1;
    else if constexpr (after == 0 || takes_braced_before<T, Place, after>)
        return 1;
    else if constexpr (takes_braced_before<T, Place, 0>)
        return All - Place - last_follower<T, Place, 0, after>();
    else
        return All - Place - search_follower<T, Place, after - 1, most_members>(after);
}

template <class T, std::size_t All, std::size_t Place, std::size_t Found>
constexpr std::size_t count_from()
{
    if constexpr (Place >= All)
        return Found;
    else
        return count_from<T, All, Place + extent_at<T, All, Place>(), Found + 1>();
}

template <class T>
constexpr std::size_t count_all_initializers()
{
    constexpr std::size_t first = first_accepted<T, 0>();
    if constexpr (first > most_members * 2)
        return 0;
    else
        return count_initializers<T, first, 1>();
}
template <class T>
inline constexpr std::size_t all_initializers = count_all_initializers<T>();

// Only the addresses of its members are used, and only while compiling.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-internal"
#pragma clang diagnostic ignored "-Wundefined-var-template"
#endif
template <class T>
struct placed {
    T value;
};
template <class T>
extern const placed<T> never_defined;

// clang before 17 takes a pointer into an object as a template argument only inside of a structure.
template <class T>
struct place {
    const T* address;
};
template <class T>
place(const T*) -> place<T>;

// The name stands at the end, as in `…::value.job::log)}]` (g++) or `….value.log}]` (clang). One step a letter: this
// runs for each member of each type that is sent. Not with a return type that is spelled out: g++ would explain it
// after the name.
template <auto Place>
constexpr auto member_name()
{
    const char* const start = __PRETTY_FUNCTION__;
    const char* end = start + sizeof(__PRETTY_FUNCTION__) - 1 - 2;
    if (end[-1] == ')')
        --end;
    const char* first = end;
    while (first[-1] != ':' && first[-1] != '.')
        --first;
    return std::string_view(first, static_cast<std::size_t>(end - first));
}

} // namespace detail

/// Whether `T` may tell its members by its braces.
template <class T>
inline constexpr bool is_record = std::is_class_v<T>&& std::is_aggregate_v<T>;

/// The number of bases of an aggregate.
template <class T>
inline constexpr std::size_t base_count = detail::count_bases<T, false, detail::all_initializers<T>>();

namespace detail {

template <class T>
inline constexpr bool has_full_base = base_count<T> != count_bases<T, true, all_initializers<T>>();

// Whether all that T has is one base, which has no bases itself: its members are those of T then.
template <class T>
constexpr bool is_its_base()
{
    if constexpr (has_full_base<T> && base_count<T> == 1 && all_initializers<T> == 1)
        return !takes_base_in_base<T>() && takes_open_base<T>();
    else
        return false;
}

template <class T>
constexpr std::size_t count_members()
{
    if constexpr (is_its_base<T>())
        return count_from<first_base_of<T>, all_initializers<first_base_of<T>>, 0, 0>();
    else
        return count_from<T, all_initializers<T>, base_count<T>, 0>();
}

} // namespace detail

/// Whether bindings can't reach all members: they may lie in the class or in one base of it, not in both.
template <class T>
inline constexpr bool has_base_with_data = detail::has_full_base<T> && !detail::is_its_base<T>();

/// The number of members of an aggregate; more than `most_members` if there are too many.
template <class T>
inline constexpr std::size_t member_count = detail::count_members<T>();

/// Whether an aggregate has a reference among its members. None can be made from a message then.
template <class T>
constexpr bool has_reference_member()
{
    if constexpr (!std::is_default_constructible_v<T> && detail::all_initializers<T> == 0)
        return detail::takes_reference_somewhere<T>(std::make_index_sequence<most_members>{});
    else
        return false;
}

namespace detail {

template <class T>
constexpr auto list_member_types()
{
    return with_members<member_count<T>>(never_defined<T>.value, [](const auto&... members) {
        return types<std::remove_cv_t<std::remove_reference_t<decltype(members)>>...>{};
    });
}

template <class T>
constexpr auto member_places()
{
    return with_members<member_count<T>>(never_defined<T>.value,
                                         [](const auto&... members) { return std::tuple(place{&members}...); });
}
// Looked at by the compiler only, and one by one: a tuple of them that is a variable would be built for each name anew.
template <class T>
inline constexpr auto member_places_of = member_places<T>();
#ifdef __clang__
#pragma clang diagnostic pop
#endif

template <class T, std::size_t... Is>
constexpr auto list_member_names(std::index_sequence<Is...>)
{
    return std::array<std::string_view, sizeof...(Is)>{member_name<std::get<Is>(member_places_of<T>)>()...};
}

} // namespace detail

/// Whether each member can be looked at by its address: a bit-field has none.
template <class T>
constexpr bool has_bit_field()
{
    return !requires { typename std::bool_constant<(detail::member_places<T>(), true)>; };
}

/// The types of the members of an aggregate, as `types<...>`.
template <class T>
using member_types = decltype(detail::list_member_types<T>());

/// The names of the members of an aggregate, as the program writes them.
template <class T>
inline constexpr auto member_names = detail::list_member_names<T>(std::make_index_sequence<member_count<T>>{});

} // namespace ruche::wire
