#pragma once

#include <ruche/deadline.hpp>
#include <ruche/exit_status.hpp>
#include <ruche/fd.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Being a parent and being a child (fork(2), wait4(2), pidfd_open(2), prctl(2)).
namespace ruche::os {

[[nodiscard]] int current_process_id() noexcept;
[[nodiscard]] int parent_process_id() noexcept;

/// A descriptor that is readable once process `id` has ended. Throws: `os_error` (ESRCH: there is no such process).
[[nodiscard]] fd open_process(int id);

/// Sends a signal to the very process that `process` was opened for. Returns false if it has gone.
bool send_signal(const fd& process, int signal);

/// Forks. Returns 0 in the child. Throws: `os_error`.
[[nodiscard]] int fork_process();

/// How many threads this process has, without those of a sanitizer's runtime. Throws: `os_error`.
[[nodiscard]] int count_threads();

/// Has the kernel end this process at once when the parent's forking thread ends; false if that has already happened.
[[nodiscard]] bool die_with_parent(int parent);

/// Orphaned descendants become children of this process, so that it can end them.
void adopt_orphans();

/// A child that ended.
struct ended_child {
    int id = 0;
    int wait_status = 0;
    resource_usage used;
};

/// Reaps one child that has ended, if any has.
[[nodiscard]] std::optional<ended_child> reap();

/// Reaps the child that `process` was opened for. Nothing if somebody else has, or nobody is to (SIGCHLD is ignored).
[[nodiscard]] std::optional<ended_child> reap(const fd& process);

/// Waits for the end of a child and reaps it, if nobody else has.
void wait_for_child(int id) noexcept;

/// How the process ended, as `wait4` reports it, though it was reaped by somebody else. Since Linux 6.15; else nothing.
[[nodiscard]] std::optional<int> wait_status_after_reaping(const fd& process);

/// Calls `tell` with the exit code when this process exits by `exit`, before anything else is run.
void at_exit(void (*tell)(int code, void* data), void* data);

/// Reads what `wait4` reported.
[[nodiscard]] exit_status read_wait_status(int wait_status, const resource_usage& used);

/// The children of the calling thread, adopted ones too.
[[nodiscard]] std::vector<int> children();

void kill_child(int id) noexcept;

/// Ends this process without running anything.
[[noreturn]] void exit_at_once(int code) noexcept;

/// Where the arguments of the program lie that `main` was given. To be asked before the first title is written there:
/// its end is all that tells how long they are.
[[nodiscard]] std::span<char> place_of_title(char** arguments, int count) noexcept;

/// What `ps` shows: the short name, and the command line, which is overwritten where it lies.
void set_process_title(const std::string& name, std::span<char> place);

} // namespace ruche::os
