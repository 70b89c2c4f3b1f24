#pragma once

#include <ruche/wire/members.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

/// The members of an aggregate that has some itself and some in its bases. Bindings reach neither then. What its braces
/// take tells their types, though, and their types tell where they lie.
namespace ruche::wire::detail {

// ---- which types the initializers have

// What was noted at a slot is what the function type_at, declared here and defined by noted_type, returns for it. A
// template can tell its user nothing else of the types that were tried on it.
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wnon-template-friend"
#endif
template <class T, std::size_t Place, std::size_t Try>
struct slot {
    friend constexpr auto type_at(slot);
};
#pragma GCC diagnostic pop

template <class Slot, class Found>
struct noted_type {
    friend constexpr auto type_at(Slot) { return std::type_identity<Found>{}; }
    static constexpr bool done = true;
};

template <class Slot, class Found>
constexpr bool note_type()
{
    if constexpr (requires { type_at(Slot{}); })
        return true;
    else
        return noted_type<Slot, Found>::done;
}

template <class T, class List>
inline constexpr bool is_among = false;
template <class T, class... Ts>
inline constexpr bool is_among<T, types<Ts...>> = (false || ... || std::is_same_v<T, Ts>);

// Stand for a value of any type but some; the first notes for which it was taken.
template <class Slot, class But>
struct noting {
    template <class T>
    requires(!is_among<T, But>) operator T() const noexcept(note_type<Slot, T>());
};
template <class But>
struct anything_but {
    template <class T>
    requires(!is_among<T, But>) operator T() const noexcept;
};
// Stands for a value of one type.
template <class Only>
struct exactly {
    template <class T>
    requires(std::is_same_v<T, Only>) operator T() const noexcept;
};

// Whether T takes Probe as its initializer at a place, between others; look_at evaluates its noexcept besides.
template <class T, class Probe, std::size_t... Before, std::size_t... After>
constexpr bool takes_at(std::index_sequence<Before...>, std::index_sequence<After...>)
{
    return requires { T{anything<Before>{}..., Probe{}, anything<After>{}...}; };
}
template <class T, class Probe, std::size_t... Before, std::size_t... After>
constexpr bool look_at(std::index_sequence<Before...>, std::index_sequence<After...>)
{
    return requires
    {
        {
            T { anything<Before>{}..., Probe{}, anything<After>{}... }
        }
        noexcept;
    };
}
template <std::size_t Place>
using before = std::make_index_sequence<Place>;
template <class T, std::size_t Place>
using after = std::make_index_sequence<all_initializers<T> - Place - 1>;

template <class T>
struct alone {
    T member;
};
template <class T, class... Given>
constexpr bool takes_each(types<Given...>)
{
    return (true && ... && requires { alone<T>{exactly<Given>{}}; });
}

// The one of the candidates that can be made from each of them; void if that is none, or not one alone.
template <class Candidates>
struct widest;
template <class... Ts>
struct widest<types<Ts...>> {
    template <class Found, class T, class... Rest>
    static constexpr auto search()
    {
        constexpr bool fits = takes_each<T>(types<Ts...>{});
        if constexpr (fits && !std::is_void_v<Found>)
            return std::type_identity<void>{};
        else if constexpr (sizeof...(Rest) != 0)
            return search<std::conditional_t<fits, T, Found>, Rest...>();
        else
            return std::type_identity<std::conditional_t<fits, T, Found>>{};
    }
    static constexpr auto find()
    {
        if constexpr (sizeof...(Ts) == 0)
            return std::type_identity<void>{};
        else
            return search<void, Ts...>();
    }
};

// Those of the candidates that the initializer at Place takes.
template <class T, std::size_t Place, class... Taken>
constexpr auto keep_taken(types<Taken...> taken, types<>)
{
    return taken;
}
template <class T, std::size_t Place, class... Taken, class Next, class... Rest>
constexpr auto keep_taken(types<Taken...>, types<Next, Rest...>)
{
    constexpr bool takes = takes_at<T, exactly<Next>>(before<Place>{}, after<T, Place>{});
    return keep_taken<T, Place>(std::conditional_t<takes, types<Taken..., Next>, types<Taken...>>{}, types<Rest...>{});
}

inline constexpr std::size_t most_tries = 16;

// The type of the initializer at Place of T, as std::type_identity; void if it can't be told. A member that is made
// from what it holds (std::optional<int>) is offered that first, so that int is noted: what was noted is left out at
// the next try, until nothing more is taken.
template <class T, std::size_t Place, class... Noted>
constexpr auto find_initializer_type(types<Noted...> noted)
{
    using here = slot<T, Place, sizeof...(Noted)>;
    if constexpr (!takes_at<T, anything_but<types<Noted...>>>(before<Place>{}, after<T, Place>{})) {
        return widest<decltype(keep_taken<T, Place>(types<>{}, noted))>::find();
    } else if constexpr (sizeof...(Noted) == most_tries) {
        return std::type_identity<void>{};
    } else {
        [[maybe_unused]] constexpr bool looked =
            look_at<T, noting<here, types<Noted...>>>(before<Place>{}, after<T, Place>{});
        if constexpr (requires { type_at(here{}); })
            return find_initializer_type<T, Place>(types<Noted..., typename decltype(type_at(here{}))::type>{});
        else
            return std::type_identity<void>{}; // a std::any takes the probe itself
    }
}
template <class T, std::size_t Place>
using initializer_type = typename decltype(find_initializer_type<T, Place>(types<>{}))::type;

// ---- the bases and members

template <class T, std::size_t... Places>
constexpr auto list_bases(std::index_sequence<Places...>)
{
    return types<initializer_type<T, Places>...>{};
}

template <class Element, std::size_t Extent>
struct as_member {
    using type = Element[Extent];
};
template <class Element>
struct as_member<Element, 1> {
    using type = Element;
};
template <>
struct as_member<void, 1> {
    using type = void;
};

template <class T, std::size_t Place, class... Found>
constexpr auto list_own_members(types<Found...> found)
{
    if constexpr (Place >= all_initializers<T>) {
        return found;
    } else {
        constexpr std::size_t extent = extent_at<T, all_initializers<T>, Place>();
        using member = typename as_member<initializer_type<T, Place>, extent>::type;
        return list_own_members<T, Place + extent>(types<Found..., member>{});
    }
}

template <class T, class... Bases>
constexpr bool reaches_bases(types<Bases...>)
{
    return (true && ... && (std::is_base_of_v<Bases, T> && std::is_convertible_v<T*, Bases*>));
}
template <class... Members>
constexpr bool knows_all(types<Members...>)
{
    return (true && ... && !std::is_void_v<Members>);
}

// ---- where they lie

// What follows a class, or several, within a class that is derived from them.
template <class... Bases>
struct followed : Bases... {
    unsigned char next;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
template <class... Bases>
constexpr std::size_t end_of_bases()
{
    return __builtin_offsetof(followed<Bases...>, next);
}
#pragma GCC diagnostic pop

// How many bytes nothing else can lie in: a [[no_unique_address]] gives away the rest.
template <class T>
constexpr std::size_t taken_bytes()
{
    if constexpr (std::is_empty_v<T>)
        return 0;
    else if constexpr (std::is_class_v<T> && !std::is_final_v<T>)
        return end_of_bases<T>();
    else
        return sizeof(T);
}

constexpr std::size_t rounded_up(std::size_t offset, std::size_t alignment)
{
    return (offset + alignment - 1) / alignment * alignment;
}

/// Where members lie that follow the bases of a class: one after another, each at the next multiple of its alignment.
/// What the class says of a member may move it (`alignas`, `[[no_unique_address]]`), so `lowest` and `highest` are
/// how far that could be without making the class longer or shorter than it is.
template <std::size_t Count>
struct placement {
    bool fits = false;
    std::array<std::size_t, Count> at{}, lowest{}, highest{};

    [[nodiscard]] constexpr bool is_sure(std::size_t i) const { return lowest[i] == highest[i]; }
};

template <class T, class... Bases, class... Members>
constexpr auto place_members(types<Bases...>, types<Members...>)
{
    constexpr std::size_t count = sizeof...(Members);
    constexpr std::array<std::size_t, count> sizes{sizeof(Members)...}, alignments{alignof(Members)...},
        taken{taken_bytes<Members>()...};
    constexpr std::size_t end = taken_bytes<T>();
    placement<count> result;
    std::size_t next = end_of_bases<Bases...>(), low = next;
    for (std::size_t i = 0; i != count; ++i) {
        result.at[i] = rounded_up(next, alignments[i]);
        result.lowest[i] = rounded_up(low, alignments[i]);
        next = result.at[i] + sizes[i];
        low = result.lowest[i] + taken[i];
    }
    result.fits = std::is_final_v<T> ? rounded_up(next, alignof(T)) == sizeof(T) : next == end;
    std::size_t high = end;
    for (std::size_t i = count; result.fits && i-- != 0; high = result.highest[i])
        result.highest[i] = (high - taken[i]) / alignments[i] * alignments[i];
    return result;
}

} // namespace ruche::wire::detail
