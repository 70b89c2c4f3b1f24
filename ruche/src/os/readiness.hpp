#pragma once

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>

#include <cstdint>
#include <span>

/// Many descriptors waited for at once (epoll(7)).
namespace ruche::os {

/// Thread safety: descriptors may be added and removed while another thread waits.
class readiness_set {
public:
    /// Throws: `os_error`.
    readiness_set();

    /// Reports `number` as `key` whenever it is readable or has hung up. Throws: `os_error`.
    void add(int number, std::uint64_t key);
    /// Reports an event once each time it is set, so that nobody has to clear it. Throws: `os_error`.
    void add_edge(int number, std::uint64_t key);
    /// From now on it is (not) reported; with `room` also when there is room to send.
    void set_heeded(int number, std::uint64_t key, bool heeded, bool room = false);
    void remove(int number) noexcept;

    /// Waits until something is readable, or until the deadline. Returns the first part of `keys`, filled; it may be
    /// empty after a signal.
    [[nodiscard]] std::span<std::uint64_t> wait(std::span<std::uint64_t> keys, const deadline& until);

    /// Readable when `wait` would return at once.
    [[nodiscard]] int native_handle() const noexcept { return set_.get(); }

private:
    fd set_;
};

} // namespace ruche::os
