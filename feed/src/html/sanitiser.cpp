#include "html/sanitiser.hpp"

#include "html/attributes.hpp"
#include "html/entities.hpp"
#include "html/policy.hpp"
#include "html/tokenizer.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "text/utf8.hpp"
#include "uri.hpp"

#include <feed/html.hpp>

#include <algorithm>
#include <array>

// How it is safe, whatever tree a browser makes of the result:
//  * only tags that the policy knows come out, with attributes that it knows; all other `<` and, in values, `>` and
//  quotes
//    come out as references, so that no text becomes a tag, not even where a browser thinks it is in a text area;
//  * addresses are looked at as a browser sees them, after references, blanks and controls;
//  * a comment comes out only where nothing before it can have made a browser stop reading markup.
namespace feed::detail {

namespace {

constexpr std::size_t deepest = 256;

class sanitiser {
public:
    sanitiser(const cleaning& how, std::string& to) : how_(how), to_(to) {}

    void run(std::string_view html)
    {
        html_tokenizer tokens(html);
        html_token token;
        end_ = html.data() + html.size();
        while (tokens.next(token))
            take(tokens, token);
        while (!open_.empty())
            close_last();
        trim_result();
    }

private:
    [[nodiscard]] bool strict() const noexcept { return how_.sanitise && how_.policy == markup_policy::strict; }

    void take(html_tokenizer& tokens, const html_token& token)
    {
        switch (token.kind) {
        case html_token::type::text:
            if (dropping_.empty()) {
                take_text(token.text);
                notice_begun_reference();
            }
            break;
        case html_token::type::start:
            take_start(tokens, token);
            break;
        case html_token::type::end:
            take_end(token.name);
            break;
        case html_token::type::comment:
            take_comment(token);
            break;
        case html_token::type::declaration:
            take_declaration(token);
            break;
        case html_token::type::unfinished:
            take_unfinished(token);
            break;
        default:
            if (!how_.sanitise)
                to_.append(token.text);
            break;
        }
    }

    // What was cut off. All but its first word could be anything, and goes.
    void take_unfinished(const html_token& token)
    {
        const std::string_view source = token.source;
        if (!how_.sanitise) {
            put(source);
            return;
        }
        if (!dropping_.empty() || strict() || source.substr(0, 4) == "<!--" || source.substr(0, 2) == "<?")
            return;
        const bool word = std::all_of(source.begin() + 2, source.end(), is_alpha);
        if (word && source.size() > 1) {
            // A name that does something would do it to what stands behind the text in a page.
            const std::string name = lower(source.substr(1));
            if (does_something(name)) {
                put("&lt;");
                put(source.substr(1));
            } else {
                put_markup(source);
            }
        } else if (source.substr(0, 2) == "<!")
            take_declaration(token);
    }

    [[nodiscard]] bool does_something(std::string_view name) const
    {
        static constexpr std::string_view more[] = {"applet", "base", "embed",  "form",   "frame", "iframe",
                                                    "link",   "meta", "object", "script", "style"};
        return is_dropped_whole(name, how_.policy) || is_raw_text_element(name) ||
               std::find(std::begin(more), std::end(more), name) != std::end(more);
    }

    // ---- text

    // Adds what is text. A `<` that was let stand must not become a tag, or `<>`, by what follows it.
    void put(std::string_view text)
    {
        if (text.empty())
            return;
        if (pending_bracket_) {
            const char next = text.front();
            if (is_alpha(next) || next == '/' || next == '!' || next == '?' || next == '>')
                to_.insert(to_.size() - 1, "&lt;", 4).pop_back();
            pending_bracket_ = false;
        }
        if (pending_reference_ != 0) {
            const char next = text.front();
            if (is_alnum(next) || next == '#' || next == ';')
                to_.insert(pending_reference_, "amp;");
            pending_reference_ = 0;
        }
        to_.append(text);
        pending_bracket_ = text.back() == '<';
    }

    void put_markup(std::string_view tag)
    {
        if (pending_bracket_) { // "<" and then "<b>": nothing that follows a bracket makes it one
            pending_bracket_ = false;
        }
        pending_reference_ = 0;
        to_.append(tag);
    }

    void take_text(std::string_view text)
    {
        while (!text.empty()) {
            const std::size_t mark = find_either(text, '&', '<');
            put(text.substr(0, mark));
            text.remove_prefix(mark);
            if (text.empty())
                return;
            if (text.front() == '<') {
                if (text.substr(0, 2) == "<>") {
                    text.remove_prefix(2);
                } else {
                    put("<");
                    text.remove_prefix(1);
                }
                continue;
            }
            text.remove_prefix(take_reference(text));
        }
    }

