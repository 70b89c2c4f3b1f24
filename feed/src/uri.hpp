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

/// `reference` against `base` if the result may be shown, else empty.
[[nodiscard]] std::string resolve_safely(std::string_view base, std::string_view reference);

/// The start of a chapter, as `01:02:03.500` or `02:03`; nothing if it is none.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_chapter_start(std::string_view text) noexcept;

} // namespace feed::detail
