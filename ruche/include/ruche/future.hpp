#pragma once

#include <ruche/error.hpp>
#include <ruche/process.hpp>

#include <chrono>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace ruche {

/// What a call in another process will give: its value, or its error.
///
/// Thread safety: one thread at a time.
/// Destruction behaves as that of a `process`: it asks, waits its grace if the call took a stop token, and joins.
template <class T>
class [[nodiscard]] future {
public:
    future() noexcept = default;
    explicit future(process&& running) noexcept : process_(std::move(running)) {}

    /// Whether there is a result still to be taken.
    [[nodiscard]] bool valid() const noexcept { return process_.joinable(); }

    /// Waits for the result and takes it; afterwards the future is not valid.
    /// Throws: what the function threw, as the same type where it can be rebuilt, else `remote_error`; `process_died`
    /// if the process ended without an answer; `std::logic_error` if there is no result to take.
    T get()
    {
        const exit_status status = process_.join();
        process ended = std::move(process_);
        if (const auto error = status.error())
            std::rethrow_exception(error);
        auto answer = ended.take_answer();
        if (!answer)
            throw process_died(status, ended.name());
        if constexpr (!std::is_void_v<T>) {
            source encoded(answer->bytes, std::move(answer->descriptors));
            return decode<T>(encoded);
        }
    }

    /// The same, waiting at most so long. Throws also: `deadline_exceeded`; the future stays valid.
    T get_for(std::chrono::nanoseconds patience)
    {
        if (!wait_for(patience))
            throw deadline_exceeded(process_.name() + " has not answered in time");
        return get();
    }

    /// Waits until there is a result, or an error.
    void wait() { (void)process_.join(); }
    [[nodiscard]] bool wait_for(std::chrono::nanoseconds patience) { return process_.join_for(patience).has_value(); }

    /// A descriptor that is readable once there is a result, or an error; owned by this object.
    [[nodiscard]] int native_handle() const { return process_.native_handle(); }

    /// The process that does the work.
    [[nodiscard]] process& worker() noexcept { return process_; }

private:
    process process_;
};

} // namespace ruche
