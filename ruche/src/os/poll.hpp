#pragma once

#include <ruche/deadline.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace ruche::os {

/// Waits until one of `numbers` is readable or has hung up, or until the deadline, and says in `ready` which are.
/// A negative number is never ready. Returns false if the deadline passed. A signal does not end the wait.
bool poll_readable(std::span<const int> numbers, std::span<bool> ready, const deadline& until);

template <std::size_t N>
[[nodiscard]] std::array<bool, N> poll_readable(const std::array<int, N>& numbers, const deadline& until = {})
{
    std::array<bool, N> ready{};
    poll_readable(numbers, ready, until);
    return ready;
}

/// Waits until `number` is readable (or has hung up). Returns whether it is.
[[nodiscard]] bool wait_readable(int number, const deadline& until);

/// Waits until there is room to write to `number`, or nobody reads there any more. Returns false if the deadline
/// passed.
bool wait_writable(int number, const deadline& until);

/// Waits until `number` has hung up: of a pidfd, until the process was reaped (Linux 6.15).
bool wait_hung_up(int number, const deadline& until);

/// Whether nobody is at the other end of a socket any more.
[[nodiscard]] bool has_hung_up(int socket) noexcept;

/// Writes `text` to a descriptor (to standard error), in one piece where the system can.
void say(int number, const std::string& text) noexcept;
void say(const std::string& text) noexcept;

/// The same, unless whoever reads has fallen so far behind that the writer would have to wait.
void say_if_room(int number, const std::string& text) noexcept;

} // namespace ruche::os
