#include "service/manager.hpp"

#include <systemd/sd-daemon.h>

namespace rssmania::service {

// Whether it was told is nothing to act on: a manager that doesn't listen hears nothing.
void tell_ready(const std::string& status) { (void)::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()); }
void tell_status(const std::string& status) { (void)::sd_notify(0, ("STATUS=" + status).c_str()); }
void tell_stopping() { (void)::sd_notify(0, "STOPPING=1"); }
void tell_alive() { (void)::sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::milliseconds> watchdog_interval()
{
    std::uint64_t microseconds = 0;
    if (::sd_watchdog_enabled(0, &microseconds) <= 0)
        return std::nullopt;
    return std::chrono::milliseconds(microseconds / 1000);
}

} // namespace rssmania::service
