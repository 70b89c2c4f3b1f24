#pragma once

#include <feed/date.hpp>
#include <feed/uri.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace feed::detail {

/// The parts of an address. `has_*` tells an empty part from none.
struct uri_parts {
    std::string_view scheme;
    std::string_view authority;
    std::string_view path;
    std::string_view query;
    std::string_view fragment;
    bool has_authority = false;
    bool has_query = false;
    bool has_fragment = false;
};
[[nodiscard]] uri_parts split_uri(std::string_view uri) noexcept;

/// Whether `uri` starts with http:// or https:// and has nothing that resolving could change: the way that most go.
[[nodiscard]] bool is_plainly_absolute(std::string_view uri) noexcept;

/// Whether following it would run something: `javascript:`, `vbscript:`, `data:`, however it is disguised.
[[nodiscard]] bool is_script_uri(std::string_view uri) noexcept;

} // namespace feed::detail
