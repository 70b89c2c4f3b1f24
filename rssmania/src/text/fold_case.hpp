#pragma once

#include <string>
#include <string_view>

namespace rssmania {

/// `text` with upper and lower case made the same, character by character, in any script: for comparisons. What is no
/// UTF-8 becomes U+FFFD.
[[nodiscard]] std::string fold_case(std::string_view text);

} // namespace rssmania
