#pragma once

#include "pipeline/messages.hpp"

#include <string>
#include <string_view>

namespace rssmania {

/// By what an article is known again within its feed, as 16 bytes: its id; if it has none, its link; if neither, its
/// title and content. Dates play no part, so that an article whose date moves stays the same.
[[nodiscard]] std::string identity_of(const article& what);

/// 16 bytes that differ when anything differs that a reader of the article would see.
[[nodiscard]] std::string digest_of(const article& what);

/// 16 bytes that differ when `bytes` do.
[[nodiscard]] std::string digest_of(std::string_view bytes);

} // namespace rssmania
