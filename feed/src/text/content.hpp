#pragma once

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <string>
#include <string_view>

namespace feed::detail {

/// What a text construct holds at its top, to tell whether all of it lies in one `div` that is only there because Atom
/// wants one.
struct markup_shape {
    bool starts_with_div = false; ///< the first thing is a div
    bool divs_end = false;        ///< that div has ended
    bool more = false;            ///< something else stands beside it
    std::size_t div_start = 0;    ///< the end of its start tag, in the text
    std::size_t div_end = 0;      ///< the start of its end tag
};

/// `text` without what Unicode counts as blank at both ends.
[[nodiscard]] std::string_view trim_unicode(std::string_view text) noexcept;

/// What base64 stands for; false if `text` is none, or does not stand for UTF-8.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& to);

/// Whether a text that is said to be plain is HTML: it has an end tag or a reference, and nothing that HTML has not.
/// Errs on the side of plain text.
[[nodiscard]] bool looks_like_html(std::string_view text);

/// Whether a text that is said to be HTML is none: all in it that looks like it is the name of a tag that never comes,
/// at its very end. `1 <x` was meant as it is written.
[[nodiscard]] bool only_looks_like_html(std::string_view text) noexcept;

/// Whether characters of `text` have to be mended: UTF-8 that was taken for latin-1 and encoded again, or C1 controls
/// that are meant as windows-1252. If so, `to` has the mended text.
[[nodiscard]] bool mend_characters(std::string_view text, std::string& to);

/// Whether any part of `text` may be one that `mend_characters` changes. A quick look at the whole.
[[nodiscard]] bool may_need_mending(std::string_view text) noexcept;

/// The media type that `type` is short for: `text/plain` for `text`, `application/xhtml+xml` for `xhtml`...; lower
/// case.
[[nodiscard]] std::string expand_media_type(std::string_view type);

[[nodiscard]] bool is_markup_type(std::string_view media_type) noexcept;
[[nodiscard]] text_type classify(std::string_view media_type) noexcept;

/// Adds `text` to `to` with what means something in markup escaped.
void append_escaped(std::string& to, std::string_view text);
void append_escaped_attribute(std::string& to, std::string_view text);

} // namespace feed::detail
