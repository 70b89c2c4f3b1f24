#include "link/handshake.hpp"

#include "os/process_identity.hpp"

#include <ruche/error.hpp>
#include <ruche/listener.hpp>

#include <stdexcept>

#include <sodium.h>

namespace ruche::link {

namespace {

static_assert(sizeof(key) == crypto_auth_KEYBYTES && sizeof(proof) == crypto_auth_BYTES);

void start_library()
{
    if (::sodium_init() < 0)
        throw std::runtime_error("libsodium can't start: the system gives no random numbers");
}

// All that is proven, in one piece: who speaks, the verdict, and both greetings. No padding: every byte is a member's.
struct statement {
    std::uint32_t speaker = 0;
    verdict what = verdict::welcome;
    greeting listener;
    greeting guest;
};
static_assert(sizeof(greeting) == 72 && sizeof(statement) == 8 + 2 * sizeof(greeting));

constexpr std::uint32_t the_guest = 1;
constexpr std::uint32_t the_listener = 2;

proof prove(const statement& what, const key& with) noexcept
{
    proof made{};
    ::crypto_auth(made.data(), reinterpret_cast<const unsigned char*>(&what), sizeof what, with.data());
    return made;
}

bool is_proven(const proof& given, const statement& what, const key& with) noexcept
{
    return ::crypto_auth_verify(given.data(), reinterpret_cast<const unsigned char*>(&what), sizeof what,
                                with.data()) == 0;
}

verdict verdict_on(const greeting& mine, const greeting& theirs) noexcept
{
    if (mine.pid_namespace != theirs.pid_namespace)
        return verdict::other_namespace;
    if (mine.sends != theirs.receives || mine.receives != theirs.sends)
        return verdict::other_types;
    return verdict::welcome;
}

} // namespace

key key_from(std::span<const std::byte> secret)
{
    start_library();
    key made{};
    ::crypto_generichash(made.data(), made.size(), reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
                         nullptr, 0);
    return made;
}

greeting greet(const detail::channel_settings& settings)
{
    start_library();
    greeting mine;
    mine.pid_namespace = os::pid_namespace();
    mine.sends = settings.there_fingerprint;
    mine.receives = settings.back_fingerprint;
    ::randombytes_buf(mine.random.data(), mine.random.size());
    return mine;
}

answer answer_to(const greeting& from_listener, const greeting& mine, const key& with)
{
    return {mine, prove({the_guest, verdict::welcome, from_listener, mine}, with)};
}

last_word judge(const greeting& mine, const answer& theirs, const key& with)
{
    last_word said;
    if (theirs.words.magic != greeting::right_magic || theirs.words.version != greeting::right_version)
        said.what = verdict::other_version;
    else if (!is_proven(theirs.knows_key, {the_guest, verdict::welcome, mine, theirs.words}, with))
        said.what = verdict::other_key;
    else
        said.what = verdict_on(mine, theirs.words);
    said.knows_key = prove({the_listener, said.what, mine, theirs.words}, with);
    return said;
}

void check_last_word(const last_word& said, const greeting& from_listener, const greeting& mine, const key& with,
                     const std::string& name)
{
    if (said.what == verdict::other_key)
        throw authentication_failed("connect to '" + name + "': the listener has another key");
    if (!is_proven(said.knows_key, {the_listener, said.what, from_listener, mine}, with))
        throw authentication_failed("connect to '" + name + "': the listener could not prove that it has the key");
    switch (said.what) {
    case verdict::welcome:
        return;
    case verdict::other_namespace:
        throw bad_message("the listener '" + name + "' lives in another pid namespace, where locks can't be shared", 0);
    case verdict::other_types:
        throw bad_message("the listener '" + name + "' sends or receives values of other types", 0);
    default:
        throw bad_message("the listener '" + name + "' is of another version of ruche", 0);
    }
}

} // namespace ruche::link
