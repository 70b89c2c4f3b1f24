#pragma once

#include "heart.hpp"
#include "os/crash.hpp"

#include <atomic>
#include <cstdint>

namespace ruche {

/// What a process and the one that started it share: one page of anonymous memory, passed with the start request.
/// Each word says who writes it.
struct control_page {
    std::atomic<std::uint32_t> stop; ///< 0, then 1 once a stop is requested; written by the starter and by the process
    std::atomic<std::uint32_t> end;  ///< 256 + the exit code, once a forked process has said it; written by the process
    class heart heart;               ///< begun by the starter; beaten by the process
    os::crash_record crash;          ///< written by the process as its last words; read once it has ended
};

} // namespace ruche
