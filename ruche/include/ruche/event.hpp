#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/shared_block.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace ruche {

/// A flag that processes wait for: Python's `Event`.
///
///     ruche::event ready;
///     ruche::process p(serve, ready);
///     if (!ready.wait_for(5s))
///         …
///
/// A handle: copies, and what another process receives, are the same event and compare equal.
///
/// Across processes: what was written before `set` is visible after the `wait` that it ends.
/// Thread safety: all members may be called from any thread.
/// If a process dies inside `set`: the flag is set or not; if it is, nobody waits longer than 100 ms.
class event : public detail::block_handle {
public:
    event();

    /// Sets the flag and wakes all who wait.
    void set();
    void clear();
    [[nodiscard]] bool is_set() const;

    /// Waits until the flag is set. The forms that can end otherwise return whether it is.
    void wait() const { (void)wait_until({}, nullptr); }
    [[nodiscard]] bool wait(const stop_token& stop) const { return wait_until({}, &stop); }
    [[nodiscard]] bool wait_for(std::chrono::nanoseconds patience) const
    {
        return wait_until(deadline(patience), nullptr);
    }
    [[nodiscard]] bool wait_for(std::chrono::nanoseconds patience, const stop_token& stop) const
    {
        return wait_until(deadline(patience), &stop);
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool wait_until(std::chrono::time_point<Clock, Duration> moment) const
    {
        return wait_until(deadline(moment), nullptr);
    }

    template <class Clock, class Duration>
    [[nodiscard]] bool wait_until(std::chrono::time_point<Clock, Duration> moment, const stop_token& stop) const
    {
        return wait_until(deadline(moment), &stop);
    }

    /// A descriptor for poll, epoll and event loops: readable while the flag is set. Never read from it. It belongs to
    /// the event. Ask `ready` when it is readable: `clear` may have been faster.
    [[nodiscard]] int native_handle() const;
    /// The same as `is_set`. For `wait_any`, and for whoever polls.
    [[nodiscard]] bool ready() const;

private:
    friend struct codec<event>;
    event(fd memory, fd signal);
    bool wait_until(const deadline& until, const stop_token* stop) const;

    std::shared_ptr<const fd> signal_; ///< set with the flag once somebody has asked for it
};

/// An event travels as the descriptors of its memory and of what is polled.
template <>
struct codec<event> {
    static constexpr bool handles = true;
    static void put(sink& out, const event& which)
    {
        encode(out, out.attach(detail::descriptor_of(which.block())));
        encode(out, out.attach(which.signal_));
    }
    static event get(source& in)
    {
        fd memory = in.take_descriptor(decode<std::uint32_t>(in));
        return {std::move(memory), in.take_descriptor(decode<std::uint32_t>(in))};
    }
};

} // namespace ruche
