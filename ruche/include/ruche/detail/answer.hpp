#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <vector>

namespace ruche::detail {

/// What came back from another process: an encoded value or error.
struct answer {
    std::vector<std::byte> bytes;
    std::vector<fd> descriptors;
};

} // namespace ruche::detail
