#include "html/sanitiser.hpp"

#include "html/attributes.hpp"
#include "html/markup_writer.hpp"
#include "html/policy.hpp"
#include "html/strict_rules.hpp"
#include "html/tokenizer.hpp"
#include "text/ascii.hpp"
#include "uri.hpp"

#include <feed/html.hpp>

#include <algorithm>

// How it is safe, whatever tree a browser makes of the result:
//  * only tags that the policy knows come out, with attributes that it knows; all other `<` and, in values, `>` and
//  quotes come out as references, so that no text becomes a tag, not even where a browser thinks it is in a text area;
//  * addresses are looked at as a browser sees them, after references, blanks and controls;
//  * a comment comes out only where nothing before it can have made a browser stop reading markup.
//
// How cleaning again changes nothing: what comes out is read as the tokens that were written (see `markup_writer`), and
// what is decided about a token goes by what has come out before it and by what of it would come out.
namespace feed::detail {

namespace {

constexpr std::size_t deepest = 256;

class sanitiser {
public:
    sanitiser(std::string_view html, const cleaning& how, std::string& to) : how_(how), tokens_(html), out_(to) {}

    void run()
    {
        html_token token;
        while (tokens_.next(token))
            take(token);
        while (!open_.empty())
            close_last();
        out_.finish();
    }

private:
    [[nodiscard]] bool strict() const noexcept { return how_.sanitise && how_.policy == markup_policy::strict; }

    void take(const html_token& token)
    {
        switch (token.kind) {
        case html_token::type::text:
            if (dropping_.empty())
                out_.text(token.text);
            break;
        case html_token::type::start:
            take_start(token);
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
                out_.verbatim(token.text);
            break;
        }
    }

    // What was cut off. All but its first word could be anything, and goes.
    void take_unfinished(const html_token& token)
    {
        const std::string_view source = token.source;
        if (!how_.sanitise) {
            out_.verbatim(source);
            return;
        }
        if (!dropping_.empty() || strict() || source.substr(0, 4) == "<!--" || source.substr(0, 2) == "<?")
            return;
        if (source.substr(0, 2) == "<!")
            take_declaration(token);
        else if (source.size() > 1 && std::all_of(source.begin() + 2, source.end(), is_alpha)) {
            out_.text("&lt;"); // a tag would take in what stands behind the text in a page
            out_.text(source.substr(1));
        }
    }

    // ---- tags

    void take_start(const html_token& token)
    {
        const std::string& name = token.name;
        if (!how_.sanitise) {
            emit_start(name, filter(token, vocabulary::none), token);
            if (is_raw_text_element(name) && name != "noscript")
                tokens_.read_raw_until_end_of(name);
        } else if (is_dropped_whole(name, how_.policy)) {
            start_dropping(token);
        } else if (!dropping_.empty()) {
            dropping_depth_ += name == dropping_ ? 1 : 0;
        } else if (strict()) {
            take_strict_start(token);
        } else {
            take_compatible_start(token);
        }
    }

    void take_compatible_start(const html_token& token)
    {
        const std::string& name = token.name;
        math_ += name == "math" ? 1 : 0;
        svg_ += name == "svg" ? 1 : 0;
        const vocabulary kind = vocabulary_of(name);
        if (kind == vocabulary::none)
            return;
        raw_seen_ = raw_seen_ || is_raw_text_element(name);
        emit_start(kind == vocabulary::svg ? find_svg_element(name) : std::string_view(name), filter(token, kind),
                   token);
    }

