#pragma once

#include "link/handshake.hpp"
#include "os/local_address.hpp"
#include "os/socket.hpp"

#include <ruche/detail/listener_core.hpp>

#include <array>
#include <cstring>
#include <optional>
#include <span>

/// What the two who meet have in common: the name, the key, and how words travel.
namespace ruche::link {

/// The name itself. Throws: `std::invalid_argument` for what is none.
const std::string& checked(const std::string& name);

[[nodiscard]] key key_for(const detail::meeting_place& where, const os::private_folder& folder);

/// A message as words, or nothing if it has another size.
template <class Words>
[[nodiscard]] std::optional<Words> words_of(const os::received_message& message)
{
    Words words;
    if (message.bytes.size() != sizeof words)
        return std::nullopt;
    std::memcpy(&words, message.bytes.data(), sizeof words);
    return words;
}

/// Whether the words went; not if the other side is gone, or does not listen.
template <class Words>
[[nodiscard]] bool say(const fd& socket, const Words& words, std::span<const int> descriptors = {})
{
    return os::send_message(socket.get(), std::array{os::as_part(words)}, descriptors, false) == os::transfer::done;
}

} // namespace ruche::link
