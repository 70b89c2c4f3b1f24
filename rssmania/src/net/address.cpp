#include "net/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace rssmania {
namespace {

struct ipv4_block {
    std::uint32_t first;
    int bits;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d)
{
    return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

constexpr std::array not_public_ipv4{
    ipv4_block{ip(0, 0, 0, 0), 8},        // "this network"
    ipv4_block{ip(10, 0, 0, 0), 8},       // private
    ipv4_block{ip(100, 64, 0, 0), 10},    // shared by carriers; Alibaba's metadata
    ipv4_block{ip(127, 0, 0, 0), 8},      // this machine
    ipv4_block{ip(168, 63, 129, 16), 32}, // Azure's host
    ipv4_block{ip(169, 254, 0, 0), 16},   // link-local; metadata of most clouds
    ipv4_block{ip(172, 16, 0, 0), 12},    // private
    ipv4_block{ip(192, 0, 0, 0), 24},     // protocol assignments; Oracle's metadata
    ipv4_block{ip(192, 0, 2, 0), 24},     // documentation
    ipv4_block{ip(192, 88, 99, 0), 24},   // 6to4 relays, withdrawn
    ipv4_block{ip(192, 168, 0, 0), 16},   // private
    ipv4_block{ip(198, 18, 0, 0), 15},    // benchmarks
    ipv4_block{ip(198, 51, 100, 0), 24},  // documentation
    ipv4_block{ip(203, 0, 113, 0), 24},   // documentation
    ipv4_block{ip(224, 0, 0, 0), 4},      // multicast
    ipv4_block{ip(240, 0, 0, 0), 4},      // reserved, broadcast
};

bool is_public_ipv4(std::uint32_t address)
{
    return std::none_of(not_public_ipv4.begin(), not_public_ipv4.end(), [&](const ipv4_block& block) {
        const std::uint32_t mask = ~std::uint32_t{0} << static_cast<unsigned>(32 - block.bits);
        return (address & mask) == block.first;
    });
}

using ipv6_bytes = std::array<std::uint8_t, 16>;

struct ipv6_block {
    ipv6_bytes first;
    int bits;
};

// What lies inside 2000::/3, the only part of IPv6 that is routed, and yet is not public.
constexpr std::array not_public_ipv6{
    ipv6_block{{0x20, 0x01, 0x00}, 23},       // protocol assignments: Teredo, benchmarks, ORCHID
    ipv6_block{{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
    ipv6_block{{0x20, 0x02}, 16},             // 6to4: any IPv4 address can hide in it
    ipv6_block{{0x3f, 0xff, 0x00}, 20},       // documentation
};
constexpr ipv6_block routed{{0x20}, 3};
constexpr ipv6_block mapped_ipv4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr ipv6_block nat64{{0x00, 0x64, 0xff, 0x9b}, 96};

bool lies_in(const ipv6_bytes& address, const ipv6_block& block)
{
    const auto whole = static_cast<std::size_t>(block.bits / 8);
    if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), block.first.begin()))
        return false;
    const int rest = block.bits % 8;
    if (rest == 0)
        return true;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(rest));
    return (address[whole] & mask) == (block.first[whole] & mask);
}

bool is_public_ipv6(const ipv6_bytes& address)
{
    if (lies_in(address, mapped_ipv4) || lies_in(address, nat64))
        return is_public_ipv4(ip(address[12], address[13], address[14], address[15]));
    return lies_in(address, routed) && std::none_of(not_public_ipv6.begin(), not_public_ipv6.end(),
                                                    [&](const ipv6_block& block) { return lies_in(address, block); });
}

// Copied out, not cast: a sockaddr has no alignment to rely on.
template <class Address>
Address copy_as(const sockaddr& address)
{
    Address copy;
    std::memcpy(&copy, &address, sizeof copy);
    return copy;
}

} // namespace

bool is_public(const sockaddr& address)
{
    if (address.sa_family == AF_INET)
        return is_public_ipv4(ntohl(copy_as<sockaddr_in>(address).sin_addr.s_addr));
    if (address.sa_family == AF_INET6) {
        const auto copy = copy_as<sockaddr_in6>(address);
        ipv6_bytes bytes;
        std::memcpy(bytes.data(), &copy.sin6_addr, bytes.size());
        return is_public_ipv6(bytes);
    }
    return false;
}

bool is_private_literal(const std::string& host)
{
    if (host.starts_with('[')) {
        const std::string inner = host.substr(1, host.find(']') - 1);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        if (inet_pton(AF_INET6, inner.c_str(), &address.sin6_addr) != 1)
            return true; // in brackets, and no address that we can read
        ipv6_bytes bytes;
        std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
        return !is_public_ipv6(bytes);
    }
    in_addr address{};
    // inet_aton takes the forms in hexadecimal, octal and with fewer numbers that resolvers take, too.
    return inet_aton(host.substr(0, host.rfind(':')).c_str(), &address) != 0 && !is_public_ipv4(ntohl(address.s_addr));
}

std::string to_text(const sockaddr& address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.sa_family == AF_INET) {
        const auto copy = copy_as<sockaddr_in>(address);
        inet_ntop(AF_INET, &copy.sin_addr, text.data(), text.size());
    } else if (address.sa_family == AF_INET6) {
        const auto copy = copy_as<sockaddr_in6>(address);
        inet_ntop(AF_INET6, &copy.sin6_addr, text.data(), text.size());
    } else {
        return "?";
    }
    return text.data();
}

} // namespace rssmania
