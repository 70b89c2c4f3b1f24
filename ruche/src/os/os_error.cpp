#include "os/os_error.hpp"

namespace ruche::os {

void throw_error(int error_number, const std::string& doing) { throw os_error(error_number, doing); }

void throw_errno(const std::string& doing) { throw_error(errno, doing); }

} // namespace ruche::os
