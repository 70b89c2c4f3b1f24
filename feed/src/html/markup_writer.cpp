#include "html/markup_writer.hpp"

#include "html/entities.hpp"
#include "html/policy.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "text/utf8.hpp"

#include <algorithm>

namespace feed::detail {

void markup_writer::text(std::string_view source)
{
    brackets_ = brackets_ || source.find('<') != std::string_view::npos;
    if (text_.empty()) {
        text_ = source;
        return;
    }
    if (text_.data() != joined_.data())
        joined_.assign(text_);
    joined_.append(source);
    text_ = joined_;
}

void markup_writer::start_tag(std::string_view name, const std::vector<clean_attribute>& attributes)
{
    write_text(false);
    to_.append("<").append(name);
    for (const clean_attribute& each : attributes)
        to_.append(" ").append(each.name).append("=\"").append(each.value).append("\"");
    to_.append(is_void_element(name) ? " />" : ">");
}

void markup_writer::end_tag(std::string_view name)
{
    if (is_void_element(name))
        return;
    write_text(false);
    to_.append("</").append(name).push_back('>');
}

void markup_writer::comment(std::string_view text)
{
    write_text(false);
    to_.append("<!--").append(text).append("-->");
}

void markup_writer::verbatim(std::string_view source)
{
    write_text(false);
    to_.append(source);
}

void markup_writer::finish()
{
    write_text(true);
    if (const std::string_view kept = trim_unicode(to_); kept.size() != to_.size())
        to_ = std::string(kept);
    if (to_.find("\r\n") == std::string::npos)
        return;
    std::string lines;
    for (const char c : to_) {
        if (c == '\n')
            while (!lines.empty() && lines.back() == '\r')
                lines.pop_back();
        lines.push_back(c);
    }
    to_ = std::move(lines);
}

// ---- text

void markup_writer::write_text(bool last)
{
    if (text_.empty())
        return;
    if (brackets_)
        remove_empty_tags();
    if (last) // what ends the text is judged without the blanks that will not be there
        if (const std::string_view kept = trim_unicode(text_); !kept.empty())
            text_.remove_suffix(static_cast<std::size_t>(text_.data() + text_.size() - (kept.data() + kept.size())));
    write_joined(text_, last);
    text_ = {};
    brackets_ = false;
}

// Takes out each `<>`, which browsers show and nobody means. What then stands together is text like any other.
void markup_writer::remove_empty_tags()
{
    std::size_t found = text_.find("<>");
    if (found == std::string_view::npos)
        return;
    std::string kept;
    std::size_t done = 0;
    for (; found != std::string_view::npos; found = text_.find("<>", done)) {
        kept.append(text_, done, found - done);
        done = found + 2;
    }
    joined_ = kept.append(text_.substr(done));
    text_ = joined_;
}

void markup_writer::write_joined(std::string_view text, bool last)
{
    while (!text.empty()) {
        const std::size_t mark = brackets_ ? find_either(text, '&', '<') : std::min(text.find('&'), text.size());
        to_.append(text, 0, mark);
        text.remove_prefix(mark);
        if (text.empty())
            return;
        std::size_t taken = 1;
        if (text.front() == '<')
            write_bracket(text, last);
        else
            taken = write_reference(text, last);
        text.remove_prefix(taken);
    }
}

// A `<` that begins nothing stands for itself; not at the end, where what follows is not known.
void markup_writer::write_bracket(std::string_view text, bool last)
{
    const char next = text.size() > 1 ? text[1] : last ? '>' : '<';
    const bool begins = is_alpha(next) || next == '/' || next == '!' || next == '?' || next == '>';
    to_.append(begins ? "&lt;" : "<");
}

// A reference stays one, in its one canonical form; an `&` that is none is escaped where it could be taken for one.
// The very end of a text may cut a word, but no reference: it stays as it is. How many bytes of `text` were written.
std::size_t markup_writer::write_reference(std::string_view text, bool last)
{
    const std::string_view rest = text.substr(1);
    if (!rest.empty() && rest.front() == '#')
        return write_number(text);
    std::size_t length = 0;
    while (length < rest.size() &&
           (is_alnum(rest[length]) || (length > 0 && (rest[length] == '-' || rest[length] == '.'))))
        ++length;
    const std::string_view name = rest.substr(0, length);
    if (name.empty() || !is_alpha(name.front()) || (last && length == rest.size() && is_alnum(name.back()))) {
        to_.push_back('&');
        return 1;
    }
    const bool ended = length < rest.size() && rest[length] == ';';
    const named_character* const known = find_named_character(name);
    if (name == "apos" || (known != nullptr && known->classic))
        to_.append("&").append(name).append(";");
    else
        to_.append("&amp;").append(name);
    return 1 + length + (ended ? 1 : 0);
}

std::size_t markup_writer::write_number(std::string_view text)
{
    const numeric_reference number = read_numeric_reference(text.substr(2));
    const std::size_t end = 2 + number.length;
    if (number.length == 0 || end >= text.size() || text[end] != ';') {
        to_.push_back('&');
        return 1;
    }
    const std::string_view digits = text.substr(2, number.length);
    if (digits == "39" || digits == "34") {
        to_.push_back(digits == "39" ? '\'' : '"');
        return end + 1;
    }
    if (const char32_t meant = windows_1252(number.value); meant != 0) {
        static constexpr char hex[] = "0123456789abcdef";
        to_.append("&#x");
        for (int shift = meant > 0xFFF ? 12 : 8; shift >= 0; shift -= 4)
            to_.push_back(hex[(meant >> shift) & 0xFU]);
        to_.push_back(';');
        return end + 1;
    }
    const bool character = number.value <= 0x10FFFF && (number.value < 0xD800 || number.value > 0xDFFF);
    const bool control = number.value < 0x20 && number.value != '\t' && number.value != '\n' && number.value != '\r';
    if (!character || control)
        to_.append("\xEF\xBF\xBD");
    else
        to_.append("&#").append(lower(digits)).append(";");
    return end + 1;
}

} // namespace feed::detail
