#pragma once

#include <string>

struct sockaddr;

namespace rssmania {

/// Whether `address` is one that the public internet routes: none of the addresses that the IANA special-purpose
/// registries set aside (this machine, private and link-local networks, documentation, multicast, …), nor a cloud's
/// metadata service, nor an IPv6 form of such an IPv4 address.
///
/// It is asked about the address that a socket is about to connect to, after DNS: no spelling of a name gets past it.
[[nodiscard]] bool is_public(const sockaddr& address);

/// `address` as people write it, without the port; "?" for a family that is neither IPv4 nor IPv6.
[[nodiscard]] std::string to_text(const sockaddr& address);

/// Whether `host` (with or without a port) is itself an address, in digits, and none of the public ones.
[[nodiscard]] bool is_private_literal(const std::string& host);

} // namespace rssmania
