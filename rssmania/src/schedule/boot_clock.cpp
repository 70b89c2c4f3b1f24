#include "schedule/boot_clock.hpp"

#include <ctime>

namespace rssmania {

boot_clock::time_point boot_clock::now() noexcept
{
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time); // can't fail: since Linux 2.6.39
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

} // namespace rssmania
