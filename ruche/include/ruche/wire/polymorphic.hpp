#pragma once

#include <ruche/wire/form.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <typeinfo>

namespace ruche::wire {

/// How an object of a derived type travels through pointers to a base; one for each pair, for all of the program.
template <class Base>
struct derived_functions {
    std::byte* (*put)(std::byte* at, sink& out, const Base& object);
    std::unique_ptr<Base> (*get)(const std::byte*& at, source& in);
    std::shared_ptr<Base> (*get_shared)(const std::byte*& at, source& in);
    std::shared_ptr<Base> (*as_base)(const std::shared_ptr<void>& whole);
};

/// What was said about a pair of types; `functions` is its derived_functions<Base>.
struct derived_entry {
    const std::type_info* base;
    const std::type_info* derived;
    std::string_view name;
    std::uint64_t id; // of the name: it travels
    const void* functions;
};

void register_derived(const derived_entry& entry);
/// Throws: `std::logic_error` naming both types, if nothing was said about them.
const void* functions_to_put(const std::type_info& base, const std::type_info& derived, std::uint64_t& id);
/// Throws: `bad_message` if no derived type has that id.
const void* functions_to_get(const std::type_info& base, std::uint64_t id, const source& in, const std::byte* at);
/// Null if nothing was said about them.
const void* functions_of(const std::type_info& base, const std::type_info& derived) noexcept;

constexpr std::uint64_t hash_of(std::string_view words, std::uint64_t hash = 0xcbf29ce484222325u)
{
    for (const char letter : words)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
    return hash;
}

template <class T>
std::shared_ptr<T> get_new_object(const std::byte*& at, source& in);

template <class Derived, class Base>
inline constexpr derived_functions<Base> functions_between{
    [](std::byte* at, sink& out, const Base& object) {
        return put_part<Derived>(at, out, static_cast<const Derived&>(object));
    },
    [](const std::byte*& at, source& in) -> std::unique_ptr<Base> {
        in.spend(at, 1, sizeof(Derived));
        return std::unique_ptr<Base>(new Derived(get_part<Derived>(at, in)));
    },
    [](const std::byte*& at, source& in) -> std::shared_ptr<Base> { return get_new_object<Derived>(at, in); },
    [](const std::shared_ptr<void>& whole) -> std::shared_ptr<Base> {
        return std::static_pointer_cast<Derived>(whole);
    }};

/// Whether an object that is exactly a `Base` may travel, too.
template <class Base>
inline constexpr bool travels_as_itself = [] {
    if constexpr (std::is_abstract_v<Base>)
        return false;
    else
        return form<Base>::refusal == why::none;
}();

template <class Base>
const derived_functions<Base>& choose_to_put(const Base& object, std::uint64_t& id)
{
    if constexpr (travels_as_itself<Base>)
        if (typeid(object) == typeid(Base)) {
            id = 0;
            return functions_between<Base, Base>;
        }
    return *static_cast<const derived_functions<Base>*>(functions_to_put(typeid(Base), typeid(object), id));
}

template <class Base>
const derived_functions<Base>& choose_to_get(const std::byte*& at, source& in)
{
    const auto id = get_number<std::uint64_t>(at, in);
    if constexpr (travels_as_itself<Base>)
        if (id == 0)
            return functions_between<Base, Base>;
    return *static_cast<const derived_functions<Base>*>(functions_to_get(typeid(Base), id, in, at - sizeof id));
}

template <class Base>
std::byte* put_polymorphic(std::byte* at, sink& out, const Base& object)
{
    std::uint64_t id = 0;
    const auto& functions = choose_to_put<Base>(object, id);
    at = put_number(out.room(at, sizeof id), id);
    return functions.put(at, out, object);
}

} // namespace ruche::wire

namespace ruche {

/// Says that a pointer to `Base` may carry a `Derived`. One line beside the types, at namespace scope, in a file that
/// is linked wherever such a pointer is sent or received; the name of the variable is of no importance:
///
///     inline const ruche::derived_from<circle, shape> circle_is_a_shape;
///
/// The derived types must be sendable themselves: by `fields`, or by `get_state` and `set_state`.
/// Throws: `encode` throws `std::logic_error` for an object of a type that nobody spoke of, and names it.
template <class Derived, class Base>
class derived_from {
    static_assert(std::is_base_of_v<Base, Derived>,
                  "derived_from<Derived, Base>: the first is not derived of the second");
    static_assert(std::has_virtual_destructor_v<Base>, "a base that owners point to needs a virtual destructor");

public:
    derived_from()
    {
        const auto name = wire::type_name<Derived>();
        wire::register_derived(
            {&typeid(Base), &typeid(Derived), name, wire::hash_of(name), &wire::functions_between<Derived, Base>});
    }
};

/// The same for several: `inline const ruche::derived_types<shape, circle, square> shapes;`
template <class Base, class... Derived>
class derived_types : derived_from<Derived, Base>... {};

} // namespace ruche
