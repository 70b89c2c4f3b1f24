#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace feed::detail {

/// An encoding as a label of the WHATWG, of IANA, of Python or of the C library names it.
class charset {
public:
    /// The encoding that `label` names, whatever its case and punctuation; nothing if none does.
    [[nodiscard]] static std::optional<charset> find(std::string_view label);

    [[nodiscard]] bool is_utf8() const noexcept;
    [[nodiscard]] bool is_ascii() const noexcept;
    /// Whether a `<` of ASCII is one byte in it.
    [[nodiscard]] bool is_ascii_compatible() const noexcept;

    struct result {
        std::string text;    ///< UTF-8
        std::size_t bad = 0; ///< places that are nothing in this encoding; U+FFFD in `text`
    };
    /// `bytes` as UTF-8. A lone bad place costs one character.
    [[nodiscard]] result decode(std::string_view bytes) const;

private:
    explicit charset(int number) : number_(number) {}
    int number_; // from 0: a table of one byte per character; below 0: a converter
};

/// What a document turned out to be encoded in.
struct decoding {
    std::string text;       ///< UTF-8, valid, without byte order mark
    std::string name;       ///< in lower case as declared, `utf-8` by default
    bool unchanged = false; ///< the input (without `skip` bytes) is the text already; `text` is empty
    std::size_t skip = 0;
    enum class trouble { none, overridden, unknown, repaired } problem = trouble::none;
    std::string declared; ///< what it said that it was, if that was overridden
    std::size_t bad = 0;
};

struct encoding_hints {
    std::string_view content_type; ///< with parameters
    bool over_http = false;
};

/// Tells the encoding of a document by its byte order mark, its declaration, the HTTP header, its validity as UTF-8,
/// and by its letters, in the order that reads most real documents right, and decodes it.
[[nodiscard]] decoding decode_document(std::string_view bytes, const encoding_hints& hints);

/// The media type of a `Content-Type`, in lower case, and its charset.
struct media_type {
    std::string type;
    std::string charset;
};
[[nodiscard]] media_type split_media_type(std::string_view header);
[[nodiscard]] bool is_xml_media_type(std::string_view type) noexcept;

} // namespace feed::detail
