#pragma once

#include <ruche/fd.hpp>

/// A descriptor that is readable while it is set (eventfd(2)); all processes that hold it see the same.
namespace ruche::os {

/// Throws: `os_error`.
[[nodiscard]] fd make_event();
void set_event(const fd& event) noexcept;
void clear_event(const fd& event) noexcept;

} // namespace ruche::os
