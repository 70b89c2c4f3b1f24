#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/channel_core.hpp>
#include <ruche/detail/queue_messages.hpp>
#include <ruche/stop.hpp>
#include <ruche/wire.hpp>

#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace ruche {

namespace detail {
struct channel_access;
}

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

/// In place of a type: the messages are bytes as they are, for those who have a format of their own.
///
///     auto [here, there] = ruche::make_channel<ruche::raw, ruche::raw>();
///     here.send(std::as_bytes(std::span(frame)));
///     std::optional<std::vector<std::byte>> bytes = there.receive();
///
/// A message arrives whole, whatever its size (nothing is a message too), or not at all.
struct raw {};

namespace detail {

/// What a message of a channel is when it is sent, and when it has arrived.
template <class T>
struct message_of {
    using argument = const T&;
    using value = T;
    static constexpr std::uint64_t kind = fingerprint<T>;
};
template <>
struct message_of<raw> {
    using argument = std::span<const std::byte>;
    using value = std::vector<std::byte>;
    static constexpr std::uint64_t kind = 0x0073'6574'7962'7772; // "rwbytes"
};

} // namespace detail

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
/// `channel<ruche::raw, ruche::raw>` carries bytes as they are. For unrelated processes see `listener`.
///
/// Waiting calls come in the four forms of `queue`, with a stop token or without.
///
/// Thread safety: one thread may send while another receives. Two that send, or two that receive, at once need a lock.
/// Across fork: a child made by `fork` by hand has a copy of the end; only one of the two may use it, and the other
///   shall leave with `_exit`, since the destructor closes the line.
/// If the other end's process dies: what it had sent is received, then `receive` is empty and `send` throws: at once if
///   ruche started that process, or it closed its end, or it came by `connect` (a `send` that waits for room sees that
///   within 100 ms); within 100 ms otherwise. A message that it was sending is not received.
template <class Out, class In>
class [[nodiscard]] channel {
public:
    using out_type = Out;
    using in_type = In;
    using out_argument = typename detail::message_of<Out>::argument; ///< `const Out&`, or the bytes of a raw one
    using in_value = typename detail::message_of<In>::value;         ///< `In`, or the bytes of a raw one

    channel(channel&&) noexcept = default;
    channel& operator=(channel&&) noexcept = default;

