#include "os/event.hpp"

#include "os/os_error.hpp"

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace ruche::os {

fd make_event() { return fd(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "make an event")); }

// Neither can fail in a way that matters: an event that counts no higher is set, one that can't be read is not.
void set_event(const fd& event) noexcept
{
    const std::uint64_t one = 1;
    retry([&]() noexcept { return ::write(event.get(), &one, sizeof one); });
}

void clear_event(const fd& event) noexcept
{
    std::uint64_t count = 0;
    retry([&]() noexcept { return ::read(event.get(), &count, sizeof count); });
}

} // namespace ruche::os
