#pragma once

#include <string_view>

namespace feed {

/// What kind of feed a document is. `none` means that it is no feed at all (`document::reason` says what it is
/// instead).
enum class format {
    none,
    rss090,  ///< RSS 0.90, Netscape's RDF form
    rss091n, ///< RSS 0.91 with Netscape's document type
    rss091u, ///< RSS 0.91, UserLand's
    rss092,
    rss093,
    rss094,
    rss20,
    rss10, ///< RSS 1.0 (RDF)
    rss,   ///< RSS of a version that it does not say
    atom01,
    atom02,
    atom03,
    atom10,
    atom, ///< Atom of a version that it does not say
    cdf,  ///< Channel Definition Format
    json1,
    json11
};

/// The short name that programs use: `rss20`, `atom10`, `json11`; empty for `none`.
[[nodiscard]] std::string_view short_name(format kind) noexcept;

/// The name that people use: `RSS 2.0`, `Atom 1.0`, `JSON Feed 1.1`; `no feed` for `none`.
[[nodiscard]] std::string_view name(format kind) noexcept;

} // namespace feed
