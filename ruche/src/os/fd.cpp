#include <ruche/fd.hpp>

#include "os/os_error.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace ruche {

void fd::reset(int number) noexcept
{
    // close() is never retried: Linux has freed the number even when it reports EINTR (close(2)).
    if (number_ >= 0)
        ::close(number_);
    number_ = number;
}

fd fd::duplicate() const
{
    return fd(os::check(::fcntl(number_, F_DUPFD_CLOEXEC, 0), "duplicate descriptor ", number_));
}

} // namespace ruche
