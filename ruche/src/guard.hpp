#pragma once

#include <ruche/fd.hpp>

namespace ruche {

/// Has the fork server behind `requests` end this process, which it has not forked, when `starter` ends, and take this
/// process's own requests; and has the kernel end it with the server. Any of them may die before they know, so this
/// returns only once the server has answered. `self` is a pidfd of this process. Throws: `os_error` (ECONNRESET: one of
/// them is dead).
void be_guarded(const fd& requests, int starter, const fd& self);

} // namespace ruche
