#pragma once

#include <ruche/wire/derived.hpp>
#include <ruche/wire/evolving.hpp>
#include <ruche/wire/own.hpp>

#include <iosfwd>
#include <memory>
#include <string_view>
#include <type_traits>

/// Which form a type has that no other header gave one.
namespace ruche::wire {

template <class T>
concept refuses = requires
{
    typename T::not_sendable;
};

template <class T>
inline constexpr bool owns_array = false;
template <class Element, class Deleter>
inline constexpr bool owns_array<std::unique_ptr<Element[], Deleter>> = true;

/// Whether a class lies in namespace std: its members are nobody's business.
template <class T>
constexpr bool is_from_std()
{
    return type_name<T>().starts_with("std::");
}

/// Classes of the standard library that belong to their process, by how their names start: their headers are large, and
/// who has one of them has included its header already.
struct known_class {
    std::string_view name;
    why reason;
};
inline constexpr known_class known_classes[] = {
    {"std::mutex", why::mutex},
    {"std::recursive_mutex", why::mutex},
    {"std::timed_mutex", why::mutex},
    {"std::recursive_timed_mutex", why::mutex},
    {"std::shared_mutex", why::mutex},
    {"std::shared_timed_mutex", why::mutex},
    {"std::condition_variable", why::mutex},
    {"std::_V2::condition_variable_any", why::mutex},
    {"std::once_flag", why::mutex},
    {"std::unique_lock<", why::mutex},
    {"std::shared_lock<", why::mutex},
    {"std::lock_guard<", why::mutex},
    {"std::scoped_lock<", why::mutex},
    {"std::thread", why::thread},
    {"std::jthread", why::thread},
    {"std::stop_token", why::thread},
    {"std::stop_source", why::thread},
    {"std::future<", why::future},
    {"std::shared_future<", why::future},
    {"std::promise<", why::future},
    {"std::packaged_task<", why::future},
    {"std::atomic", why::atomic},
    {"std::any", why::any},
    {"std::function<", why::callable},
    {"std::reference_wrapper<", why::reference},
    {"std::initializer_list<", why::view},
    {"std::shared_ptr<", why::array_pointer},
    {"std::weak_ptr<", why::array_pointer},
    {"std::unique_ptr<", why::deleter},
};

template <class T>
constexpr why known_refusal()
{
    // A pointer to a class may be asked what it converts to where the other class is only declared.
    if (std::is_convertible_v<T*, std::basic_ios<char>*> || std::is_convertible_v<T*, std::basic_ios<wchar_t>*>)
        return why::stream;
    if (!is_from_std<T>())
        return why::none;
    if (owns_array<T>)
        return why::array_pointer;
    for (const auto& [name, reason] : known_classes)
        if (type_name<T>().starts_with(name))
            return reason;
    if constexpr (requires { typename T::allocator_type; })
        return why::allocator;
    return why::none;
}

template <class T>
constexpr bool is_lambda()
{
    const auto name = type_name<T>();
    return name.find("<lambda") != name.npos || name.find("(lambda") != name.npos;
}

template <class T>
constexpr why record_refusal()
{
    if constexpr (has_reference_member<T>())
        return why::reference;
    else if constexpr (has_base_with_data<T>)
        return why::base_with_data;
    else if constexpr (member_count<T> > most_members)
        return why::too_many_members;
    else if constexpr (has_bit_field<T>())
        return why::bit_field;
    else
        return why::none;
}

template <class T>
constexpr auto choose_for_class()
{
    if constexpr (has_codec<T>)
        return std::type_identity<codec_form<T>>{};
    else if constexpr (refuses<T>)
        return std::type_identity<refused<why::said>>{};
    else if constexpr (has_state<T>) {
        if constexpr (comes_back<T>)
            return std::type_identity<state_form<T>>{};
        else
            return std::type_identity<refused<why::state_without_way_back>>{};
    } else if constexpr (has_fields<T>) {
        if constexpr (std::default_initializable<T> && std::is_move_constructible_v<T>)
            return std::type_identity<by_position_or_name<T, fields_form<T>>>{};
        else
            return std::type_identity<refused<why::no_default>>{};
    } else if constexpr (std::is_union_v<T>)
        return std::type_identity<refused<why::union_type>>{};
    else if constexpr (known_refusal<T>() != why::none)
        return std::type_identity<refused<known_refusal<T>()>>{};
    else if constexpr (std::is_empty_v<T> && std::is_default_constructible_v<T> && !std::is_polymorphic_v<T>)
        return std::type_identity<empty_form<T>>{};
    else if constexpr (is_record<T>) {
        if constexpr (!evolves_by_name<T> && detail::shows_hidden_members<T>())
            return std::type_identity<derived_form<T>>{};
        else if constexpr (record_refusal<T>() == why::none)
            return std::type_identity<by_position_or_name<T, record_form<T>>>{};
        else
            return std::type_identity<refused<record_refusal<T>()>>{};
    } else if constexpr (is_lambda<T>())
        return std::type_identity<refused<why::lambda>>{};
    else if constexpr (std::is_polymorphic_v<T>)
        return std::type_identity<refused<why::polymorphic>>{};
    else
        return std::type_identity<refused<why::private_class>>{};
}

template <class T>
constexpr auto choose()
{
    if constexpr (std::is_volatile_v<T>)
        return std::type_identity<refused<why::is_volatile>>{};
    else if constexpr (std::is_const_v<T>)
        return std::type_identity<form<std::remove_const_t<T>>>{};
    else if constexpr (std::is_void_v<T>)
        return std::type_identity<refused<why::nothing>>{};
    else if constexpr (std::is_reference_v<T>)
        return std::type_identity<refused<why::reference>>{};
    else if constexpr (std::is_function_v<T>)
        return std::type_identity<refused<why::function>>{};
    else if constexpr (std::is_unbounded_array_v<T>)
        return std::type_identity<refused<why::unbounded_array>>{};
    else if constexpr (has_codec<T>)
        return std::type_identity<codec_form<T>>{};
    else if constexpr (std::is_pointer_v<T> && std::is_function_v<std::remove_pointer_t<T>>)
        return std::type_identity<refused<why::function_pointer>>{};
    else if constexpr (std::is_pointer_v<T>)
        return std::type_identity<refused<why::raw_pointer>>{};
    else if constexpr (std::is_member_pointer_v<T>)
        return std::type_identity<refused<why::member_pointer>>{};
    else if constexpr (!requires { sizeof(T); })
        return std::type_identity<refused<why::incomplete>>{};
    else
        return choose_for_class<T>();
}

template <class T>
struct form : decltype(choose<T>())::type {};

} // namespace ruche::wire
