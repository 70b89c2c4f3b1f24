#pragma once

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <string>
#include <string_view>

namespace feed {

/// Reads a feed of any format: RSS 0.90 to 2.0, RSS 1.0, Atom 0.1 to 1.0, JSON Feed, CDF.
///
///     feed::document document = feed::parse(bytes, {.content_type = type, .base_uri = url});
///     if (document.format == feed::format::none)
///         std::cerr << "no feed: " << document.reason << '\n';
///
/// Whatever the bytes are, there is a document: broken ones are mended as a person would and `problems` says so, and
/// what is no feed at all has the format `none`. Nothing is opened or fetched, no entity of the document grows beyond
/// `limits::expansion`, and time and memory are linear in the size of `bytes`.
///
/// Throws: `std::bad_alloc` only.
/// Thread safety: any number of threads may parse at once.
[[nodiscard]] document parse(std::string_view bytes, const options& how = {});

/// The same for bytes that one can give away: the document keeps them instead of a copy.
[[nodiscard]] document parse(std::string&& bytes, const options& how = {});

} // namespace feed
