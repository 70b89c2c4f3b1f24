#pragma once

#include <chrono>
#include <optional>
#include <string>

/// What a service manager (systemd) is told, if one has started us and wants to know; else nothing happens.
namespace rssmania::service {

/// The start is over: who depends on us may start. `status` is shown by `systemctl status`.
void tell_ready(const std::string& status);
void tell_status(const std::string& status);
void tell_stopping();

/// How often it wants to hear that we live; nothing if it doesn't.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval();
void tell_alive();

} // namespace rssmania::service
