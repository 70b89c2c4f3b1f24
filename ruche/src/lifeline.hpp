#pragma once

#include "os/shared_page.hpp"
#include "os/socket.hpp"

#include <ruche/deadline.hpp>
#include <ruche/detail/packed_message.hpp>
#include <ruche/fd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// The lifeline of a process: a socket pair made by whoever starts it. The starter keeps one end; the fork server and
/// the new process share the other. What arrives on it is the whole story of that process:
///
///     started (pid; a pidfd beside it)          from the server
///     failed (the step, and its errno)          from the server, or from the process while it sets itself up
///     ready                                     from the process, if it was asked to say so, once it has set itself up
///     returned (the encoded result) or threw (the encoded exception)          from the process
///     ended (wait status and resource usage)    from the server, once it has reaped the process
///
/// The server speaks last, so when the line ends without `ended`, the server was killed, and its children with it.
namespace ruche {

enum class lifeline_kind : std::uint32_t { started = 1, failed, returned, threw, ended, ready };

/// The first bytes of each message; what follows is the payload.
struct lifeline_header {
    lifeline_kind kind{};
    std::int32_t value = 0; ///< started: pid; failed: errno; ended: wait status as wait4 gives it
    /// 1: the payload is in the memory file that is the first descriptor, or in the answer room of a sandboxed process;
    /// 2: and it is a `packed_message`.
    std::uint32_t payload_apart = 0;
    std::uint32_t short_of_memory = 0; ///< ended by SIGKILL: an `os::shortage`
    std::uint64_t payload_bytes = 0;   ///< of a sandboxed process's payload in its answer room
    std::uint64_t peak_memory = 0;     ///< ended: bytes
    std::int64_t user_microseconds = 0;
    std::int64_t system_microseconds = 0;
};

struct lifeline_report {
    lifeline_header header;
    std::vector<std::byte> payload;
    std::vector<fd> descriptors;
    os::memory_view packed; ///< instead of `payload`, if it is a `packed_message`
};

/// Payloads above this size travel in a memory file: a socket's buffer is small and must never make anybody wait.
inline constexpr std::size_t lifeline_inline_bytes = 32 * 1024;

/// A memory file that holds a message in its packed form.
[[nodiscard]] fd write_packed(const char* label, const detail::message_parts& message);

/// Says `header` and `payload`. With `wait` false a full line loses the message rather than stop the speaker.
os::transfer report(int line, lifeline_header header, std::span<const std::byte> payload = {},
                    std::span<const int> descriptors = {}, bool wait = true);

/// The next report, or nothing if the deadline passed or the line ended (`ended` tells which).
[[nodiscard]] std::optional<lifeline_report> next_report(int line, bool& line_ended, const deadline& until = {});

} // namespace ruche
