#pragma once

#include <ruche/detail/signature.hpp>
#include <ruche/sendable.hpp>
#include <ruche/stop.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

/// Whether a call can be made in another process, and what to say at compile time where it can't.
namespace ruche::detail {

/// Whether a callable is wholly described by its type: a captureless lambda, an empty class.
template <class F>
concept stateless = std::is_class_v<F> && std::is_empty_v<F> && std::default_initializable<F>;

template <class F>
concept function_pointer = std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>;

/// Which types the arguments are stored and sent as: those of the parameters, where they are known, else their own.
template <class F, class... Args>
struct call_plan {
    static constexpr bool takes_stop_token = std::is_invocable_v<F, stop_token, std::decay_t<Args>...>;
    static constexpr bool fits = takes_stop_token || std::is_invocable_v<F, std::decay_t<Args>...>;
    using stored = types<received_t<Args>...>;
};

template <class Parameters, std::size_t Given>
struct stored_parameters {
    static constexpr bool takes_stop_token = false;
    static constexpr bool fits = false;
    using stored = types<>;
};

template <class... P, std::size_t Given>
requires(sizeof...(P) == Given) struct stored_parameters<types<P...>, Given> {
    static constexpr bool takes_stop_token = false;
    static constexpr bool fits = true;
    using stored = types<received_t<P>...>;
};

template <class First, class... P, std::size_t Given>
requires(sizeof...(P) == Given &&
         std::same_as<std::remove_cvref_t<First>, stop_token>) struct stored_parameters<types<First, P...>, Given> {
    static constexpr bool takes_stop_token = true;
    static constexpr bool fits = true;
    using stored = types<received_t<P>...>;
};

template <has_signature F, class... Args>
struct call_plan<F, Args...> : stored_parameters<typename signature<F>::parameters, sizeof...(Args)> {};

enum class call_fault {
    none,
    member_pointer,
    captures,
    unsendable,
    reference,
    c_string,
    too_few,
    too_many,
    not_taken,
};

template <class Parameters>
struct parameter_facts;
template <class... P>
struct parameter_facts<types<P...>> {
    static constexpr bool take_by_reference =
        ((std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>) || ...);
    static constexpr bool take_c_string = (std::same_as<std::remove_cvref_t<P>, const char*> || ...);
};

template <class... P>
constexpr bool starts_with_stop_token(types<P...>)
{
    return false;
}
template <class First, class... P>
constexpr bool starts_with_stop_token(types<First, P...>)
{
    return std::same_as<std::remove_cvref_t<First>, stop_token>;
}

template <class F, class... Args>
consteval call_fault fault_of_call()
{
    using callable = std::decay_t<F>;
    if constexpr (std::is_member_pointer_v<callable>) {
        return call_fault::member_pointer;
    } else if constexpr (!function_pointer<callable> && !stateless<callable> && !sendable<callable>) {
        return wire::is_lambda<callable>() ? call_fault::captures : call_fault::unsendable;
    } else if constexpr (has_signature<callable>) {
        using parameters = typename signature<callable>::parameters;
        constexpr std::size_t wanted = parameters::size - (starts_with_stop_token(parameters{}) ? 1 : 0);
        if (parameter_facts<parameters>::take_by_reference)
            return call_fault::reference;
        if (parameter_facts<parameters>::take_c_string)
            return call_fault::c_string;
        return sizeof...(Args) < wanted && sizeof...(Args) != parameters::size   ? call_fault::too_few
               : sizeof...(Args) > wanted && sizeof...(Args) != parameters::size ? call_fault::too_many
                                                                                 : call_fault::none;
    } else {
        return call_plan<callable, Args...>::fits ? call_fault::none : call_fault::not_taken;
    }
}

/// Makes the compiler say what is wrong, and the way out.
template <call_fault Fault, class F>
constexpr void refuse_call()
{
    static_assert(
        Fault != call_fault::member_pointer,
        "a pointer to a member function is called on an object: write ruche::fn<&type::function> and pass the "
        "object as the first argument");
    static_assert(Fault != call_fault::captures,
                  "a lambda that captures can't be sent to another process, since nobody knows what is in it. Pass the "
                  "values as arguments, or use a struct with operator() and sendable members, or start a copy of this "
                  "process: ruche::process(ruche::forked, lambda)");
    static_assert(Fault != call_fault::reference,
                  "a parameter is a reference that is not const: what the function writes there would be written in "
                  "another process, and lost. Take it by value, and give the result back (ruche::async, a queue)");
    static_assert(Fault != call_fault::c_string,
                  "a parameter is a const char*: an address means nothing in another process, and a text travels as a "
                  "std::string. Take that, or call the function from a lambda that does");
    static_assert(Fault != call_fault::too_few,
                  "there are fewer arguments than the function has parameters (a ruche::stop_token as the first is "
                  "supplied; default arguments are not seen)");
    static_assert(Fault != call_fault::too_many, "there are more arguments than the function has parameters");
    static_assert(Fault != call_fault::not_taken,
                  "the callable does not take these arguments (a ruche::stop_token as the first is supplied)");
    if constexpr (Fault == call_fault::unsendable)
        check_sendable<F, "the callable">();
}

} // namespace ruche::detail
