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

/// The token by which its starter asks it to stop: the same that its function may take as its first parameter.
/// In the program's first process, one that never stops.
[[nodiscard]] stop_token get_stop_token();

} // namespace ruche::this_process
