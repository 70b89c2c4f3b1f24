#pragma once

#include <ruche/detail/signature.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace ruche {

namespace detail {

template <auto Function>
struct constant_function {
    template <class... Args>
    requires std::is_invocable_v<decltype(Function), Args...>
    constexpr decltype(auto) operator()(Args&&... arguments) const
    {
        return std::invoke(Function, std::forward<Args>(arguments)...);
    }
};

template <auto Function>
struct signature<constant_function<Function>> : signature_of_constant<Function> {};

} // namespace detail

/// A function as a type: `fn<f>` calls `f`, and what travels to another process is an entry of the program's own table,
/// no address. For plain functions it does what `f` alone does. Member functions need it, and take the object first:
///
///     ruche::process p(ruche::fn<&report::print>, report("today"), 3);    // report("today").print(3), elsewhere
///
/// Of functions of one name, a cast or a lambda chooses:
///
///     ruche::process p(ruche::fn<static_cast<void (*)(int)>(show)>, 7);
///     ruche::process p([](int number) { show(number); }, 7);
template <auto Function>
inline constexpr detail::constant_function<Function> fn{};

} // namespace ruche
