#include <ruche/wire/form.hpp>

#include <ruche/wire.hpp>

#include <array>
#include <string>
#include <utility>

namespace ruche::wire {

namespace {

[[noreturn]] void rethrow_before(const bad_message& error, std::string step)
{
    if (!error.path().empty() && error.path().front() != '[' && error.path().front() != '.' &&
        error.path().front() != '-' && !step.ends_with("->"))
        step += '.';
    throw bad_message(error.reason(), error.offset(), step + error.path());
}

constexpr std::array<char, 6> magic{'r', 'u', 'c', 'h', 'e', 1}; // the last is the version of the format

std::string named(std::string_view type, std::uint64_t fingerprint)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(type);
    text += " (fingerprint ";
    for (unsigned shift = 64; shift != 0; shift -= 4)
        text += digits[fingerprint >> (shift - 4) & 15u];
    return text + ")";
}

} // namespace

void rethrow_within(const bad_message& error, std::string_view step)
{
    const bool member = step.starts_with('.'); // the point is written where something stands before it
    rethrow_before(error, std::string(member ? step.substr(1) : step));
}

void rethrow_at(const bad_message& error, std::size_t index)
{
    std::string step("["); // not by `+`: g++ 12 then warns of an overlap that isn't there (its bug 105651)
    step += std::to_string(index);
    step += ']';
    rethrow_before(error, std::move(step));
}

void put_header(sink& out, std::uint64_t fingerprint, std::string_view type)
{
    encode(out, magic);
    encode(out, fingerprint);
    encode(out, type);
}

void get_header(source& in, std::uint64_t fingerprint, std::string_view type)
{
    if (decode<std::array<char, 6>>(in) != magic)
        in.fail("does not start as a message of ruche does, or is of another version of the format");
    const auto found = decode<std::uint64_t>(in);
    const auto name = decode<std::string>(in);
    if (found != fingerprint)
        in.fail("holds a " + named(name, found) + ", not a " + named(type, fingerprint));
}

} // namespace ruche::wire
