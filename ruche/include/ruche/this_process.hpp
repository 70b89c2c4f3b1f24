#pragma once

#include <ruche/stop.hpp>

#include <string>

/// What a process knows of itself, as `std::this_thread` is for threads.
namespace ruche::this_process {

/// The process id.
[[nodiscard]] int id() noexcept;

/// The name it was started under; `main` in the program's first process.
[[nodiscard]] std::string name();

/// The id of the process that started it with `ruche::process`; 0 in the program's first process. (The kernel's parent
/// of all of them is the fork server.)
[[nodiscard]] int parent() noexcept;

/// How many processors this process can keep busy: those it may run on, or fewer where its control groups limit its
/// share of their time (a container's "1.5 processors" count as 2). At least 1. Asks the system at each call.
[[nodiscard]] unsigned cpu_count();

/// The token by which its starter asks it to stop: the same that its function may take as its first parameter.
/// In the program's first process, one that never stops.
[[nodiscard]] stop_token get_stop_token();

/// Says that this process lives and gets on, for a supervisor that was promised so (`process_options::heartbeat`). May
/// be called as often as one likes: it costs about as much as a look at the clock.
void heartbeat() noexcept;

} // namespace ruche::this_process
