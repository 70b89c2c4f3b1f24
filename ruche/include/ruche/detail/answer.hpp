#pragma once

#include <ruche/detail/packed_message.hpp>
#include <ruche/fd.hpp>
#include <ruche/wire.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace ruche::detail {

/// What came back from another process: an encoded value or error.
struct answer {
    std::vector<std::byte> bytes;
    std::vector<fd> descriptors;
    bool packed = false;                   ///< a `packed_message`,
    std::shared_ptr<const void> memory{};  ///< which lies here if it is set,
    std::span<const std::byte> in_place{}; ///< namely so

    template <class T>
    [[nodiscard]] T decode()
    {
        if (!packed) {
            source encoded(bytes, std::move(descriptors));
            return ruche::decode<T>(encoded);
        }
        const packed_message parts(memory ? in_place : bytes);
        source encoded(parts.bytes(), std::move(descriptors));
        encoded.lend(parts.apart());
        return ruche::decode<T>(encoded);
    }
};

} // namespace ruche::detail
