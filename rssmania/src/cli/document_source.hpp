#pragma once

#include <feed_command/parse.hpp>

#include <string>

namespace rssmania::cli {

/// A document and what is known about it.
struct read_document {
    std::string bytes;           ///< decompressed
    feed_command::headers about; ///< `url`, `content-type`… if it came by HTTP
};

/// Whether `source` is an address with its scheme (`https://…`, `feed:…`); else it is the path of a file. A file that
/// is there is a file, whatever its name.
[[nodiscard]] bool is_address(const std::string& source);

/// What `source` leads to: an address is asked with the limits of a visit, public addresses only unless `allow_local`;
/// `-` or nothing is standard input. Throws `std::runtime_error` if it cannot be had, saying why.
[[nodiscard]] read_document read_source(const std::string& source, bool allow_local);

} // namespace rssmania::cli
