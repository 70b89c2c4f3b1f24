#pragma once

#include <ruche/future.hpp>
#include <ruche/process.hpp>

#include <utility>

namespace ruche {

/// Calls `function` in a process of its own and gives its result, as `std::async` does with a thread.
///
///     std::cout << ruche::async(count_words, path).get() << '\n';
///
/// What may be called and sent is as for `process`; the result must be sendable too. Throws: `start_failed`.
template <detail::startable F, class... Args>
[[nodiscard]] auto async(process_options options, F&& function, Args&&... arguments)
{
    using result = typename detail::call_result<F, Args...>::type;
    return future<result>(
        process(std::move(options),
                detail::make_launch<true, true>(std::forward<F>(function), std::forward<Args>(arguments)...)));
}

template <detail::startable F, class... Args>
[[nodiscard]] auto async(F&& function, Args&&... arguments)
{
    return async(process_options{}, std::forward<F>(function), std::forward<Args>(arguments)...);
}

/// The same in a copy of this process, see `forked`.
template <class F, class... Args>
[[nodiscard]] auto async(process_options options, forked_t, F&& function, Args&&... arguments)
{
    return future<detail::forked_result<F, Args...>>(
        process(std::move(options),
                detail::make_forked_call<true>(std::forward<F>(function), std::forward<Args>(arguments)...)));
}

template <class F, class... Args>
[[nodiscard]] auto async(forked_t, F&& function, Args&&... arguments)
{
    return async(process_options{}, forked, std::forward<F>(function), std::forward<Args>(arguments)...);
}

} // namespace ruche
