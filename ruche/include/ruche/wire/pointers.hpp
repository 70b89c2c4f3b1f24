#pragma once

#include <ruche/wire/form.hpp>
#include <ruche/wire/polymorphic.hpp>

#include <memory>
#include <type_traits>
#include <utility>

/// Owners. A `unique_ptr` travels as what it owns. What `shared_ptr`s share is shared again on arrival: the first that
/// meets an object carries it, the others its number; cycles close.
namespace ruche::wire {

template <class T>
inline constexpr bool is_polymorphic_object = [] {
    if constexpr (std::is_class_v<T>)
        return std::is_polymorphic_v<T>;
    else
        return false;
}();

/// Names a type at run time, by its address.
template <class T>
inline constexpr char type_mark = 0;

/// A base that can't be itself doesn't travel as itself; what is derived from it is seen when it is met.
template <class T, bool Polymorphic = is_polymorphic_object<T>>
struct owned_types {
    using list = types<T>;
};
template <class T>
struct owned_types<T, true> {
    using list = std::conditional_t<travels_as_itself<T>, types<T>, types<>>;
};
template <class T>
using owned_parts = typename owned_types<T>::list;

struct owner_form : any_form {
    static constexpr std::size_t weight = apart;
};

template <class T>
requires(!std::is_array_v<T>) struct form<std::unique_ptr<T>> : owner_form {
    using object = std::remove_const_t<T>;
    using parts = owned_parts<object>;
    static constexpr std::array<std::string_view, 1> steps{"->"};
    static constexpr std::string_view tag = "owned";
    static constexpr std::size_t least = 1;

    static std::byte* put(std::byte* at, sink& out, const std::unique_ptr<T>& pointer)
    {
        at = out.room(at, 1);
        *at++ = std::byte{pointer != nullptr};
        if (!pointer)
            return at;
        if constexpr (is_polymorphic_object<object>)
            return put_polymorphic<object>(at, out, *pointer);
        else
            return put_part<object>(at, out, *pointer);
    }
    static std::unique_ptr<T> get(const std::byte*& at, source& in)
    {
        const auto present = get_number<unsigned char>(at, in);
        if (present > 1) [[unlikely]]
            in.fail_at(at - 1, "a pointer is neither null nor set");
        if (present == 0)
            return nullptr;
        try {
            if constexpr (is_polymorphic_object<object>) {
                return choose_to_get<object>(at, in).get(at, in);
            } else {
                in.spend(at, 1, sizeof(object));
                return std::unique_ptr<T>(new object(get_part<object>(at, in)));
            }
        } catch (const bad_message& error) {
            rethrow_within(error, steps[0]);
        }
    }
};

template <class T>
inline constexpr bool can_be_filled = std::is_default_constructible_v<T>&& std::is_move_assignable_v<T>;

/// The address and type that tell an object from all others: those of the whole object, not of the base a pointer sees.
template <class T>
sink::meeting meet_object(sink& out, const T* object)
{
    if constexpr (is_polymorphic_object<T>)
        return out.meet(dynamic_cast<const void*>(object), &typeid(*object));
    else
        return out.meet(object, &type_mark<T>);
}

template <class T, class Pointer>
std::byte* put_shared(std::byte* at, sink& out, const Pointer& pointer)
{
    at = out.room(at, 4);
    if (!pointer)
        return put_number(at, std::uint32_t{0});
    const auto [number, first] = meet_object<T>(out, pointer.get());
    at = put_number(at, number);
    if (!first)
        return at;
    out.keep(pointer);
    if constexpr (is_polymorphic_object<T>)
        return put_polymorphic<T>(at, out, *pointer);
    else
        return put_part<T>(at, out, *pointer);
}

template <class T>
read_object unmade_object()
{
    if constexpr (is_polymorphic_object<T>)
        return {nullptr, &type_mark<T>, &typeid(T), nullptr};
    else
        return {nullptr, &type_mark<T>, nullptr, nullptr};
}

/// Reads an object that is exactly a T. It is known, empty, before its members are read, so that they may refer to it.
template <class T>
std::shared_ptr<T> get_new_object(const std::byte*& at, source& in)
{
    const std::size_t place = in.objects().size();
    in.spend(at, 1, sizeof(T) + sizeof(read_object));
    in.objects().push_back(unmade_object<T>());
    if constexpr (can_be_filled<T>) {
        auto object = std::make_shared<T>();
        in.objects()[place].object = object;
        in.objects()[place].reset = [](const std::shared_ptr<void>& made) { *static_cast<T*>(made.get()) = T(); };
        *object = get_part<T>(at, in);
        return object;
    } else {
        auto object = std::shared_ptr<T>(new T(get_part<T>(at, in)));
        in.objects()[place].object = object;
        return object;
    }
}

/// What was met before, as a pointer to T, if that is what it is.
template <class T>
std::shared_ptr<T> get_known_object(const read_object& met, const source& in, const std::byte* at)
{
    if (!met.object)
        in.fail_at(at, "refers to an object that is not there: it was passed over, or is still being made and has no "
                       "default to start from");
    if (met.type == &type_mark<T>)
        return std::static_pointer_cast<T>(met.object);
    if constexpr (is_polymorphic_object<T>)
        if (const void* functions = met.dynamic ? functions_of(typeid(T), *met.dynamic) : nullptr)
            return static_cast<const derived_functions<T>*>(functions)->as_base(met.object);
    in.fail_at(at, "refers to an object of another type");
}

template <class T>
std::shared_ptr<T> get_shared(const std::byte*& at, source& in)
{
    const std::byte* start = at;
    const auto number = get_number<std::uint32_t>(at, in);
    if (number == 0)
        return nullptr;
    const std::size_t known = in.objects().size();
    if (number <= known)
        return get_known_object<T>(in.objects()[number - 1], in, start);
    if (number != known + 1)
        in.fail_at(start, "refers to object " + std::to_string(number) + " of " + std::to_string(known));
    try {
        if constexpr (is_polymorphic_object<T>)
            return choose_to_get<T>(at, in).get_shared(at, in);
        else
            return get_new_object<T>(at, in);
    } catch (const bad_message& error) {
        rethrow_within(error, "->");
    }
}

template <class T>
struct shared_form : owner_form {
    using object = std::remove_const_t<T>;
    using parts = owned_parts<object>;
    static constexpr std::array<std::string_view, 1> steps{"->"};
    static constexpr std::string_view tag = "shared";
    static constexpr std::size_t least = 4;
};

template <class T>
requires(!std::is_array_v<T> && !std::is_void_v<T>) struct form<std::shared_ptr<T>> : shared_form<T> {
    using object = std::remove_const_t<T>;
    static std::byte* put(std::byte* at, sink& out, const std::shared_ptr<T>& pointer)
    {
        return put_shared<object>(at, out, pointer);
    }
    static std::shared_ptr<T> get(const std::byte*& at, source& in) { return get_shared<object>(at, in); }
};

/// A `weak_ptr` travels as what it refers to, or as null once that is gone. On arrival it lives as long as what arrived
/// with it owns its object.
template <class T>
requires(!std::is_array_v<T> && !std::is_void_v<T>) struct form<std::weak_ptr<T>> : shared_form<T> {
    using object = std::remove_const_t<T>;
    static std::byte* put(std::byte* at, sink& out, const std::weak_ptr<T>& pointer)
    {
        return put_shared<object>(at, out, pointer.lock());
    }
    static std::weak_ptr<T> get(const std::byte*& at, source& in) { return get_shared<object>(at, in); }
};

} // namespace ruche::wire
