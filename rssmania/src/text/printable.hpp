#pragma once

#include <string>
#include <string_view>

namespace rssmania {

/// `text` as one line that is safe to print on a terminal, whatever a feed put into it: valid UTF-8, without control
/// characters (C0, DEL, C1), without direction overrides and other invisible marks that reorder a line, runs of white
/// space as one blank, at most four combining marks in a row.
///
/// What is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

/// The same for an address: in addition, blanks and quotes are percent-encoded, so that it stays one word.
[[nodiscard]] std::string printable_url(std::string_view url);

} // namespace rssmania
