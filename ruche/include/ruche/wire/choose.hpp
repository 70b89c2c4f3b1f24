#pragma once

#include <ruche/wire/evolving.hpp>
#include <ruche/wire/own.hpp>

#include <any>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <ios>
#include <mutex>
#include <shared_mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <type_traits>

/// Which form a type has that no other header gave one.
namespace ruche::wire {

template <class T>
concept refuses = requires
{
    typename T::not_sendable;
};

template <class T, class... Any>
inline constexpr bool one_of = (std::is_same_v<T, Any> || ...);

template <class T, template <class...> class Template>
inline constexpr bool is_instance = false;
template <template <class...> class Template, class... Args>
inline constexpr bool is_instance<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool is_lock =
    one_of<T, std::mutex, std::recursive_mutex, std::timed_mutex, std::shared_mutex, std::shared_timed_mutex,
           std::recursive_timed_mutex, std::condition_variable, std::condition_variable_any, std::once_flag> ||
    is_instance<T, std::unique_lock> || is_instance<T, std::lock_guard> || is_instance<T, std::scoped_lock>;

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

/// What is known to be refused, with better words than those for any class.
template <class T>
constexpr why known_refusal()
{
    if constexpr (std::is_base_of_v<std::ios_base, T>)
        return why::stream;
    else if constexpr (is_lock<T>)
        return why::mutex;
    else if constexpr (one_of<T, std::thread, std::jthread, std::thread::id, std::stop_token, std::stop_source>)
        return why::thread;
    else if constexpr (is_instance<T, std::future> || is_instance<T, std::shared_future> ||
                       is_instance<T, std::promise> || is_instance<T, std::packaged_task>)
        return why::future;
    else if constexpr (is_instance<T, std::atomic> || std::is_same_v<T, std::atomic_flag>)
        return why::atomic;
    else if constexpr (std::is_same_v<T, std::any>)
        return why::any;
    else if constexpr (is_instance<T, std::function>)
        return why::callable;
    else if constexpr (is_instance<T, std::reference_wrapper>)
        return why::reference;
    else if constexpr (is_instance<T, std::initializer_list>)
        return why::view;
    else if constexpr (is_instance<T, std::unique_ptr>)
        return owns_array<T> ? why::array_pointer : why::deleter;
    else if constexpr (is_instance<T, std::shared_ptr> || is_instance<T, std::weak_ptr>)
        return why::array_pointer;
    else if constexpr (requires { typename T::allocator_type; } && is_from_std<T>())
        return why::allocator;
    else
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
        if constexpr (record_refusal<T>() == why::none)
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
