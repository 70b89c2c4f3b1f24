#pragma once

#include <string>

namespace ruche::os {

/// What the kernel's manual calls system call `number` of this machine: "openat"; "number 999" if it has no name here.
[[nodiscard]] std::string system_call_name(int number);

} // namespace ruche::os
