#pragma once

#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <cerrno>
#include <sstream>
#include <utility>

namespace ruche::os {

/// Throws `os_error` for the current errno; `doing` says what was attempted, on what.
[[noreturn]] void throw_errno(const std::string& doing);
[[noreturn]] void throw_error(int error_number, const std::string& doing);

/// Passes `result` through, or throws `os_error` with what was attempted when the call returned -1.
template <class Result, class... Words>
Result check(Result result, const Words&... doing)
{
    if (result == Result(-1)) [[unlikely]] {
        const int error_number = errno;
        std::ostringstream text;
        (text << ... << doing);
        throw_error(error_number, text.str());
    }
    return result;
}

/// Repeats a system call for as long as a signal interrupts it.
template <class Call>
auto retry(Call call) noexcept(noexcept(call()))
{
    for (;;) {
        const auto result = call();
        if (result != -1 || errno != EINTR)
            return result;
    }
}

/// Takes ownership of a new descriptor, and moves it out of the way of 0, 1 and 2: where the host has closed one of
/// those, the kernel hands its number out again, and what we keep there would pass for a standard stream. Throws:
/// `os_error`.
[[nodiscard]] fd own(int number, const char* doing);

} // namespace ruche::os
