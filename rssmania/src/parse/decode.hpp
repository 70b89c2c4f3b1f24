#pragma once

#include "pipeline/problem.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rssmania {

/// How far a body may grow when it is decompressed.
struct decode_limits {
    std::size_t size = 64U << 20U;      ///< bytes, decoded
    std::size_t ratio = 100;            ///< times the encoded size, counted once there is more than `ratio_free`
    std::size_t ratio_free = 1U << 20U; ///< bytes
    int layers = 2;                     ///< encodings on top of each other
};

struct decoded {
    std::string body;
    problem wrong; ///< `bomb` or `bad_encoding`; then there is no body
};

/// Undoes `content_encoding`, the value of the header: gzip, deflate (with zlib's frame or, as some servers send it,
/// without), br, zstd, in the order that they were applied. A body that is gzip without saying so is undone as well: no
/// feed begins so.
///
/// It stops at the limits while it decodes: a bomb costs at most `limits.size` bytes.
[[nodiscard]] decoded decode(std::string body, std::string_view content_encoding, const decode_limits& limits = {});

} // namespace rssmania