    [[nodiscard]] std::vector<clean_attribute> filter(const html_token& token, vocabulary kind) const
    {
        return attribute_filter(how_, svg_ != 0, math_ != 0).filter(token, kind);
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

    void start_dropping(const html_token& token)
    {
        if (token.self_closing && how_.xhtml)
            return;
        if (is_raw_text_element(token.name)) {
            tokens_.read_raw_until_end_of(token.name);
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
        } else if (!how_.sanitise) {
            out_.end_tag(name);
        } else if (!is_dropped_whole(name, how_.policy)) {
            strict() ? take_strict_end(name) : take_compatible_end(name);
        }
    }

    void take_compatible_end(const std::string& name)
    {
        const vocabulary kind = is_compatible_element(name) ? vocabulary::html : vocabulary_of(name);
        math_ -= name == "math" && math_ > 0 ? 1 : 0;
        svg_ -= name == "svg" && svg_ > 0 ? 1 : 0;
        if (kind != vocabulary::none)
            out_.end_tag(kind == vocabulary::svg ? find_svg_element(name) : std::string_view(name));
    }

    void emit_start(std::string_view shown, const std::vector<clean_attribute>& attributes, const html_token& token)
    {
        out_.start_tag(shown, attributes);
        if (!is_void_element(shown) && token.self_closing && (how_.xhtml || token.attributes.empty()))
            take_end(token.name);
    }

    // ---- the strict policy: what comes out is also balanced, and links open no doors

    void take_strict_start(const html_token& token)
    {
        if (token.name == "iframe" || token.name == "embed") {
            link_frame(token);
            return;
        }
        const bool empty = is_void_element(token.name);
        if (!is_strict_element(token.name) || (!empty && open_.size() >= deepest))
            return;
        std::vector<clean_attribute> attributes = filter(token, vocabulary::html);
        if (token.name == "img" && is_tracker(attributes))
            return;
        if ((token.name == "img" || token.name == "source") && !is_shown(attributes))
            return;
        if (token.name == "a" &&
            std::any_of(attributes.begin(), attributes.end(), [](const auto& each) { return each.name == "href"; }))
            close_doors(attributes);
        out_.start_tag(token.name, attributes);
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
        out_.end_tag(open_.back());
        open_.pop_back();
    }

    // What a frame would have shown becomes a link to it.
    void link_frame(const html_token& token)
    {
        const auto src = std::find_if(token.attributes.begin(), token.attributes.end(),
                                      [](const auto& each) { return equal_ignoring_case(each.name, "src"); });
        if (src == token.attributes.end() || open_.size() >= deepest)
            return;
        html_token link;
        link.name = "a";
        link.attributes.push_back(*src);
        link.attributes.back().name = "href";
        const std::vector<clean_attribute> attributes = filter(link, vocabulary::html);
        const std::string_view address = written_value(attributes, "href");
        const std::string scheme = lower(split_uri(attribute_filter::unescaped(address)).scheme);
        if (scheme != "http" && scheme != "https")
            return;
        take_strict_start(link);
        out_.text(address);
        take_strict_end(link.name);
    }

    // ---- the rest

    void take_comment(const html_token& token)
    {
        if (!how_.sanitise) {
            out_.verbatim(token.source);
            return;
        }
        if (strict() || !dropping_.empty() || token.source.substr(0, 4) != "<!--")
            return;
        if (token.text.empty() && token.source != "<!---->")
            return;
        // Within a text area or the like, a browser sees tags where this is a comment.
        if (raw_seen_ && token.text.find('<') != std::string_view::npos)
            return;
        out_.comment(token.text);
    }

    void take_declaration(const html_token& token)
    {
        const std::string_view source = token.source;
        if (!how_.sanitise) {
            out_.verbatim(source);
            return;
        }
        if (!dropping_.empty() || strict())
            return;
        if (starts_with_ignoring_case(source, "<!doctype") && !is_odd_doctype(source))
            return;
        if (source.substr(0, 3) == "<![")
            return;
        out_.text("&lt;");
        out_.text(source.substr(1));
    }

    // Something that starts like a document type and goes on like none is text.
    [[nodiscard]] static bool is_odd_doctype(std::string_view source) noexcept
    {
        const std::string_view rest = trim(source.substr(std::min<std::size_t>(9, source.size())));
        return !rest.empty() && !is_alpha(rest.front());
    }

    const cleaning& how_;
    html_tokenizer tokens_;
    markup_writer out_;
    bool raw_seen_ = false; // a browser may be within an element that holds no markup
    std::string dropping_;  // the element that is being left out with its contents
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
    sanitiser(html, how, to).run();
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
