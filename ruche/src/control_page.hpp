#pragma once

#include "heart.hpp"
#include "os/crash.hpp"
#include "time_split.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ruche {

/// How a pool and one of its workers agree on which task has been begun. A task has a number; its place in the tables
/// is that number modulo their size, which is more than a worker ever has in its hands.
///
/// The worker stores `begun`, then looks at `revoked` and `held`; the pool stores those, then looks at `begun`. With
/// all of it in one order (seq_cst), at least one of them sees what the other has done.
struct worker_words {
    static constexpr std::size_t places = 128;

    std::atomic<std::uint64_t> begun; ///< the last task that it has begun, or is about to; written by the worker
    std::atomic<std::uint32_t> item;  ///< of a task of several calls: the one it is at; written by the worker
    std::atomic<std::uint32_t> held;  ///< not 0: nothing more is to be begun, the worker waits; written by the pool
    std::array<std::atomic<std::uint32_t>, places> revoked; ///< not 0: not to be begun; written by the pool
    std::array<std::atomic<std::uint32_t>, places> stop;    ///< the stop word of the task; written by the pool
    time_split time;                                        ///< of the worker's life; written by the worker
};

/// What a process and the one that started it share: one page of anonymous memory, passed with the start request.
/// Each word says who writes it.
struct control_page {
    std::atomic<std::uint32_t> stop; ///< 0, then 1 once a stop is requested; written by the starter and by the process
    std::atomic<std::uint32_t> end;  ///< 256 + the exit code, once a forked process has said it; written by the process
    class heart heart;               ///< begun by the starter; beaten by the process
    os::crash_record crash;          ///< written by the process as its last words; read once it has ended
    worker_words work;               ///< of a worker of a pool
};

} // namespace ruche