    // A text that ends like the beginning of a reference must not become one by what follows something left out.
    void notice_begun_reference()
    {
        std::size_t at = to_.size();
        while (at != 0 && (is_alnum(to_[at - 1]) || to_[at - 1] == '#') && to_.size() - at < 16)
            --at;
        if (at != 0 && to_[at - 1] == '&')
            pending_reference_ = at;
    }

    // A reference stays one, in its one canonical form; an `&` that is none is escaped where it could be taken for one.
    std::size_t take_reference(std::string_view text)
    {
        const std::string_view rest = text.substr(1);
        if (!rest.empty() && rest.front() == '#')
            return take_number(text);
        std::size_t length = 0;
        while (length < rest.size() &&
               (is_alnum(rest[length]) || (length > 0 && (rest[length] == '-' || rest[length] == '.'))))
            ++length;
        const std::string_view name = rest.substr(0, length);
        if (name.empty() || !is_alpha(name.front())) {
            put("&");
            return 1;
        }
        const bool ended = length < rest.size() && rest[length] == ';';
        const named_character* const known = find_named_character(name);
        if (name == "apos" || (known != nullptr && known->classic)) {
            if (!ended && open_.empty() && rest.data() + length == end_) {
                put("&");
                return 1;
            }
            put("&");
            put(name);
            put(";");
            return 1 + length + (ended ? 1 : 0);
        }
        if (open_.empty() && rest.data() + length == end_ && is_alnum(name.back())) {
            put("&");
            put(name);
            return 1 + length;
        }
        put("&amp;");
        put(name);
        return 1 + length + (ended ? 1 : 0);
    }

    std::size_t take_number(std::string_view text)
    {
        const numeric_reference number = read_numeric_reference(text.substr(2));
        const std::size_t end = 2 + number.length;
        if (number.length == 0 || end >= text.size() || text[end] != ';') {
            put("&");
            return 1;
        }
        const std::string_view digits = text.substr(2, number.length);
        if (number.value == '\'' || number.value == '"') {
            if (digits == "39" || digits == "34") {
                put(number.value == '\'' ? "'" : "\"");
                return end + 1;
            }
        }
        if (const char32_t meant = windows_1252(number.value); meant != 0) {
            static constexpr char hex[] = "0123456789abcdef";
            std::string name = "&#x";
            for (int shift = 12; shift >= 0; shift -= 4)
                if (const auto digit = (meant >> shift) & 0xFU; digit != 0 || name.size() > 3)
                    name.push_back(hex[digit]);
            put(name.append(";"));
            return end + 1;
        }
        const bool character = number.value <= 0x10FFFF && (number.value < 0xD800 || number.value > 0xDFFF);
        const bool control =
            number.value < 0x20 && number.value != '\t' && number.value != '\n' && number.value != '\r';
        if (!character || control)
            put("\xEF\xBF\xBD");
        else
            put("&#" + lower(digits) + ";");
        return end + 1;
    }

    // ---- tags

    void take_start(html_tokenizer& tokens, const html_token& token)
    {
        const std::string& name = token.name;
        if (!how_.sanitise) {
            emit_start(name, attribute_filter(how_, svg_ != 0, math_ != 0).filter(token, vocabulary::none), token);
            if (is_raw_text_element(name) && name != "noscript")
                tokens.read_raw_until_end_of(name);
            return;
        }
        if (is_dropped_whole(name, how_.policy)) {
            start_dropping(tokens, token);
            return;
        }
        if (!dropping_.empty()) {
            dropping_depth_ += name == dropping_ ? 1 : 0;
            return;
        }
        if (strict()) {
            take_strict_start(tokens, token);
            return;
        }
        math_ += name == "math" ? 1 : 0;
        svg_ += name == "svg" ? 1 : 0;
        const vocabulary kind = vocabulary_of(name);
        if (kind == vocabulary::none) {
            if (is_raw_text_element(name) && name != "noscript" && name != "noembed" && name != "noframes" &&
                name != "title" && name != "iframe" && name != "plaintext" && name != "xmp")
                tokens.read_raw_until_end_of(name);
            return;
        }
        std::string_view shown = name;
        if (kind == vocabulary::svg)
            shown = find_svg_element(name);
        raw_seen_ = raw_seen_ || is_raw_text_element(name);
        emit_start(shown, attribute_filter(how_, svg_ != 0, math_ != 0).filter(token, kind), token);
    }

