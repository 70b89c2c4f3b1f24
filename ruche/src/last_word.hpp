#pragma once

namespace ruche {

/// Whether the library may still print of its own accord: always, until a signal has asked the program to stop; then
/// once. One Ctrl+C, one message.
[[nodiscard]] bool may_say_a_last_word() noexcept;

} // namespace ruche
