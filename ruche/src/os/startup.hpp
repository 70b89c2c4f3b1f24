#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// What may be done in a process before its `main`, and before most of its library is set up.
namespace ruche::os {

using main_function = int (*)(int, char**, char**);
using start_function = int (*)(main_function, int, char**, void (*)(), void (*)(), void (*)(), void*);

/// The C library's own `__libc_start_main`, past ours; null where there is none to be found.
[[nodiscard]] start_function original_start() noexcept;

/// Takes the number that `variable` holds out of the environment and returns the message socket of that number, if the
/// first message that waits there begins with `greeting`. Anything else (a variable that was inherited without its
/// socket, a program that runs with raised privileges) gives an empty `fd` and changes nothing but the environment.
[[nodiscard]] fd take_announced_socket(char** environment, const char* variable, std::span<const std::byte> greeting);

/// Closes what was inherited by accident: everything from 3 on but `kept`; 0 and 1 become /dev/null.
void close_inherited(const fd& kept);

/// Standard error becomes /dev/null too: whoever reads what the program says must see its end when the program ends it.
void fall_silent();

/// The descriptors that are open now, from 3 on, except `other`.
[[nodiscard]] std::vector<int> open_descriptors(std::span<const int> others);

/// The settings of this process, as `main` may get them.
[[nodiscard]] char** current_environment() noexcept;

/// The last part of the name by which the program was called.
[[nodiscard]] std::string program_name();

} // namespace ruche::os
