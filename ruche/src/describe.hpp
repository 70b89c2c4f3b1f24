#pragma once

#include <exception>
#include <string>

namespace ruche {

/// The type as the program wrote it, from what the compiler calls it.
[[nodiscard]] std::string demangle(const char* name);

/// "std::runtime_error: can't read feed; caused by std::system_error: open x.xml: No such file or directory".
[[nodiscard]] std::string describe_exception(const std::exception_ptr& error);

} // namespace ruche
