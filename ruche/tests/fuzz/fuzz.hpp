#pragma once

#include <ruche/exception.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

/// One input for a fuzzer of the wire: its first byte chooses among the types, the rest is the message.
namespace wire_fuzz {

/// Bytes are refused, or they are a value; a value that was read can be sent and read again.
template <class T>
void try_as(std::span<const std::byte> bytes)
{
    ruche::limits limits;
    limits.memory = std::size_t{1} << 20;
    ruche::source in(bytes, {}, limits);
    try {
        const T value = ruche::decode<T>(in);
        in.finish();
        ruche::sink out;
        ruche::encode(out, value);
        ruche::source again(out.bytes(), {}, limits);
        (void)ruche::decode<T>(again);
    } catch (const ruche::bad_message& error) {
        if (error.offset() > bytes.size())
            std::abort();
    }
}

template <class... Ts>
int try_one_of(ruche::wire::types<Ts...>, const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    std::size_t place = 0;
    ((place++ == data[0] % sizeof...(Ts) ? try_as<Ts>(bytes) : void()), ...);
    return 0;
}

} // namespace wire_fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
