#pragma once

#include <string>
#include <string_view>

namespace rssmania {

/// Takes the first character off `text`, which must not be empty. Bytes that are no UTF-8 (overlong forms, surrogates
/// and truncated sequences included) come as U+FFFD, one for each longest beginning of a sequence.
[[nodiscard]] char32_t take_character(std::string_view& text);

/// Appends `c`, a valid code point, as UTF-8.
void append_character(std::string& text, char32_t c);

/// `text` cut to at most `size` bytes, never inside a character.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t size);

/// `text` with every byte that is no UTF-8 replaced.
[[nodiscard]] std::string valid_utf8(std::string_view text);

} // namespace rssmania
