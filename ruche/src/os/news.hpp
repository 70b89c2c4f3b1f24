#pragma once

#include <ruche/fd.hpp>

#include <cstdint>

/// News for those who sleep in poll(2): what the stop words and the death bell say to those who sleep on a futex.
///
/// One event (eventfd(2)) that all processes of a program hold. Whoever requests a stop, and the fork server at each
/// death, adds to it; nobody ever reads it. Each sleeper watches it edge-triggered (epoll(7)), so that it hears of what
/// is added from then on, wakes, and looks for itself whether the news was for it. Nothing is kept about who sleeps, so
/// a sleeper that is killed leaves nothing.
namespace ruche::os {

/// The event of this process, made when it is first asked for. Throws: `os_error`.
int news_descriptor();
/// The same, negative if nobody has asked for it yet.
[[nodiscard]] int news_descriptor_if_any() noexcept;

/// From now on the program's event is this one: that of the family that this process belongs to.
void inherit_news(fd event) noexcept;
/// In a process that is to have no part in the family: its number may soon be another's.
void forget_news() noexcept;

/// Wakes all who watch. Async-signal-safe.
void tell_news() noexcept;

/// What one thread has heard so far. There is one for each thread that ever slept.
class news_watch {
public:
    /// That of the calling thread. Throws: `os_error`.
    [[nodiscard]] static news_watch& of_this_thread();

    /// Readable once there is news since the last `clear`.
    [[nodiscard]] int native_handle() const noexcept { return epoll_.get(); }
    void clear() noexcept;

private:
    fd epoll_;
    int watched_ = -1;        ///< the event that `epoll_` watches
    std::uint32_t epoch_ = 0; ///< the fork epoch in which it was made: a copy would steal its original's news
};

} // namespace ruche::os
