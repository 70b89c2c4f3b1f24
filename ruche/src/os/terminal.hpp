#pragma once

#include <cstddef>

namespace ruche::os {

/// How many columns the terminal behind a descriptor has (ioctl_tty(2)); 0 if there is no terminal.
[[nodiscard]] std::size_t terminal_width(int number) noexcept;

} // namespace ruche::os
