#pragma once

#include <string>
#include <string_view>

namespace feed::detail {

/// A character reference of HTML by name.
struct named_character {
    std::string_view name; ///< without `&` and `;`
    char32_t first;
    char32_t second; ///< 0 unless the reference means two characters
    bool classic;    ///< HTML 4 has it
    bool bare;       ///< HTML also takes it without semicolon
};

/// The reference called `name`; null if HTML has none. In constant time.
[[nodiscard]] const named_character* find_named_character(std::string_view name) noexcept;

/// The longest reference without semicolon that `text` starts with; null if none.
[[nodiscard]] const named_character* find_bare_character(std::string_view text) noexcept;

/// A numeric reference, from behind its `&#`: digits, or x and hexadecimal digits.
struct numeric_reference {
    std::size_t length = 0; ///< of digits with the x; 0 if there is none
    char32_t value = 0;     ///< beyond Unicode if it overflows
};
[[nodiscard]] numeric_reference read_numeric_reference(std::string_view text) noexcept;

/// `html`, which holds references but no tags, as text.
void append_unescaped(std::string& to, std::string_view html);

} // namespace feed::detail
