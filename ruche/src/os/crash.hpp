#pragma once

#include "os/stack.hpp"

#include <atomic>
#include <cstdint>

/// The last words of a process that a fault or an abort ends (sigaction(2), sigaltstack(2)).
namespace ruche::os {

/// What the handler leaves behind, in memory that outlives the process. `signal` is written last.
struct crash_record {
    std::atomic<std::uint32_t> signal; ///< 0: no crash
    std::atomic<std::uint32_t> call;   ///< 1 more than the system call that a filter refused; 0: none
    std::uint64_t address;             ///< what the program touched, for SIGSEGV and SIGBUS
    stack_trace stack;
};

/// Handles the signals of crashes from now on, in this process and those it forks: they note what happened in the
/// current record, if there is one, and then take their usual effect. Works on a stack of its own, so that an overflow
/// of the usual one is noted too; a handler that gets stuck is ended after a second.
/// With `all` false, signals that the program handles already are left to it.
void note_crashes(bool all = true);

/// Where to note it. The record must outlive the process.
void set_crash_record(crash_record* record) noexcept;

} // namespace ruche::os
