#pragma once

#include <ruche/codec.hpp>
#include <ruche/error.hpp>
#include <ruche/sendable.hpp>
#include <ruche/wire/sink.hpp>
#include <ruche/wire/source.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Values as bytes, and back.
///
///     std::vector<std::byte> bytes = ruche::to_bytes(order);
///     auto same = ruche::from_bytes<shop::order>(bytes);
///
/// The bytes are little-endian and the same on every machine; `docs/formats/wire.md` describes them. They may come from
/// anywhere: damaged or hostile ones throw `bad_message`, which says where and what, and never ask for much more memory
/// than they are long (see `limits`).
namespace ruche {

namespace wire {

void put_header(sink& out, std::uint64_t fingerprint, std::string_view type);
void get_header(source& in, std::uint64_t fingerprint, std::string_view type);

} // namespace wire

/// Adds `value` to a message.
///
/// Throws: `too_large` if it lies too deep in itself, and what `get_state` or a codec throws. The message is then as it
///   was before.
template <class T>
void encode(sink& message, const T& value)
{
    if constexpr (std::is_same_v<std::decay_t<T>, char*> || std::is_same_v<std::decay_t<T>, const char*>) {
        encode(message, std::string_view(value));
    } else if constexpr (sendable<T> || wire::shows_only<T>) {
        const auto before = message.here();
        try {
            message.set_at(wire::put_part<T>(message.at(), message, value));
        } catch (...) {
            message.back_to(before);
            throw;
        }
    } else {
        check_sendable<T>();
    }
}

/// Reads the next value of a message.
///
/// Throws: `bad_message` if there is none of type `T`. The source can't be used further then.
template <class T>
[[nodiscard]] T decode(source& message)
{
    if constexpr (sendable<T>) {
        const std::byte* at = message.at();
        try {
            const wire::local_place place(at, message);
            return wire::get_part<T>(at, message);
        } catch (...) {
            message.abandon();
            throw;
        }
    } else {
        check_sendable<T>();
        __builtin_unreachable(); // there is no program in which this stands
    }
}

/// A message that stands alone, for a file or another program: before the value come the format's version, the
/// fingerprint and the name of its type. Descriptors can't go into it.
template <class T>
[[nodiscard]] std::vector<std::byte> to_bytes(const T& value)
{
    using type = received_t<T>;
    if constexpr (sendable<type> && !carries_handles<type>) {
        sink message;
        wire::put_header(message, fingerprint<type>, wire::type_name<type>());
        encode(message, value);
        return {message.bytes().begin(), message.bytes().end()};
    } else {
        check_sendable<type>();
        static_assert(!carries_handles<type>, "a descriptor can't lie in bytes: encode into a ruche::sink");
    }
}

/// Reads what `to_bytes` made.
///
/// Throws: `bad_message` if it is anything else: of another type (both are named), damaged, or followed by something.
template <class T>
[[nodiscard]] T from_bytes(std::span<const std::byte> bytes, const limits& limits = {})
{
    if constexpr (sendable<T>) {
        source message(bytes, {}, limits);
        wire::get_header(message, fingerprint<T>, wire::type_name<T>());
        T value = decode<T>(message);
        message.finish();
        return value;
    } else {
        check_sendable<T>();
        __builtin_unreachable(); // there is no program in which this stands
    }
}

} // namespace ruche
