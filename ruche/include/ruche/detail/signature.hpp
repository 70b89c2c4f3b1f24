#pragma once

#include <cstddef>
#include <type_traits>

/// What a callable takes and gives, where that can be told from its type.
namespace ruche::detail {

template <class... T>
struct types {
    static constexpr std::size_t size = sizeof...(T);
};

/// `result` and `parameters` of a function pointer, or of a class with one `operator()` that is no template.
template <class F>
struct signature {};

template <class R, class... P>
struct signature_of {
    using result = R;
    using parameters = types<P...>;
};

// clang-format off
template <class R, class... P> struct signature<R (*)(P...)> : signature_of<R, P...> {};
template <class R, class... P> struct signature<R (*)(P...) noexcept> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...)> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...) noexcept> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...) const> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...) const noexcept> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...) &> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...) & noexcept> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...) const &> : signature_of<R, P...> {};
template <class C, class R, class... P> struct signature<R (C::*)(P...) const & noexcept> : signature_of<R, P...> {};
// clang-format on

template <class F>
requires requires { &F::operator(); }
struct signature<F> : signature<decltype(&F::operator())> {};

template <class Result, class Class>
Class class_of(Result Class::*);

template <class Class, class Parameters>
struct with_object;
template <class Class, class... P>
struct with_object<Class, types<P...>> {
    using parameters = types<Class, P...>;
};

/// What a call of `Function` takes: for a member function, the object comes first.
template <auto Function>
struct signature_of_constant : signature<decltype(Function)> {};
template <auto Function>
requires std::is_member_function_pointer_v<decltype(Function)>
struct signature_of_constant<Function>
    : with_object<decltype(class_of(Function)), typename signature<decltype(Function)>::parameters> {
    using result = typename signature<decltype(Function)>::result;
};

template <class F>
concept has_signature = requires
{
    typename signature<F>::parameters;
};

} // namespace ruche::detail
