#include "os/os_error.hpp"

#include <fcntl.h>

namespace ruche::os {

void throw_error(int error_number, const std::string& doing) { throw os_error(error_number, doing); }

void throw_errno(const std::string& doing) { throw_error(errno, doing); }

fd own(int number, const char* doing)
{
    fd owned(check(number, doing));
    if (number > 2)
        return owned;
    return fd(check(::fcntl(number, F_DUPFD_CLOEXEC, 3), doing));
}

} // namespace ruche::os