    /// Sends a message, waiting for room.
    /// Throws: `channel_closed`, `too_large`, what encoding throws. Nothing was sent then.
    void send(out_argument message) { (void)put(message, {}); }
    /// The same; returns false if the stop was requested first.
    [[nodiscard]] bool send(out_argument message, const stop_token& stop) { return put(message, {{}, &stop}); }
    [[nodiscard]] bool try_send(out_argument message) { return put(message, detail::wait_bounds::none()); }
    [[nodiscard]] bool send_for(out_argument message, std::chrono::nanoseconds patience)
    {
        return put(message, {deadline(patience), nullptr});
    }
    [[nodiscard]] bool send_for(out_argument message, std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return put(message, {deadline(patience), &stop});
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool send_until(out_argument message, std::chrono::time_point<Clock, Duration> moment)
    {
        return put(message, {deadline(moment), nullptr});
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool send_until(out_argument message, std::chrono::time_point<Clock, Duration> moment,
                                  const stop_token& stop)
    {
        return put(message, {deadline(moment), &stop});
    }

    /// The next message, waiting for one; empty once the other end is closed or gone and all was received.
    std::optional<in_value> receive() { return take({}); }
    /// The same; empty, too, once a stop is requested.
    [[nodiscard]] std::optional<in_value> receive(const stop_token& stop) { return take({{}, &stop}); }
    [[nodiscard]] std::optional<in_value> try_receive() { return take(detail::wait_bounds::none()); }
    [[nodiscard]] std::optional<in_value> receive_for(std::chrono::nanoseconds patience)
    {
        return take({deadline(patience), nullptr});
    }
    [[nodiscard]] std::optional<in_value> receive_for(std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return take({deadline(patience), &stop});
    }
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<in_value> receive_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return take({deadline(moment), nullptr});
    }
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<in_value> receive_until(std::chrono::time_point<Clock, Duration> moment,
                                                        const stop_token& stop)
    {
        return take({deadline(moment), &stop});
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
    friend struct detail::channel_access;
    template <class There, class Back>
    friend std::pair<channel<There, Back>, channel<Back, There>> make_channel(const channel_options& options);

    explicit channel(std::shared_ptr<detail::channel_core> core) noexcept : core_(std::move(core)) {}

    [[nodiscard]] detail::channel_core& core() const
    {
        if (!core_) [[unlikely]]
            throw std::logic_error("use of a channel that was closed here, or moved from");
        return *core_;
    }
    bool put(out_argument message, const detail::wait_bounds& bounds)
    {
        detail::channel_core& end = core();
        const auto send_it = [&](const detail::outgoing& item) { return detail::send(end, item, bounds); };
        detail::wait_end how;
        if constexpr (std::same_as<Out, raw>)
            how = send_it({message, {}});
        else
            how = detail::with_message(message, send_it);
        if (how == detail::wait_end::closed)
            throw channel_closed();
        return how == detail::wait_end::done;
    }
    std::optional<in_value> take(const detail::wait_bounds& bounds)
    {
        detail::channel_core& end = core();
        if constexpr (std::same_as<In, raw>) {
            const detail::spare<detail::incoming> item;
            const detail::borrowed_room room(end, *item);
            if (detail::receive(end, *item, bounds) != detail::wait_end::done)
                return std::nullopt;
            return std::vector<std::byte>(item->bytes.begin(), item->bytes.end());
        } else if constexpr (detail::travels_as_it_is<In>) {
            std::array<std::byte, sizeof(In)> bytes;
            if (detail::receive_into(end, bytes, bounds) != detail::wait_end::done)
                return std::nullopt;
            return std::bit_cast<In>(bytes);
        } else {
            const detail::spare<detail::incoming> item;
            const detail::borrowed_room room(end, *item); // also if `receive` throws after it was lent
            if (detail::receive(end, *item, bounds) != detail::wait_end::done)
                return std::nullopt;
            return detail::decode_item<In>(*item, 0);
        }
    }

    std::shared_ptr<detail::channel_core> core_; // null once closed or moved from
};

namespace detail {

template <class There, class Back>
[[nodiscard]] channel_settings settings_for(const channel_options& options)
{
    if constexpr (!std::same_as<There, raw>)
        check_sendable<There, "message of a channel">();
    if constexpr (!std::same_as<Back, raw>)
        check_sendable<Back, "message of a channel">();
    return {.ring_bytes = options.bytes,
            .large_bytes = options.large_bytes,
            .there_fingerprint = message_of<There>::kind,
            .back_fingerprint = message_of<Back>::kind};
}

/// Between an end and what it is made of, for `listener`.
struct channel_access {
    template <class Out, class In>
    [[nodiscard]] static channel<Out, In> make(std::shared_ptr<channel_core> core)
    {
        return channel<Out, In>(std::move(core));
    }
};

} // namespace detail

/// The two ends of a new channel: the first sends `There` and receives `Back`. Throws: `os_error`.
template <class There, class Back>
[[nodiscard]] std::pair<channel<There, Back>, channel<Back, There>> make_channel(const channel_options& options = {})
{
    auto [first, second] = detail::make_channel_cores(detail::settings_for<There, Back>(options));
    return {channel<There, Back>(std::move(first)), channel<Back, There>(std::move(second))};
}

/// An end that is sent is the receiver's from then on: here it can only be destroyed.
template <class Out, class In>
struct codec<channel<Out, In>> {
    static constexpr bool handles = true;

    static void put(sink& out, const channel<Out, In>& end)
    {
        encode(out, detail::is_with_a_stranger(end.core()));
        for (const auto& descriptor : detail::send_away(end.core_))
            encode(out, out.attach(descriptor));
    }
    static channel<Out, In> get(source& in)
    {
        const bool stranger = decode<bool>(in);
        const auto next = [&] { return in.take_descriptor(decode<std::uint32_t>(in)); };
        fd out_memory = next();
        fd in_memory = next();
        fd socket = next();
        return channel<Out, In>(detail::open_channel({std::move(out_memory), std::move(in_memory), std::move(socket)},
                                                     detail::message_of<Out>::kind, detail::message_of<In>::kind,
                                                     stranger));
    }
};

} // namespace ruche
