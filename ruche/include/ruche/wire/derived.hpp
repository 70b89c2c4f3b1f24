#pragma once

#include <ruche/wire/hidden_members.hpp>
#include <ruche/wire/products.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Aggregates with members of their own beside those of their bases travel as the bases, then the members. The names of
/// the members can't be told, so they are `<member 1>` and so on in a path.
///
/// The members are read where their types say that they lie. What could lie elsewhere, by an `alignas` or as a
/// bit-field, is looked for once, in an object of which that member alone is not zero.
namespace ruche::wire {

namespace detail {

template <class T>
using bases_of = decltype(list_bases<T>(std::make_index_sequence<base_count<T>>{}));
template <class T>
using own_members_of = decltype(list_own_members<T, base_count<T>>(types<>{}));

/// Where the own members of T lie; only for a T whose types are all known.
template <class T>
inline constexpr auto own_places = place_members<T>(bases_of<T>{}, own_members_of<T>{});

// ---- looking where a member lies

/// The numbers of the initializers that own members begin with: a C array takes one for each element.
template <class T, class... Members>
constexpr auto first_initializers(types<Members...>)
{
    std::array<std::size_t, sizeof...(Members)> first{};
    std::size_t next = base_count<T>, i = 0;
    ((first[i++] = next, next += sizeof(Members) / sizeof(std::remove_all_extents_t<Members>)), ...);
    return first;
}

/// A type that an object can be made of from any bytes, as long as nobody asks what it means.
template <class Part>
inline constexpr bool is_bytes = std::is_trivially_copy_constructible_v<Part>&& std::is_trivially_destructible_v<Part>;

struct no_default {};

/// Gives an initializer its default, or bytes that count up from `first`.
template <bool Marked>
struct giver {
    unsigned char first;

