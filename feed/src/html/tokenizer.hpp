#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feed::detail {

struct html_attribute {
    std::string_view name;  ///< as written
    std::string_view value; ///< as written, references and all
    bool has_value = false;
};

/// A piece of HTML as a browser's tokenizer sees it.
struct html_token {
    enum class type : std::uint8_t { text, raw_text, start, end, comment, declaration, unfinished, done };
    type kind = type::done;
    std::string_view source; ///< all of it, as written
    std::string_view text;   ///< of a text or comment
    std::string name;        ///< of a tag, in lower case
    std::vector<html_attribute> attributes;
    bool self_closing = false;
};

/// Splits HTML as the standard's tokenizer does: quoting of attributes, the odd ends of comments, the elements whose
/// contents are no markup. It never fails and looks at each byte a bounded number of times.
class html_tokenizer {
public:
    explicit html_tokenizer(std::string_view html) : html_(html) {}

    /// Reads the next piece into `token`. False at the end.
    bool next(html_token& token);

    /// Says that the element whose start tag was just read holds no markup: all up to its end tag is one piece of text.
    void read_raw_until_end_of(std::string_view name) { raw_ = name; }

private:
    void read_text(html_token& token);
    void read_raw(html_token& token);
    bool read_tag(html_token& token);
    void read_comment(html_token& token);
    void read_bogus_comment(html_token& token, html_token::type kind);
    bool read_attributes(html_token& token);
    void read_value(html_attribute& attribute);
    void skip_spaces() noexcept;

    std::string_view html_;
    std::size_t at_ = 0;
    std::string raw_;
    bool no_comment_end_ = false;
    bool no_double_quote_ = false;
    bool no_single_quote_ = false;
};

} // namespace feed::detail
