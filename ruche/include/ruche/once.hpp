#pragma once

#include <ruche/mutex.hpp>
#include <ruche/shared.hpp>

#include <functional>
#include <mutex>
#include <utility>

namespace ruche {

/// Remembers that something was done, for all processes that hold it; used with `ruche::call_once`.
///
/// A handle: copies, and what another process receives, are the same flag and compare equal.
class once_flag {
public:
    once_flag() : done_(0) {}

    [[nodiscard]] bool is_done() const { return done_->load(std::memory_order_acquire) != 0; }

    friend bool operator==(const once_flag& a, const once_flag& b) noexcept { return a.done_ == b.done_; }

private:
    friend struct codec<once_flag>;
    template <class Function, class... Arguments>
    friend void call_once(once_flag& flag, Function&& function, Arguments&&... arguments);

    once_flag(mutex lock, shared<std::atomic<std::uint32_t>> done) : lock_(std::move(lock)), done_(std::move(done)) {}

    mutex lock_;
    shared<std::atomic<std::uint32_t>> done_;
};

/// Calls `function`, unless that was done before by anybody who holds the flag; others wait meanwhile.
///
/// If it throws, or its process dies in it: it is not done, and the next caller calls it.
template <class Function, class... Arguments>
void call_once(once_flag& flag, Function&& function, Arguments&&... arguments)
{
    if (flag.is_done())
        return;
    const std::scoped_lock lock(flag.lock_);
    if (flag.is_done())
        return;
    std::invoke(std::forward<Function>(function), std::forward<Arguments>(arguments)...);
    flag.done_->store(1, std::memory_order_release);
}

template <>
struct codec<once_flag> {
    static constexpr bool handles = true;
    static void put(sink& out, const once_flag& flag)
    {
        encode(out, flag.lock_);
        encode(out, flag.done_);
    }
    static once_flag get(source& in)
    {
        auto lock = decode<mutex>(in);
        return {std::move(lock), decode<shared<std::atomic<std::uint32_t>>>(in)};
    }
};

} // namespace ruche
