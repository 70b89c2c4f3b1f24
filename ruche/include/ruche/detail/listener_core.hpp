#pragma once

#include <ruche/detail/channel_core.hpp>

#include <chrono>
#include <filesystem>
#include <string>

/// What `listener<Out, In>` and `connect` are made of once their types have become numbers. Not for use by programs.
namespace ruche::detail {

class listener_core;

struct meeting_place {
    std::string name;
    std::filesystem::path directory; ///< empty: the user's own
    std::string key;                 ///< empty: the one kept in the directory
};

[[nodiscard]] std::shared_ptr<listener_core> listen_at(const meeting_place& where, const channel_settings& settings,
                                                       std::chrono::nanoseconds handshake);
/// An end of a new channel; null if the wait ended without, or the listener is closed.
[[nodiscard]] std::shared_ptr<channel_core> accept(listener_core& at, const wait_bounds& bounds);
void close(listener_core& at) noexcept;
[[nodiscard]] int pollable(listener_core& at) noexcept;
[[nodiscard]] bool ready(listener_core& at);
[[nodiscard]] std::size_t refused(const listener_core& at) noexcept;
[[nodiscard]] std::filesystem::path path_of(const listener_core& at);

/// The other end. Waits for somebody to listen there; null if a stop came first.
/// Throws: `os_error`, `authentication_failed`, `bad_message`.
[[nodiscard]] std::shared_ptr<channel_core> connect_to(const meeting_place& where, const channel_settings& settings,
                                                       const wait_bounds& bounds);

} // namespace ruche::detail
