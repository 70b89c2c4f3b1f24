#pragma once

#include <ruche/codec.hpp>
#include <ruche/wire/own.hpp>
#include <ruche/wire/polymorphic.hpp>

#include <array>
#include <cstdint>

/// Records whose members are found by name, so that builds with different members understand one another: a count, then
/// for each member the hash of its name, the fingerprint of its type, how many objects are new in it, its size, itself.
namespace ruche::wire {

template <class T>
concept evolves_by_name = requires
{
    typename T::evolves;
}
&&std::is_same_v<typename T::evolves, by_name>;

/// What stands before a member.
struct member_header {
    std::uint32_t name, type, objects;
    std::uint64_t size;
};
inline constexpr std::size_t member_header_size = 20;

void put_member_header(sink& out, std::uint32_t name, std::uint32_t type);
/// Completes the header that was written where the message was as `before` says.
void amend_member_header(sink& out, const sink::mark& before);
member_header get_member_header(source& in);

constexpr std::uint32_t short_hash(std::uint64_t hash) { return static_cast<std::uint32_t>(hash ^ (hash >> 32)); }

template <class T>
constexpr std::uint32_t short_fingerprint();

/// `ByPosition` is the form that T would have without `evolves`.
template <class T, class ByPosition>
struct evolving_form : any_form {
    using parts = typename ByPosition::parts;
    static constexpr auto steps = ByPosition::steps;
    static constexpr std::string_view tag = "evolving";
    static constexpr bool evolves = true;
    static constexpr std::size_t least = 4;
    static constexpr std::size_t weight = apart;
    static constexpr std::size_t count = parts::size;

    static std::byte* put(std::byte* at, sink& out, const T& value)
    {
        out.set_at(put_number(out.room(at, 4), std::uint32_t{count}));
        ByPosition::with_parts(value, [&](const auto&... members) {
            std::size_t place = 0;
            (put_member(out, place++, members), ...);
        });
        return out.at();
    }
    static T get(const std::byte*& at, source& in)
    {
        const std::size_t members = get_count(at, in, member_header_size, 0);
        in.set_at(at);
        const resume rest(at, in);
        T value{};
        std::array<bool, count> met{};
        for (std::size_t i = 0; i != members; ++i)
            get_any_member(in, value, met);
        return value;
    }

private:
    template <class Member>
    static void put_member(sink& out, std::size_t place, const Member& member)
    {
        const auto before = out.here();
        put_member_header(out, short_hash(hash_of(steps[place])), short_fingerprint<Member>());
        const borrowing nothing(out, false); // a reader that steps over the member wants it in one piece
        out.set_at(put_part<Member>(out.at(), out, member));
        amend_member_header(out, before);
    }

    static void get_any_member(source& in, T& value, std::array<bool, count>& met)
    {
        const member_header header = get_member_header(in);
        const std::size_t end = in.left() - static_cast<std::size_t>(header.size);
        std::size_t place = 0;
        while (place != count && short_hash(hash_of(steps[place])) != header.name)
            ++place;
        if (place == count)
            return in.pass_over(static_cast<std::size_t>(header.size), header.objects);
        if (met[place])
            in.fail("a member is there twice");
        met[place] = true;
        try {
            ByPosition::with_parts(value, [&](auto&... members) {
                std::size_t here = 0;
                ((here++ == place ? get_member(in, header, members) : void()), ...);
            });
            if (in.left() != end)
                in.fail("has another size than was said");
        } catch (const bad_message& error) {
            rethrow_within(error, steps[place]);
        }
    }

    template <class Member>
    static void get_member(source& in, const member_header& header, Member& member)
    {
        if (header.type != short_fingerprint<Member>())
            in.fail("is of another type than here");
        const std::byte* at = in.at();
        const local_place place(at, in);
        if constexpr (std::is_array_v<Member>) {
            if constexpr (form<Member>::fixed)
                in.need(at, form<Member>::least);
            form<Member>::get_into(at, in, member);
        } else {
            member = get_part<Member>(at, in);
        }
    }
};

template <class T, class ByPosition, bool ByName = evolves_by_name<T>>
struct by_position_or_name_of {
    using type = ByPosition;
};
template <class T, class ByPosition>
struct by_position_or_name_of<T, ByPosition, true> {
    static_assert(std::is_default_constructible_v<T>, "members that a message lacks keep the value of a default-made "
                                                      "object: a type that evolves needs a default constructor");
    using type = evolving_form<T, ByPosition>;
};
template <class T, class ByPosition>
using by_position_or_name = typename by_position_or_name_of<T, ByPosition>::type;

} // namespace ruche::wire
