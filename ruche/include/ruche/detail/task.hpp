#pragma once

#include <ruche/detail/signature.hpp>
#include <ruche/detail/task_table.hpp>
#include <ruche/stop.hpp>
#include <ruche/wire.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

/// How a call becomes bytes here and a call again there. What travels is the registration of a `task` instantiation,
/// which knows all the types, and the encoded values.
namespace ruche::detail {

/// What a task works with in the process that runs it.
class task_context {
public:
    source& arguments;
    const void* function; ///< the function to call, where that is a value and no part of the task's type
    stop_token stop;
    sink result;
    bool has_result;
};

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

template <class F>
F take_callable(task_context& context)
{
    if constexpr (function_pointer<F>)
        return reinterpret_cast<F>(reinterpret_cast<std::uintptr_t>(context.function));
    else if constexpr (stateless<F>)
        return F{};
    else
        return decode<F>(context.arguments);
}

/// One call of an `F` with stored arguments. `Answers`: whether the result is sent back.
template <bool Answers, class F, bool TakesStopToken, class Stored>
struct task;

template <bool Answers, class F, bool TakesStopToken, class... Stored>
struct task<Answers, F, TakesStopToken, types<Stored...>> {
    static decltype(auto) call(task_context& context)
    {
        F function = take_callable<F>(context);
        std::tuple<Stored...> values{decode<Stored>(context.arguments)...}; // braces: in this order
        return std::apply(
            [&](Stored&... value) -> decltype(auto) {
                if constexpr (TakesStopToken)
                    return std::invoke(std::move(function), context.stop, std::move(value)...);
                else
                    return std::invoke(std::move(function), std::move(value)...);
            },
            values);
    }

    using result = std::decay_t<decltype(call(std::declval<task_context&>()))>;

    static void run(task_context& context)
    {
        if constexpr (!Answers) {
            static_cast<void>(call(context));
        } else {
            if constexpr (std::is_void_v<result>)
                call(context);
            else
                encode(context.result, static_cast<const result&>(call(context)));
            context.has_result = true;
        }
    }

    static inline const task_registration registration{&run};
};

/// A call made ready to be sent, without its types.
struct launch {
    const task_registration* task = nullptr;
    const void* function = nullptr;
    bool takes_stop_token = false;
    sink arguments;
};

template <class Stored, class Argument>
void encode_argument(sink& out, Argument&& argument)
{
    if constexpr (std::same_as<std::remove_cvref_t<Argument>, Stored>) {
        encode(out, static_cast<const Stored&>(argument));
    } else {
        static_assert(std::is_convertible_v<Argument, Stored>,
                      "an argument can't be converted to the type of its parameter");
        encode(out, static_cast<Stored>(std::forward<Argument>(argument)));
    }
}

template <class F>
consteval void check_callable()
{
    static_assert(function_pointer<F> || stateless<F> || sendable<F>,
                  "this callable can't be sent to another process: a lambda that captures has no names for what it "
                  "captured. Pass the values as arguments, or use a struct with operator() and sendable members");
}

template <bool Answers, class F, class... Args>
struct call_types {
    using callable = std::decay_t<F>;
    using plan = call_plan<callable, Args...>;
    static_assert(plan::fits,
                  "the callable does not take these arguments (a ruche::stop_token as its first parameter is "
                  "supplied; default arguments are not seen through a pointer)");
    using task = detail::task<Answers, callable, plan::takes_stop_token, typename plan::stored>;
};

template <class F, class Plan, class... Args, class... Stored>
void encode_call(sink& out, const F& function, types<Stored...>, Args&&... arguments)
{
    if constexpr (!function_pointer<F> && !stateless<F>)
        encode(out, function);
    (encode_argument<Stored>(out, std::forward<Args>(arguments)), ...);
}

template <bool Answers, class F, class... Args>
launch make_launch(F&& function, Args&&... arguments)
{
    check_callable<std::decay_t<F>>();
    using call = call_types<Answers, F, Args...>;
    using callable = typename call::callable;
    launch ready{&call::task::registration, nullptr, call::plan::takes_stop_token, {}};
    const callable& object = function;
    if constexpr (function_pointer<callable>)
        ready.function = reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(object));
    encode_call<callable, typename call::plan>(ready.arguments, object, typename call::plan::stored{},
                                               std::forward<Args>(arguments)...);
    return ready;
}

} // namespace ruche::detail