    [[nodiscard]] vocabulary vocabulary_of(const std::string& name) const
    {
        if (is_compatible_element(name) && svg_ == 0)
            return vocabulary::html;
        if (math_ != 0 && is_math_element(name))
            return vocabulary::math;
        if (svg_ != 0 && !find_svg_element(name).empty())
            return vocabulary::svg;
        return is_compatible_element(name) ? vocabulary::html : vocabulary::none;
    }

    void start_dropping(html_tokenizer& tokens, const html_token& token)
    {
        if (token.self_closing && how_.xhtml)
            return;
        if (is_raw_text_element(token.name)) {
            tokens.read_raw_until_end_of(token.name);
            return;
        }
        if (dropping_.empty()) {
            dropping_ = token.name;
            dropping_depth_ = 0;
        }
        dropping_depth_ += token.name == dropping_ ? 1 : 0;
    }

    void take_end(const std::string& name)
    {
        if (!dropping_.empty()) {
            if (name == dropping_ && --dropping_depth_ == 0)
                dropping_.clear();
            return;
        }
        if (!how_.sanitise) {
            emit_end(name);
            return;
        }
        if (is_dropped_whole(name, how_.policy))
            return;
        if (strict()) {
            take_strict_end(name);
            return;
        }
        const vocabulary kind = is_compatible_element(name) ? vocabulary::html : vocabulary_of(name);
        math_ -= name == "math" && math_ > 0 ? 1 : 0;
        svg_ -= name == "svg" && svg_ > 0 ? 1 : 0;
        if (kind == vocabulary::none)
            return;
        emit_end(kind == vocabulary::svg ? find_svg_element(name) : std::string_view(name));
    }

    void emit_start(std::string_view name, const std::vector<clean_attribute>& attributes, const html_token& token)
    {
        put_markup("<");
        to_.append(name);
        for (const clean_attribute& each : attributes)
            to_.append(" ").append(each.name).append("=\"").append(each.value).append("\"");
        const bool empty = is_void_element(name);
        to_.append(empty ? " />" : ">");
        if (!empty && token.self_closing && (how_.xhtml || token.attributes.empty()))
            emit_end(name);
    }

    void emit_end(std::string_view name)
    {
        if (is_void_element(name))
            return;
        put_markup("</");
        to_.append(name).push_back('>');
    }

    // ---- the strict policy: what comes out is also balanced, and links open no doors

    void take_strict_start(html_tokenizer&, const html_token& token)
    {
        if (token.name == "iframe" || token.name == "embed") {
            link_frame(token);
            return;
        }
        if (!is_strict_element(token.name) || is_tracker(token))
            return;
        std::vector<clean_attribute> attributes =
            attribute_filter(how_, svg_ != 0, math_ != 0).filter(token, vocabulary::html);
        if (token.name == "img" || token.name == "source")
            if (!keep_picture(attributes))
                return;
        if (token.name == "a" &&
            std::any_of(attributes.begin(), attributes.end(), [](const auto& a) { return a.name == "href"; })) {
            attribute_filter::set(attributes, "referrerpolicy", "no-referrer");
            attribute_filter::set(attributes, "rel", "noopener noreferrer nofollow");
            attribute_filter::set(attributes, "target", "_blank");
            std::sort(attributes.begin(), attributes.end());
        }
        const bool empty = is_void_element(token.name);
        if (!empty && open_.size() >= deepest)
            return;
        html_token plain;
        emit_start(token.name, attributes, plain);
        if (empty)
            return;
        open_.push_back(token.name);
        if (token.self_closing && how_.xhtml)
            close_last();
    }

    void take_strict_end(const std::string& name)
    {
        const auto found = std::find(open_.rbegin(), open_.rend(), name);
        if (found == open_.rend())
            return;
        const auto keep = static_cast<std::size_t>(open_.rend() - found) - 1;
        while (open_.size() > keep)
            close_last();
    }

    void close_last()
    {
        emit_end(open_.back());
        open_.pop_back();
    }

