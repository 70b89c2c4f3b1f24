#pragma once

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

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

namespace detail {
[[nodiscard]] document parse_given(std::string&& bytes, const options& how);
}

/// The same for bytes that one gives away: the document keeps them instead of a copy.
template <std::same_as<std::string> String>
[[nodiscard]] document parse(String&& bytes, const options& how = {})
{
    return detail::parse_given(std::move(bytes), how);
}

} // namespace feed
