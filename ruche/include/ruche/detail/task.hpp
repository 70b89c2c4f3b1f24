#pragma once

#include <ruche/detail/call_fault.hpp>
#include <ruche/detail/signature.hpp>
#include <ruche/detail/task_table.hpp>
#include <ruche/stop.hpp>
#include <ruche/wire.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
    std::function<void(const sink&)> send{}; ///< if set, takes the result while what it refers to is still there
    std::shared_ptr<const void> memory{};    ///< where the arguments are read, let go of once they were
    bool sent = false;

    template <class T>
    void answer(const T& value)
    {
        const wire::borrowing large(result, static_cast<bool>(send));
        encode(result, value);
        has_result = true;
        if (send)
            send(result);
        sent = static_cast<bool>(send);
    }
    void* object = nullptr; ///< of an actor: what the function is called on
};

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
    /// What the function returns; not a reference, which may be to an argument.
    static auto call(task_context& context)
    {
        F function = take_callable<F>(context);
        std::tuple<Stored...> values{decode<Stored>(context.arguments)...}; // braces: in this order
        context.memory.reset();
        return std::apply(
            [&](Stored&... value) {
                const auto invoke = [&]() -> decltype(auto) {
                    if constexpr (TakesStopToken)
                        return std::invoke(std::move(function), context.stop, std::move(value)...);
                    else
                        return std::invoke(std::move(function), std::move(value)...);
                };
                if constexpr (Answers)
                    return invoke();
                else
                    static_cast<void>(invoke());
            },
            values);
    }

    using result = decltype(call(std::declval<task_context&>()));

    static void run(task_context& context)
    {
        if constexpr (!Answers) {
            call(context);
        } else if constexpr (std::is_void_v<result>) {
            call(context);
            context.has_result = true;
        } else {
            const result value = call(context);
            context.answer(value);
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
    std::optional<std::uint64_t> signal_mask = {}; ///< where it isn't that of the thread that starts it
    bool belongs_to_program = false;               ///< it lives on when its starter ends
};

template <class Stored, class Argument>
void encode_argument(sink& out, Argument&& argument)
{
    using given = std::remove_cvref_t<Argument>;
    if constexpr (std::same_as<Argument, Stored> && carries_handles<Stored> && !std::copy_constructible<Stored>) {
        // What was moved here is the new process's alone: nothing of it stays open in this one once it is sent.
        const wire::borrowing nothing(out, false);
        const Stored taken = std::move(argument);
        encode(out, taken);
    } else if constexpr (std::same_as<given, Stored> ||
                         (wire::shows_only<given> && std::same_as<received_t<given>, Stored>)) {
        encode(out, static_cast<const given&>(argument)); // a view as what it shows
    } else {
        static_assert(std::is_convertible_v<Argument, Stored>,
                      "an argument can't be converted to the type of its parameter");
        const wire::borrowing nothing(out, false); // what it was converted to is gone at once
        encode(out, static_cast<Stored>(std::forward<Argument>(argument)));
    }
}

template <bool Answers, class F, class... Args>
struct call_types {
    using callable = std::decay_t<F>;
    using plan = call_plan<callable, Args...>;
    using task = detail::task<Answers, callable, plan::takes_stop_token, typename plan::stored>;
};

template <class F, class Plan, class... Args, class... Stored>
void encode_call(sink& out, const F& function, types<Stored...>, Args&&... arguments)
{
    if constexpr (!function_pointer<F> && !stateless<F>)
        encode(out, function);
    (encode_argument<Stored>(out, std::forward<Args>(arguments)), ...);
}

/// A call that a copy of this process will make: nothing of it is encoded but its answer.
struct forked_call {
    std::function<void(task_context&)> run;
    bool takes_stop_token = false;
};

template <class F, class... Args>
inline constexpr bool forked_takes_stop_token = std::is_invocable_v<F, stop_token, Args...>;

template <class F, class... Args>
decltype(auto) call_in_copy(const stop_token& stop, F&& function, Args&&... arguments)
{
    static_assert(forked_takes_stop_token<F, Args...> || std::is_invocable_v<F, Args...>,
                  "the callable does not take these arguments (a ruche::stop_token as the first is supplied)");
    if constexpr (forked_takes_stop_token<F, Args...>)
        return std::invoke(std::forward<F>(function), stop, std::forward<Args>(arguments)...);
    else
        return std::invoke(std::forward<F>(function), std::forward<Args>(arguments)...);
}

template <class F, class... Args>
using forked_result =
    std::decay_t<decltype(call_in_copy(std::declval<stop_token>(), std::declval<F>(), std::declval<Args>()...))>;

/// Refers to what it is given, which is still there when the process is forked.
template <bool Answers, class F, class... Args>
forked_call make_forked_call(F&& function, Args&&... arguments)
{
    const auto run = [&](task_context& context) {
        const auto call = [&]() -> decltype(auto) {
            return call_in_copy(context.stop, std::forward<F>(function), std::forward<Args>(arguments)...);
        };
        if constexpr (!Answers) {
            static_cast<void>(call());
        } else if constexpr (std::is_void_v<forked_result<F, Args...>>) {
            call();
            context.has_result = true;
        } else {
            const forked_result<F, Args...>& value = call(); // in the copy all is there that it may refer to
            context.answer(value);
        }
    };
    return {run, forked_takes_stop_token<F, Args...>};
}

/// The type of what the call returns. For a call that can't be made, what the function says that it returns: why it
/// can't is then said once, elsewhere.
template <class F, class... Args>
struct call_result {
    using type = void;
};
template <class F, class... Args>
requires(has_signature<std::decay_t<F>>&& fault_of_call<F, Args...>() !=
         call_fault::none) struct call_result<F, Args...> {
    using type = std::decay_t<typename signature<std::decay_t<F>>::result>;
};
template <class F, class... Args>
requires(fault_of_call<F, Args...>() == call_fault::none) struct call_result<F, Args...> {
    using type = typename call_types<true, F, Args...>::task::result;
};

template <bool Answers, bool AtOnce, class F, class... Args>
launch make_ready(F&& function, Args&&... arguments)
{
    using call = call_types<Answers, F, Args...>;
    using callable = typename call::callable;
    launch ready{&call::task::registration, nullptr, call::plan::takes_stop_token, {}, {}};
    const callable& object = function;
    const wire::borrowing large(ready.arguments, AtOnce);
    if constexpr (function_pointer<callable>)
        ready.function = reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(object));
    encode_call<callable, typename call::plan>(ready.arguments, object, typename call::plan::stored{},
                                               std::forward<Args>(arguments)...);
    return ready;
}

/// `AtOnce`: it is sent while the arguments are still there, so that large ones need not be copied for it.
template <bool Answers, bool AtOnce = false, class F, class... Args>
launch make_launch(F&& function, Args&&... arguments)
{
    constexpr call_fault fault = fault_of_call<F, Args...>();
    refuse_call<fault, std::decay_t<F>>();
    if constexpr (fault == call_fault::none)
        return make_ready<Answers, AtOnce>(std::forward<F>(function), std::forward<Args>(arguments)...);
    else
        return {};
}

} // namespace ruche::detail