    template <class Part>
    operator Part() const
    {
        if constexpr (Marked && is_bytes<Part>) {
            alignas(Part) unsigned char bytes[sizeof(Part)];
            for (std::size_t i = 0; i != sizeof(Part); ++i)
                bytes[i] = static_cast<unsigned char>(first + i);
            return *std::launder(reinterpret_cast<const Part*>(bytes));
        } else if constexpr (std::default_initializable<Part>) {
            return Part{};
        } else {
            throw no_default();
        }
    }
};

/// Memory for one T, zero before it is made.
template <class T>
class room_for {
public:
    room_for() : place_(std::allocator<T>().allocate(1)) { std::memset(static_cast<void*>(place_), 0, sizeof(T)); }
    ~room_for() { std::allocator<T>().deallocate(place_, 1); }
    room_for(const room_for&) = delete;
    room_for& operator=(const room_for&) = delete;
    [[nodiscard]] T* place() const noexcept { return place_; }

private:
    T* place_;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion" // of a bit-field, which is what is looked for, and of who takes all
#pragma GCC diagnostic ignored "-Wmissing-braces"
/// Whether bytes that are given to the initializer `Marked` arrive at `offset`. Numbers must be there to the last bit,
/// or a bit-field would pass for one; what else there is has padding, so its first byte must do.
template <class T, std::size_t Marked, class Part, std::size_t... Is>
bool arrives_at(std::size_t offset, unsigned char first, std::index_sequence<Is...>)
{
    const room_for<T> room;
    T* made = ::new (static_cast<void*>(room.place())) T{giver<Is == Marked>{first}...};
    unsigned char there[std::is_scalar_v<Part> ? sizeof(Part) : 1];
    std::memcpy(there, reinterpret_cast<const std::byte*>(made) + offset, sizeof there);
    std::destroy_at(made);
    for (std::size_t i = 0; i != sizeof there; ++i)
        if (there[i] != static_cast<unsigned char>(first + i))
            return false;
    return true;
}

#pragma GCC diagnostic pop

template <class T, std::size_t Member, class Type>
bool lies_in_its_place()
{
    using part = std::remove_all_extents_t<Type>;
    if constexpr (is_bytes<part> && !std::is_empty_v<part>) {
        constexpr std::size_t initializer = first_initializers<T>(own_members_of<T>{})[Member];
        constexpr std::make_index_sequence<all_initializers<T>> all{};
        const auto arrives = [&](unsigned char first) {
            return arrives_at<T, initializer, part>(own_places<T>.at[Member], first, all);
        };
        return arrives(1) && (!std::is_integral_v<part> || std::is_same_v<part, bool> || arrives(0x80));
    }
    return true;
}

template <class T, class... Members, std::size_t... Is>
bool look_for_members(types<Members...>, std::index_sequence<Is...>)
{
    try {
        return (true && ... && lies_in_its_place<T, Is, Members>());
    } catch (const no_default&) { // nothing can be made to look at: then the types alone must say it
        return (true && ... && own_places<T>.is_sure(Is));
    }
}

/// Whether the members of T lie where they are read.
template <class T>
bool members_lie_in_place()
{
    using members = own_members_of<T>;
    static const bool result = look_for_members<T>(members{}, std::make_index_sequence<members::size>{});
    return result;
}

// ---- whether it can be done at all

/// Whether the types leave a member one place, or it can be looked for, or there is nothing in it.
template <class T, class... Members, std::size_t... Is>
constexpr bool can_be_placed(types<Members...>, std::index_sequence<Is...>)
{
    return own_places<T>.fits &&
           (true && ... &&
            (own_places<T>.is_sure(Is) || std::is_empty_v<Members> || is_bytes<std::remove_all_extents_t<Members>>));
}

/// More initializers than this, each element of a C array counted, are not asked for their types.
inline constexpr std::size_t most_hidden = 256;

template <class T>
constexpr bool shows_hidden_members()
{
    if constexpr (has_base_with_data<T> && all_initializers<T> <= most_hidden) {
        using bases = bases_of<T>;
        if constexpr (knows_all(bases{}) && reaches_bases<T>(bases{})) {
            using members = own_members_of<T>;
            if constexpr (knows_all(members{}))
                return can_be_placed<T>(members{}, std::make_index_sequence<members::size>{});
        }
    }
    return false;
}

// ---- the form

/// "<member 12>"
template <std::size_t Number>
struct hidden_name {
    static constexpr auto letters = [] {
        std::array<char, 16> result{};
        std::size_t size = 0;
        for (const char letter : std::string_view("<member "))
            result[size++] = letter;
        for (std::size_t unit = Number >= 100 ? 100 : Number >= 10 ? 10 : 1; unit != 0; unit /= 10)
            result[size++] = static_cast<char>('0' + Number / unit % 10);
        result[size] = '>';
        return result;
    }();
    static constexpr std::string_view view{letters.data(), Number >= 100 ? 12u : Number >= 10 ? 11u : 10u};
};

template <class... Bases, std::size_t... Is>
constexpr auto hidden_steps(types<Bases...>, std::index_sequence<Is...>)
{
    return std::array<std::string_view, sizeof...(Bases) + sizeof...(Is)>{type_name<Bases>()...,
                                                                          hidden_name<Is + 1>::view...};
}

template <class T, class Bases = bases_of<T>, class Members = own_members_of<T>>
struct derived_parts;
template <class T, class... Bases, class... Members>
struct derived_parts<T, types<Bases...>, types<Members...>> : record_pack<T, types<Bases..., Members...>> {
    static constexpr auto steps = hidden_steps(types<Bases...>{}, std::index_sequence_for<Members...>{});

    static void check()
    {
        if (!members_lie_in_place<T>())
            throw std::logic_error(std::string(type_name<T>()) +
                                   ": its members do not lie where their types say: list all of them, also those of "
                                   "its bases, in static constexpr std::tuple fields{&T::a, ...}, or give it "
                                   "get_state() and set_state()");
    }
    /// Calls use(base..., member...).
    template <class Object, class Use>
    static decltype(auto) with_parts(Object& value, Use&& use)
    {
        return use_parts(value, std::forward<Use>(use), std::index_sequence_for<Members...>{});
    }

private:
    template <class Object, class Part>
    using as_part = std::conditional_t<std::is_const_v<Object>, const Part, Part>;

    template <class Object, class Use, std::size_t... Is>
    static decltype(auto) use_parts(Object& value, Use&& use, std::index_sequence<Is...>)
    {
        using byte = as_part<Object, std::byte>;
        [[maybe_unused]] byte* const start = reinterpret_cast<byte*>(std::addressof(value));
        return use(static_cast<as_part<Object, Bases>&>(value)...,
                   *std::launder(reinterpret_cast<as_part<Object, Members>*>(start + own_places<T>.at[Is]))...);
    }
};

} // namespace detail

/// An aggregate with members in it and in its bases.
template <class T>
struct derived_form : detail::record_of<T, detail::derived_parts<T>, detail::derived_parts<T>::has_array> {};

} // namespace ruche::wire
