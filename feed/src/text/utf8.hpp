#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace feed::detail {

constexpr char32_t replacement_character = 0xFFFD;

/// Adds `character` to `text` as UTF-8; what is no character (a surrogate, beyond Unicode) as U+FFFD.
void append_utf8(std::string& text, char32_t character);

/// The character that starts at `at`, and its length; length 0 if there is none that is valid.
struct decoded_character {
    char32_t value = 0;
    unsigned length = 0;
};
[[nodiscard]] decoded_character decode_utf8(std::string_view text, std::size_t at) noexcept;

/// What a look at all bytes told.
struct utf8_survey {
    bool valid = true;         ///< UTF-8 throughout
    std::size_t sequences = 0; ///< valid characters of more than one byte, until counting stopped being of interest
    std::size_t bad = 0;       ///< bytes that fit nowhere
};
/// Where the first byte beyond ASCII stands at or after `at`; the size of `bytes` if nowhere.
[[nodiscard]] std::size_t skip_ascii(std::string_view bytes, std::size_t at) noexcept;
[[nodiscard]] bool is_ascii(std::string_view bytes) noexcept;
[[nodiscard]] bool is_valid_utf8(std::string_view bytes) noexcept;
[[nodiscard]] utf8_survey survey_utf8(std::string_view bytes) noexcept;

/// `bytes` with each byte that fits nowhere replaced by U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view bytes);

/// The first `most` bytes of `text`, less those of a character that the end cuts.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t most) noexcept;

/// The character that windows-1252 has at a C1 control code (0x80 to 0x9F), which authors mean by it; 0 if none.
[[nodiscard]] char32_t windows_1252(char32_t control) noexcept;

} // namespace feed::detail
