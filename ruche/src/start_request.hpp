#pragma once

#include "code_reference.hpp"
#include "os/limits.hpp"

#include <ruche/fd.hpp>
#include <ruche/sandbox.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ruche {

/// What the fork server is asked to start. The bytes of the request (this, encoded) and those of the arguments travel
/// in one message, with the descriptors beside them in the order of `request_descriptors`.
struct start_request {
    code_reference code; ///< what runs
    std::string name;
    std::string environment; ///< as `os::environment_block`
    std::uint32_t file_mode_mask = 0;
    std::uint64_t signal_mask = 0;
    os::resource_limits limits{};
    std::vector<std::uint32_t> processors; ///< to run on; any if empty
    std::optional<std::int32_t> niceness;
    std::optional<sandbox::profile> sandbox;
    std::uint32_t log_level = 0;
    bool has_log_line = false;          ///< records go to a receiver
    bool executed = false;              ///< a fresh image for this process alone, no fork of the server's
    bool says_ready = false;            ///< the process tells when it has set itself up
    bool belongs_to_program = false;    ///< it doesn't end with its starter
    bool arguments_apart = false;       ///< the arguments are in a memory file, packed
    std::uint32_t standard_streams = 0; ///< bit n: descriptor n is open and travels
};

/// The other thing that the fork server is asked: to end a process that it has not forked when `starter` ends. With it
/// come a pidfd of that process and the socket on which the answer, `ready`, is awaited. A start request never begins
/// with this number, which would be its length.
struct guard_request {
    static constexpr std::uint32_t right_mark = 0xFFFF'FFFF;
    std::uint32_t mark = right_mark;
    std::int32_t starter = 0;
};

/// The third: to end once the processes that it has started have. From the program alone; nothing follows.
inline constexpr std::uint32_t retire_mark = 0xFFFF'FFFE;

/// The descriptors of a request, in the order in which they travel.
struct request_descriptors {
    fd lifeline;
    fd control;
    fd voice;  ///< if there is a `sandbox`: its own line to the starter,
    fd answer; ///< and the room for its answer
    fd log;    ///< if `has_log_line`
    fd directory;
    std::array<fd, 3> streams; ///< those of `standard_streams`
    fd arguments;              ///< if `arguments_apart`
    std::vector<fd> handles;   ///< what the arguments carry
};

} // namespace ruche
