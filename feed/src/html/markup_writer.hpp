#pragma once

#include "html/attributes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feed::detail {

/// Writes markup that a tokenizer reads again as what was written, and that is written again as it is.
///
/// Text between two pieces of markup is looked at as one, however many pieces it came in: what was left out between
/// them cannot make a tag or a reference of their ends. So a `<` stands for itself only before what makes no tag of it,
/// and an `&` only before what makes no reference of it.
class markup_writer {
public:
    explicit markup_writer(std::string& to) : to_(to) {}

    /// Adds text as it stands in a document, references and all. It must live until the next piece of markup.
    void text(std::string_view source);
    /// Adds a start tag; `<br />` for an element that has no contents. The values are escaped already.
    void start_tag(std::string_view name, const std::vector<clean_attribute>& attributes);
    /// Adds an end tag, unless it is one of an element that has no contents.
    void end_tag(std::string_view name);
    void comment(std::string_view text);
    /// Adds something as it is.
    void verbatim(std::string_view source);
    /// Ends it: without blanks at its ends, and with line feeds for line ends.
    void finish();

private:
    void write_text(bool last);
    void remove_empty_tags();
    void write_joined(std::string_view text, bool last);
    void write_bracket(std::string_view text, bool last);
    std::size_t write_reference(std::string_view text, bool last);
    std::size_t write_number(std::string_view text);

    std::string& to_;
    std::string_view text_; // that is not written yet
    std::string joined_;    // what `text_` is if it came in several pieces
    bool brackets_ = false; // there may be a `<` in it
};

} // namespace feed::detail
