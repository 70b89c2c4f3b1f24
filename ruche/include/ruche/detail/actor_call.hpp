#pragma once

#include <ruche/detail/actor_core.hpp>
#include <ruche/detail/call_fault.hpp>
#include <ruche/detail/signature.hpp>
#include <ruche/detail/task.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

/// How a call of a member function becomes a task, and what to say at compile time where it can't.
namespace ruche::detail {

template <class Parameters>
struct stored_types;
template <class... P>
struct stored_types<types<P...>> {
    using type = types<received_t<P>...>;
};

/// The parameters that the caller gives: without a stop token in front, which is supplied.
template <class Parameters>
struct given_parameters {
    using type = Parameters;
};
template <class First, class... P>
requires std::same_as<std::remove_cvref_t<First>, stop_token>
struct given_parameters<types<First, P...>> {
    using type = types<P...>;
};

template <auto Function>
using function_parameters = typename signature<std::remove_const_t<decltype(Function)>>::parameters;
template <auto Function>
using given_of = typename given_parameters<function_parameters<Function>>::type;
template <auto Function>
using call_answer = std::decay_t<typename signature<std::remove_const_t<decltype(Function)>>::result>;

/// A call of `Function` on the object of an actor.
template <class T, auto Function, class Stored>
struct member_task;

template <class T, auto Function, class... Stored>
struct member_task<T, Function, types<Stored...>> {
    static constexpr bool takes_stop_token = starts_with_stop_token(function_parameters<Function>{});

    static decltype(auto) call(task_context& context)
    {
        T& object = *static_cast<T*>(context.object);
        std::tuple<Stored...> values{decode<Stored>(context.arguments)...}; // braces: in this order
        context.arguments.finish();
        return std::apply(
            [&](Stored&... value) -> decltype(auto) {
                if constexpr (takes_stop_token)
                    return std::invoke(Function, object, context.stop, std::move(value)...);
                else
                    return std::invoke(Function, object, std::move(value)...);
            },
            values);
    }

    static void run(task_context& context)
    {
        if constexpr (std::is_void_v<call_answer<Function>>)
            call(context);
        else
            encode(context.result, static_cast<const call_answer<Function>&>(call(context)));
    }

    static inline const task_registration registration{&run};
};

/// The making of a `T`.
template <class T, class... Stored>
struct creation_task {
    static void run(task_context& context)
    {
        std::tuple<Stored...> values{decode<Stored>(context.arguments)...};
        context.arguments.finish();
        static_cast<creation_context&>(context).made = std::apply(
            [](Stored&... value) { return std::shared_ptr<void>(std::make_shared<T>(std::move(value)...)); }, values);
    }

    static inline const task_registration registration{&run};
};

template <class T, class... Args>
actor_task make_creation(Args&&... arguments)
{
    (check_sendable<received_t<Args>, "an argument of the actor's constructor">(), ...);
    static_assert(std::is_constructible_v<T, received_t<Args>...>,
                  "the class has no constructor that takes these arguments (texts in quotes arrive as std::string)");
    if constexpr ((sendable<received_t<Args>> && ...) && std::is_constructible_v<T, received_t<Args>...>) {
        actor_task creation{&creation_task<T, received_t<Args>...>::registration, {}};
        (encode_argument<received_t<Args>>(creation.arguments, std::forward<Args>(arguments)), ...);
        return creation;
    } else {
        return {};
    }
}

enum class member_fault { none, no_function, of_another, reference, too_few, too_many };

template <class T, auto Function, class... Args>
consteval member_fault fault_of_member_call()
{
    if constexpr (!std::is_member_function_pointer_v<decltype(Function)>) {
        return member_fault::no_function;
    } else if constexpr (!std::derived_from<T, decltype(class_of(Function))>) {
        return member_fault::of_another;
    } else if constexpr (!has_signature<std::remove_const_t<decltype(Function)>>) {
        return member_fault::no_function;
    } else {
        using given = given_of<Function>;
        if (parameter_facts<given>::take_by_reference)
            return member_fault::reference;
        return sizeof...(Args) < given::size   ? member_fault::too_few
               : sizeof...(Args) > given::size ? member_fault::too_many
                                               : member_fault::none;
    }
}

template <member_fault Fault>
constexpr void refuse_member_call()
{
    static_assert(
        Fault != member_fault::no_function,
        "an actor is called by its member functions: actor.call<&type::function>(arguments). (A function that "
        "is marked && or volatile can't be called.)");
    static_assert(Fault != member_fault::of_another, "this is a member function of another class than the actor's");
    static_assert(Fault != member_fault::reference,
                  "a parameter is a reference that is not const: what the function writes there would be written in "
                  "another process, and lost. Take it by value, and return the result");
    static_assert(Fault != member_fault::too_few,
                  "there are fewer arguments than the member function has parameters (a ruche::stop_token as the first "
                  "is supplied; default arguments are not seen)");
    static_assert(Fault != member_fault::too_many, "there are more arguments than the member function has parameters");
}

template <class Answer>
inline constexpr bool can_answer = std::is_void_v<Answer> || sendable<Answer>;

template <class... Stored>
constexpr bool can_be_given(types<Stored...>)
{
    return (sendable<Stored> && ...);
}

/// Makes the compiler say what can't be sent.
template <class Answer, class... Stored>
constexpr void check_call(types<Stored...>)
{
    (check_sendable<Stored, "a parameter of the member function">(), ...);
    if constexpr (!std::is_void_v<Answer>)
        check_sendable<Answer, "the result of the member function">();
}

template <class... Stored, class... Args>
void encode_arguments(sink& out, types<Stored...>, Args&&... arguments)
{
    (encode_argument<Stored>(out, std::forward<Args>(arguments)), ...);
}

template <class T>
std::shared_ptr<future_core> make_answer_of(std::shared_ptr<debtor> from)
{
    return std::make_shared<future_state<T>>(std::move(from));
}

/// Sends a call of `Function`. Returns what will be answered, or null if it goes one way.
template <class T, auto Function, bool OneWay, class... Args>
auto send_member_call(actor_core& actor, const deadline& until, Args&&... arguments)
{
    constexpr member_fault fault = fault_of_member_call<T, Function, Args...>();
    refuse_member_call<fault>();
    if constexpr (fault == member_fault::none) {
        using stored = typename stored_types<given_of<Function>>::type;
        using result = call_answer<Function>;
        check_call<result>(stored{});
        if constexpr (can_be_given(stored{}) && can_answer<result>) {
            actor_task call{&member_task<T, Function, stored>::registration, {}};
            encode_arguments(call.arguments, stored{}, std::forward<Args>(arguments)...);
            auto core = send_call(actor, call, OneWay ? nullptr : &make_answer_of<result>, until);
            return std::static_pointer_cast<future_state<result>>(std::move(core));
        } else {
            return std::shared_ptr<future_state<void>>();
        }
    } else {
        return std::shared_ptr<future_state<void>>();
    }
}

} // namespace ruche::detail