    // What a frame would have shown becomes a link to it.
    void link_frame(const html_token& token)
    {
        html_token link;
        link.name = "a";
        for (const html_attribute& each : token.attributes)
            if (equal_ignoring_case(each.name, "src")) {
                const std::string resolved =
                    how_.base.empty() ? std::string(trim(each.value)) : resolve_uri(how_.base, trim(each.value));
                const std::string scheme = lower(split_uri(resolved).scheme);
                if (scheme != "http" && scheme != "https")
                    return;
                std::vector<clean_attribute> attributes{{"href", attribute_filter::escape(resolved)},
                                                        {"referrerpolicy", "no-referrer"},
                                                        {"rel", "noopener noreferrer nofollow"},
                                                        {"target", "_blank"}};
                emit_start("a", attributes, link);
                put(attribute_filter::escape(resolved));
                emit_end("a");
                return;
            }
    }

    [[nodiscard]] static bool keep_picture(const std::vector<clean_attribute>& attributes)
    {
        for (const clean_attribute& each : attributes) {
            if (each.name != "src")
                continue;
            const std::string scheme = lower(split_uri(attribute_filter::unescaped(each.value)).scheme);
            return !each.value.empty() && (scheme.empty() || scheme == "http" || scheme == "https" || scheme == "data");
        }
        return true;
    }

    // A picture of one pixel shows nothing; it counts readers.
    [[nodiscard]] static bool is_tracker(const html_token& token)
    {
        if (token.name != "img")
            return false;
        int tiny = 0;
        for (const html_attribute& each : token.attributes)
            if (equal_ignoring_case(each.name, "width") || equal_ignoring_case(each.name, "height")) {
                const std::string_view value = trim(each.value);
                tiny += value == "1" || value == "0" || value == "1px" || value == "0px" ? 1 : 0;
            }
        return tiny == 2;
    }

    // ---- the rest

    void take_comment(const html_token& token)
    {
        if (!how_.sanitise) {
            put_markup(token.source);
            return;
        }
        if (strict() || !dropping_.empty() || token.source.substr(0, 4) != "<!--")
            return;
        if (token.text.empty() && token.source != "<!---->")
            return;
        // Within a text area or the like, a browser sees tags where this is a comment.
        if (raw_seen_ && token.text.find('<') != std::string_view::npos)
            return;
        put_markup("<!--");
        to_.append(token.text).append("-->");
    }

    void take_declaration(const html_token& token)
    {
        const std::string_view source = token.source;
        if (!how_.sanitise) {
            put_markup(source);
            return;
        }
        if (!dropping_.empty() || strict())
            return;
        if (starts_with_ignoring_case(source, "<!doctype") && !is_odd_doctype(source))
            return;
        if (source.substr(0, 3) == "<![")
            return;
        put("&lt;");
        take_text(source.substr(1));
    }

    // Something that starts like a document type and goes on like none is text.
    [[nodiscard]] static bool is_odd_doctype(std::string_view source) noexcept
    {
        const std::string_view rest = trim(source.substr(std::min<std::size_t>(9, source.size())));
        return !rest.empty() && !is_alpha(rest.front());
    }

    void trim_result()
    {
        const std::string_view kept = trim_unicode(to_);
        if (kept.size() != to_.size())
            to_ = std::string(kept);
        if (const std::size_t at = to_.find("\r\n"); at != std::string::npos) {
            std::string lines;
            for (std::size_t i = 0; i < to_.size(); ++i)
                if (to_[i] != '\r' || i + 1 == to_.size() || to_[i + 1] != '\n')
                    lines.push_back(to_[i]);
            to_ = std::move(lines);
        }
    }

    const cleaning& how_;
    std::string& to_;
    const char* end_ = nullptr;         // of what is read
    bool pending_bracket_ = false;      // the last character is a `<` that is text
    std::size_t pending_reference_ = 0; // behind an `&` that is text and near the end; 0 if there is none
    bool raw_seen_ = false;             // a browser may be within an element that holds no markup
    std::string dropping_;              // the element that is being left out with its contents
    int dropping_depth_ = 0;
    int math_ = 0;
    int svg_ = 0;
    std::vector<std::string> open_; // of the strict policy
};

} // namespace

void clean_markup(std::string_view html, const cleaning& how, std::string& to)
{
    to.clear();
    to.reserve(html.size() + html.size() / 8);
    sanitiser(how, to).run(html);
}

} // namespace feed::detail

namespace feed {

std::string sanitise_html(std::string_view html, const sanitise_options& how)
{
    std::string result;
    detail::clean_markup(html, {how.policy, how.base_uri, how.xhtml, how.sanitise}, result);
    return result;
}

} // namespace feed
