#pragma once

#include <cstddef>
#include <string_view>

/// How a type of one's own tells ruche what of it travels. An aggregate of sendable members needs none of this. The
/// first that a type has counts:
///
///     // 1. A codec, for types of others: any values, by encode and decode, in the same order.
///     template <> struct ruche::codec<colour> {
///         static void put(ruche::sink& out, const colour& c) { ruche::encode(out, c.rgb()); }
///         static colour get(ruche::source& in) { return colour(ruche::decode<std::uint32_t>(in)); }
///     };
///
///     // 2. A state: what get_state returns is sent; set_state takes it there. Any sendable type will do.
///     class session {
///         std::string get_state() const { return url_; }
///         static session set_state(std::string url) { return session(std::move(url)); }   // or, on a default-made
///         one: void set_state(std::string url) { url_ = std::move(url); }
///     };                       // or free functions beside the class: get_state(const session&), set_state(session&,
///     S)
///
///     // 3. Fields, also private ones and those of bases: members of a default-made object.
///     class account {
///         std::string owner_;
///         long cents_ = 0;
///     public:
///         static constexpr std::tuple fields{&account::owner_, &account::cents_};
///     };
///
///     // 4. By name, for what is kept or sent between builds that may differ: members may be added and taken away.
///     Those that
///     //    a message lacks keep the value of a default-made object, those that are not known here are passed over.
///     struct settings {
///         using evolves = ruche::by_name;
///         int width = 640;
///         std::string title;      // added in version 2
///     };
///
/// A type that must not travel says why, and the compiler repeats it: see `because`.
namespace ruche {

class sink;
class source;

/// A codec may say two things more: `static constexpr bool handles = true;` if it attaches descriptors, so that a queue
/// of such items knows that it must carry them, and `static constexpr std::size_t least = 4;`, the fewest bytes that
/// `put` writes, so that a hostile count of such items is refused early.
template <class T>
struct codec;

namespace wire {
template <std::size_t Size>
struct text;
}

/// What `using evolves = ruche::by_name;` says in an aggregate, or in a class with `fields`.
struct by_name {};

/// The reason that `using not_sendable = ruche::because<"holds a licence of this process">;` gives in a type.
template <wire::text Reason>
struct because {};

} // namespace ruche
