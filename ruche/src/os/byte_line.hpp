#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <deque>
#include <span>
#include <utility>

/// A stream of bytes between two processes, with descriptors beside them (unix(7), SOCK_STREAM).
namespace ruche::os {

[[nodiscard]] std::pair<fd, fd> make_byte_line();

enum class line_state { moved, would_block, ended };

struct line_result {
    line_state state{};
    std::size_t bytes = 0;
};

/// Sends as much as there is room for (all of it, if `wait`); the descriptors go with the first byte. Never raises
/// SIGPIPE. Throws: `os_error` for anything but a missing peer or no room.
[[nodiscard]] line_result send_some(const fd& line, std::span<const std::byte> bytes, std::span<const int> descriptors,
                                    bool wait);

/// Receives what is there, waiting for something if `wait`. Throws: `os_error`.
[[nodiscard]] line_result receive_some(const fd& line, std::span<std::byte> into, std::deque<fd>& descriptors,
                                       bool wait);

/// The same by read(2) and write(2) alone, which is all that a sandbox allows.
[[nodiscard]] line_result write_all(const fd& line, std::span<const std::byte> bytes);
[[nodiscard]] line_result read_some(const fd& line, std::span<std::byte> into);

} // namespace ruche::os
