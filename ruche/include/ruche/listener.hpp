#pragma once

#include <ruche/channel.hpp>
#include <ruche/detail/listener_core.hpp>
#include <ruche/error.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace ruche {

/// Whoever is at the other end could not prove that it may be: it belongs to another user, or has another key.
class authentication_failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Who may meet, and where.
struct meeting_options {
    /// A secret that both sides know. Empty: a random one that is made once for each user and kept in the directory,
    /// where nobody else can read it.
    std::string key = {};

    /// The folder that holds the sockets; made if it is missing. It must belong to this user, and nobody else may enter
    /// it. Empty: `$XDG_RUNTIME_DIR/ruche`, or `/run/user/UID/ruche`, or `/tmp/ruche-UID`, the first that can be.
    std::filesystem::path directory = {};
};

struct listener_options {
    meeting_options meeting = {};
    channel_options channel = {}; ///< of each channel that is accepted
    /// How long somebody who has knocked may take to prove who it is. Nobody else waits meanwhile.
    std::chrono::nanoseconds handshake = std::chrono::seconds(2);
};

struct connect_options {
    meeting_options meeting = {};
    /// How long to wait until somebody listens under that name, and until the channel is there.
    std::chrono::nanoseconds patience = std::chrono::seconds(5);
};

/// Where processes meet that nobody has started together: any two programs of one user on one machine.
///
///     ruche::listener<answer, question> door("oracle");                          // in one program
///     while (auto line = door.accept(stop)) {
///         while (auto asked = line->receive(stop))
///             line->send(think(*asked));
///     }
///
///     auto line = ruche::connect<question, answer>("oracle");                    // in another
///     line.send({"why?"});
///
/// What `accept` and `connect` give is a `channel` like any other: as fast, typed (another type at the other end is
/// refused when they meet), it carries handles (a queue that is sent over it is shared from then on), and can be given
/// to another process.
///
/// Who may connect: the name is a socket, mode 0600, in a folder of mode 0700. Each side asks the kernel which user the
/// other is, and refuses any but its own; then each proves to the other that it knows the key (HMAC over both sides'
/// random numbers; the key itself never travels). Processes in different pid namespaces are refused, since locks mean
/// nothing between them. Somebody who is refused costs the listener nothing; see `refused`.
///
/// A listener belongs to the process that made it: it moves, and is not sent. Its destruction closes it; channels that
/// were accepted stay.
///
/// Thread safety: all members may be called from any thread.
/// If the listening process dies: the kernel ends its socket, whose name is stale then; `connect` takes nobody for
/// there
///   (and waits for a new one), and the next listener of that name takes its place.
/// If the other process dies: while it knocks, it is forgotten; later, see `channel`, which sees it at once.
template <class Out, class In>
class [[nodiscard]] listener {
public:
    /// Listens under `name`: letters, digits, dots, underscores and hyphens, at most 64.
    /// Throws: `os_error` (`address_in_use` if somebody listens there; `permission_denied` if the folder is not
    /// private),
    ///   `std::invalid_argument` for what is no name.
    explicit listener(const std::string& name, const listener_options& options = {}) :
        core_(detail::listen_at({name, options.meeting.directory, options.meeting.key},
                                detail::settings_for<Out, In>(options.channel), options.handshake))
    {}

    listener(listener&&) noexcept = default;
    listener& operator=(listener&& other) noexcept
    {
        close();
        core_ = std::move(other.core_);
        return *this;
    }
    ~listener() { close(); }

    /// The next one who connects and proves that it may; empty once the listener is closed.
    [[nodiscard]] std::optional<channel<Out, In>> accept() { return take({}); }
    /// The same; empty, too, once a stop is requested.
    [[nodiscard]] std::optional<channel<Out, In>> accept(const stop_token& stop) { return take({{}, &stop}); }
    [[nodiscard]] std::optional<channel<Out, In>> try_accept() { return take(detail::wait_bounds::none()); }
    [[nodiscard]] std::optional<channel<Out, In>> accept_for(std::chrono::nanoseconds patience)
    {
        return take({deadline(patience), nullptr});
    }
    [[nodiscard]] std::optional<channel<Out, In>> accept_for(std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return take({deadline(patience), &stop});
    }
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<channel<Out, In>> accept_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return take({deadline(moment), nullptr});
    }

    /// Stops listening, and removes the name. Those who wait in `accept` get nothing.
    void close() noexcept
    {
        if (core_)
            detail::close(*core_);
    }

    /// A descriptor for poll, epoll and event loops: when it is readable, ask `ready` or call `try_accept`.
    [[nodiscard]] int native_handle() const { return detail::pollable(core()); }
    /// Whether `accept` would return at once. For `wait_any`.
    [[nodiscard]] bool ready() const { return detail::ready(core()); }

    /// How many have been refused so far, or have gone before they had proved who they are.
    [[nodiscard]] std::size_t refused() const { return detail::refused(core()); }
    /// The socket.
    [[nodiscard]] std::filesystem::path path() const { return detail::path_of(core()); }

private:
    [[nodiscard]] detail::listener_core& core() const
    {
        if (!core_) [[unlikely]]
            throw std::logic_error("use of a listener that was moved from");
        return *core_;
    }
    std::optional<channel<Out, In>> take(const detail::wait_bounds& bounds)
    {
        if (auto end = detail::accept(core(), bounds))
            return detail::channel_access::make<Out, In>(std::move(end));
        return std::nullopt;
    }

    std::shared_ptr<detail::listener_core> core_; // null once moved from
};

/// Connects with the `listener<In, Out>` of that name, waiting for it as long as `patience` allows.
///
/// Throws: `os_error` if nobody listens there in time (`no_such_file_or_directory`, `connection_refused`, `timed_out`);
///   `authentication_failed` if one side could not prove itself to the other; `bad_message` if the listener's messages
///   are of other types, or it lives in another pid namespace.
template <class Out, class In>
[[nodiscard]] channel<Out, In> connect(const std::string& name, const connect_options& options = {})
{
    return detail::channel_access::make<Out, In>(
        detail::connect_to({name, options.meeting.directory, options.meeting.key}, detail::settings_for<Out, In>({}),
                           {deadline(options.patience), nullptr}));
}

/// The same; empty if a stop is requested first.
template <class Out, class In>
[[nodiscard]] std::optional<channel<Out, In>> connect(const std::string& name, const stop_token& stop,
                                                      const connect_options& options = {})
{
    if (auto end = detail::connect_to({name, options.meeting.directory, options.meeting.key},
                                      detail::settings_for<Out, In>({}), {deadline(options.patience), &stop}))
        return detail::channel_access::make<Out, In>(std::move(end));
    return std::nullopt;
}

} // namespace ruche
