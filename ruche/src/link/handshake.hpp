#pragma once

#include <ruche/detail/channel_core.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// How two who have never met prove to each other that they know the same key, in three messages:
///
///     listener → guest   greeting: a random number, the pid namespace, the types
///     guest → listener   greeting of its own, and an HMAC of both greetings
///     listener → guest   a verdict, an HMAC of it and of both greetings, and the channel's descriptors
///
/// The HMAC (libsodium's crypto_auth) covers who speaks and both random numbers, so nothing that was heard can be said
/// again, to whomever. Nothing that a stranger has sent is used before its HMAC was checked.
namespace ruche::link {

using key = std::array<unsigned char, 32>;
using proof = std::array<unsigned char, 32>;

/// A key made of what a user has given, or of what is stored. Throws: `std::runtime_error` if libsodium can't start.
[[nodiscard]] key key_from(std::span<const std::byte> secret);

struct greeting {
    static constexpr std::uint64_t right_magic = 0x7465'656d'2065'6872; // "rhe meet"
    static constexpr std::uint32_t right_version = 1;

    std::uint64_t magic = right_magic;
    std::uint32_t version = right_version;
    std::uint32_t unused = 0;
    std::uint64_t pid_namespace = 0;
    std::uint64_t sends = 0;    ///< fingerprint of what its side sends
    std::uint64_t receives = 0; ///< and of what it receives
    std::array<unsigned char, 32> random{};
};

struct answer {
    greeting words;
    proof knows_key{};
};

enum class verdict : std::uint32_t { welcome, other_key, other_types, other_namespace, other_version };

struct last_word {
    verdict what = verdict::welcome;
    std::uint32_t unused = 0;
    proof knows_key{};
};

/// The greeting of this process for one meeting.
[[nodiscard]] greeting greet(const detail::channel_settings& settings);

[[nodiscard]] answer answer_to(const greeting& from_listener, const greeting& mine, const key& with);

/// What the listener says to an answer.
[[nodiscard]] last_word judge(const greeting& mine, const answer& theirs, const key& with);

/// Checks what the listener has said last; what it sent with it may be used if this returns.
/// Throws: `authentication_failed`, `bad_message`.
void check_last_word(const last_word& said, const greeting& from_listener, const greeting& mine, const key& with,
                     const std::string& name);

} // namespace ruche::link
