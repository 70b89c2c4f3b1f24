#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/channel_core.hpp>
#include <ruche/detail/queue_messages.hpp>
#include <ruche/stop.hpp>
#include <ruche/wire.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ruche {

/// How much each direction of a channel holds; see `queue_options`.
struct channel_options {
    std::size_t bytes = std::size_t{64} * 1024;
    std::size_t large_bytes = std::size_t{16} * 1024 * 1024;
};

/// A message for an end that is closed, or whose process is gone. It was not sent.
class channel_closed : public std::runtime_error {
public:
    channel_closed() : std::runtime_error("send to the other end of a channel, which is closed or gone") {}
};

/// One end of a line between two: what it sends, the other end receives, and the other way round.
///
///     auto [here, there] = ruche::make_channel<std::string, int>();
///     ruche::process p(measure, std::move(there));          // void measure(ruche::channel<int, std::string>)
///     here.send("how long?");
///     std::cout << here.receive().value() << '\n';
///
/// An end belongs to one process: it moves, also into another process, and is never copied. Its destruction closes it.
/// Faster than a `queue`, since each direction has one writer and one reader and needs no lock.
///
/// Thread safety: one thread may send while another receives. Two that send, or two that receive, at once need a lock.
/// If the other end's process dies: what it had sent is received, then `receive` is empty and `send` throws: at once if
///   ruche started that process (or it closed its end), within 100 ms otherwise.
template <class Out, class In>
class [[nodiscard]] channel {
public:
    using out_type = Out;
    using in_type = In;

    channel(channel&&) noexcept = default;
    channel& operator=(channel&&) noexcept = default;

    /// Sends a message, waiting for room.
    /// Throws: `channel_closed`, `too_large`, what encoding throws. Nothing was sent then.
    void send(const Out& message) { (void)put(message, {}); }
    /// The same; returns false if the stop was requested first.
    [[nodiscard]] bool send(const Out& message, const stop_token& stop) { return put(message, {{}, &stop}); }
    [[nodiscard]] bool try_send(const Out& message) { return put(message, detail::wait_bounds::none()); }
    [[nodiscard]] bool send_for(const Out& message, std::chrono::nanoseconds patience)
    {
        return put(message, {deadline(patience), nullptr});
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool send_until(const Out& message, std::chrono::time_point<Clock, Duration> moment)
    {
        return put(message, {deadline(moment), nullptr});
    }

    /// The next message, waiting for one; empty once the other end is closed or gone and all was received.
    std::optional<In> receive() { return take({}); }
    /// The same; empty, too, once a stop is requested.
    [[nodiscard]] std::optional<In> receive(const stop_token& stop) { return take({{}, &stop}); }
    [[nodiscard]] std::optional<In> try_receive() { return take(detail::wait_bounds::none()); }
    [[nodiscard]] std::optional<In> receive_for(std::chrono::nanoseconds patience)
    {
        return take({deadline(patience), nullptr});
    }
    [[nodiscard]] std::optional<In> receive_for(std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return take({deadline(patience), &stop});
    }
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<In> receive_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return take({deadline(moment), nullptr});
    }

    /// Closes this end; the other still receives what was sent. Nothing can be sent or received here afterwards.
    void close()
    {
        if (core_)
            detail::close(*core_);
        core_.reset();
    }
    /// Whether this end is open and the other one neither closed nor gone.
    [[nodiscard]] bool is_open() const { return core_ && detail::is_open(*core_); }

    /// A descriptor for poll, epoll and event loops. When it is readable, call `try_receive` until it is empty; do so
    /// once before the first wait. Never read from it. It belongs to the channel.
    [[nodiscard]] int native_handle() const { return detail::pollable(core()); }
    /// Whether `receive` would return at once. For `wait_any`.
    [[nodiscard]] bool ready() const { return detail::ready(core()); }

private:
    friend struct codec<channel>;
    template <class There, class Back>
    friend std::pair<channel<There, Back>, channel<Back, There>> make_channel(const channel_options& options);

    explicit channel(std::shared_ptr<detail::channel_core> core) noexcept : core_(std::move(core)) {}

    [[nodiscard]] detail::channel_core& core() const
    {
        if (!core_) [[unlikely]]
            throw std::logic_error("use of a channel that was closed here, or moved from");
        return *core_;
    }
    bool put(const Out& message, const detail::wait_bounds& bounds)
    {
        detail::channel_core& end = core();
        const detail::wait_end how = detail::with_message(
            message, [&](const detail::outgoing& item) { return detail::send(end, item, bounds); });
        if (how == detail::wait_end::closed)
            throw channel_closed();
        return how == detail::wait_end::done;
    }
    std::optional<In> take(const detail::wait_bounds& bounds)
    {
        detail::channel_core& end = core();
        const detail::spare<detail::incoming> item;
        if (detail::receive(end, *item, bounds) != detail::wait_end::done)
            return std::nullopt;
        const detail::borrowed_room room(end, *item);
        return detail::decode_item<In>(*item, 0);
    }

    std::shared_ptr<detail::channel_core> core_; // null once closed or moved from
};

/// The two ends of a new channel: the first sends `There` and receives `Back`. Throws: `os_error`.
template <class There, class Back>
[[nodiscard]] std::pair<channel<There, Back>, channel<Back, There>> make_channel(const channel_options& options = {})
{
    check_sendable<There, "message of a channel">();
    check_sendable<Back, "message of a channel">();
    auto [first, second] = detail::make_channel_cores({.ring_bytes = options.bytes,
                                                       .large_bytes = options.large_bytes,
                                                       .there_fingerprint = fingerprint<There>,
                                                       .back_fingerprint = fingerprint<Back>});
    return {channel<There, Back>(std::move(first)), channel<Back, There>(std::move(second))};
}

/// An end that is sent is the receiver's from then on: here it can only be destroyed.
template <class Out, class In>
struct codec<channel<Out, In>> {
    static constexpr bool handles = true;

    static void put(sink& out, const channel<Out, In>& end)
    {
        (void)end.core();
        for (const auto& descriptor : detail::send_away(end.core_))
            encode(out, out.attach(descriptor));
    }
    static channel<Out, In> get(source& in)
    {
        const auto next = [&] { return in.take_descriptor(decode<std::uint32_t>(in)); };
        fd out_memory = next();
        fd in_memory = next();
        fd socket = next();
        return channel<Out, In>(detail::open_channel(std::move(out_memory), std::move(in_memory), std::move(socket),
                                                     fingerprint<Out>, fingerprint<In>));
    }
};

} // namespace ruche
