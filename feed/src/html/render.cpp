#include <feed/html.hpp>

#include "html/entities.hpp"
#include "html/policy.hpp"
#include "html/tokenizer.hpp"
#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <array>

namespace feed {

namespace detail {

namespace {

bool is_block(std::string_view name) noexcept
{
    static constexpr std::array<std::string_view, 34> blocks = {
        "address", "article", "aside", "blockquote", "br",     "caption", "center", "dd",   "details",
        "dir",     "div",     "dl",    "dt",         "figure", "footer",  "form",   "h1",   "h2",
        "h3",      "h4",      "h5",    "h6",         "header", "hr",      "li",     "main", "nav",
        "ol",      "p",       "pre",   "section",    "table",  "tr",      "ul"};
    for (const std::string_view each : blocks)
        if (each == name)
            return true;
    return false;
}

bool hides_contents(std::string_view name) noexcept
{
    return name == "script" || name == "style" || name == "template" || name == "title";
}

// How many columns of a terminal a character takes: 0 for what stands on another, 2 for East Asian ones.
unsigned columns_of(char32_t c) noexcept
{
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F))
        return 0;
    const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                      (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE4F) || (c >= 0xFF00 && c <= 0xFF60) ||
                      (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
}

// Characters that move the cursor, change the direction of writing, or cannot be seen.
bool is_unprintable(char32_t c) noexcept
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0x200B || c == 0xFEFF || c == 0x2028 || c == 0x2029 || c == 0x061C || c == 0x200E || c == 0x200F;
}

class renderer {
public:
    explicit renderer(const render_options& how) : how_(how) {}

    std::string run(std::string_view html)
    {
        html_tokenizer tokens(html);
        html_token token;
        while (tokens.next(token))
            take(tokens, token);
        end_line();
        while (!out_.empty() && out_.back() == '\n')
            out_.pop_back();
        append_links();
        return std::move(out_);
    }

private:
    void take(html_tokenizer& tokens, const html_token& token)
    {
        if (token.kind == html_token::type::text || (token.kind == html_token::type::raw_text && !hidden_)) {
            std::string text;
            append_unescaped(text, token.text);
            preformatted_ ? put_lines(text) : put_words(text);
        } else if (token.kind == html_token::type::start) {
            hidden_ = hides_contents(token.name);
            if (is_raw_text_element(token.name) && token.name != "noscript")
                tokens.read_raw_until_end_of(token.name);
            start(token);
        } else if (token.kind == html_token::type::end) {
            end(token.name);
        }
    }

    void start(const html_token& token)
    {
        const std::string_view name = token.name;
        constexpr std::size_t deepest = 16;
        if (name == "br") {
            end_line(true);
        } else if (name == "hr") {
            blank_line();
            put_word("* * *");
            blank_line();
        } else if (name == "li") {
            end_line();
            mark_ = lists_.empty() || lists_.back() == 0 ? "• " : std::to_string(lists_.back()++) + ". ";
        } else if (name == "ul" || name == "ol") {
            lists_.empty() ? blank_line() : end_line();
            if (lists_.size() < deepest)
                lists_.push_back(name == "ol" ? 1 : 0);
        } else if (name == "blockquote") {
            blank_line();
            quotes_ += quotes_ < deepest ? 1 : 0;
        } else if (name == "pre") {
            blank_line();
            preformatted_ = true;
        } else if (name == "img") {
            put_picture(token);
        } else if (name == "a") {
            open_link(token);
        } else if (name == "td" || name == "th") {
            space_ = true;
        } else if (name == "tr" || name == "dt" || name == "dd") {
            end_line();
        } else if (is_block(name)) {
            blank_line();
        }
    }

    void end(std::string_view name)
    {
        if (name == "ul" || name == "ol") {
            if (!lists_.empty())
                lists_.pop_back();
            lists_.empty() ? blank_line() : end_line();
        } else if (name == "blockquote") {
            blank_line();
            quotes_ -= quotes_ > 0 ? 1 : 0;
        } else if (name == "pre") {
            preformatted_ = false;
            blank_line();
        } else if (name == "a") {
            close_link();
        } else if (name == "li" || name == "tr") {
            end_line();
        } else if (is_block(name) && name != "br") {
            blank_line();
        }
    }

    [[nodiscard]] static std::string value_of(const html_token& token, std::string_view name)
    {
        std::string value;
        for (const html_attribute& each : token.attributes)
            if (equal_ignoring_case(each.name, name)) {
                append_unescaped(value, trim(each.value));
                break;
            }
        return value;
    }

    void put_picture(const html_token& token)
    {
        const std::string text = value_of(token, "alt");
        put_words(text.empty() ? std::string() : std::string("[").append(text).append("]"));
    }

    void open_link(const html_token& token)
    {
        close_link();
        const std::string address = how_.links ? value_of(token, "href") : std::string();
        if (address.empty() || address.front() == '#')
            return;
        std::size_t number = 0;
        while (number < links_.size() && links_[number] != address)
            ++number;
        constexpr std::size_t most = 500;
        if (number == links_.size()) {
            if (number == most)
                return;
            links_.push_back(address);
        }
        link_ = number + 1;
    }

    void close_link()
    {
        if (link_ != 0)
            put_word(std::string("[").append(std::to_string(link_)).append("]"), false);
        link_ = 0;
    }

    void append_links()
    {
        if (links_.empty())
            return;
        out_.append(out_.empty() ? "" : "\n\n");
        for (std::size_t i = 0; i < links_.size(); ++i) {
            out_.append("[").append(std::to_string(i + 1)).append("] ");
            for (std::size_t at = 0; at < links_[i].size();) {
                const decoded_character c = decode_utf8(links_[i], at);
                if (c.length != 0 && !is_unprintable(c.value))
                    out_.append(links_[i], at, c.length);
                at += c.length == 0 ? 1 : c.length;
            }
            out_.append(i + 1 < links_.size() ? "\n" : "");
        }
    }

    // ---- lines

    void put_words(std::string_view text)
    {
        std::string word;
        for (std::size_t at = 0; at < text.size();) {
            const decoded_character c = decode_utf8(text, at);
            if (c.length == 1 && is_space(static_cast<char>(c.value))) {
                flush(word);
                space_ = true;
            } else if (c.length != 0 && !is_unprintable(c.value)) {
                word.append(text, at, c.length);
            }
            at += c.length == 0 ? 1 : c.length;
        }
        flush(word);
    }

    void flush(std::string& word)
    {
        if (!word.empty())
            put_word(word);
        word.clear();
    }

    void put_lines(std::string_view text)
    {
        for (std::size_t at = 0; at < text.size();) {
            const decoded_character c = decode_utf8(text, at);
            if (c.value == '\n') {
                end_line(true);
            } else if (c.value == '\t' || (c.length != 0 && !is_unprintable(c.value))) {
                begin_line();
                c.value == '\t' ? out_.append("    ") : out_.append(text, at, c.length);
                column_ += columns_of(c.value);
            }
            at += c.length == 0 ? 1 : c.length;
        }
    }

    void begin_line()
    {
        if (in_line_)
            return;
        std::string margin;
        for (std::size_t i = 0; i < quotes_; ++i)
            margin.append("> ");
        margin.append(lists_.empty() ? 0 : 2 * (lists_.size() - (mark_.empty() ? 0 : 1)), ' ');
        margin.append(mark_);
        mark_.clear();
        out_.append(margin);
        in_line_ = line_start_ = true;
        column_ = margin.size();
    }

    void put_word(std::string_view word, bool may_wrap = true)
    {
        std::size_t width = 0;
        for (std::size_t at = 0; at < word.size();) {
            const decoded_character c = decode_utf8(word, at);
            width += columns_of(c.value);
            at += c.length == 0 ? 1 : c.length;
        }
        if (how_.width != 0 && may_wrap && in_line_ && !line_start_ && space_ && column_ + 1 + width > how_.width)
            end_line();
        begin_line();
        if (space_ && !line_start_) {
            out_.push_back(' ');
            ++column_;
        }
        out_.append(word);
        column_ += width;
        space_ = line_start_ = false;
    }

    void end_line(bool always = false)
    {
        if (in_line_ || (always && !out_.empty() && (out_.size() < 2 || out_[out_.size() - 2] != '\n')))
            out_.push_back('\n');
        column_ = 0;
        in_line_ = false;
        space_ = false;
        line_start_ = true;
    }

    void blank_line()
    {
        end_line();
        if (!out_.empty() && (out_.size() < 2 || out_[out_.size() - 2] != '\n'))
            out_.push_back('\n');
    }

    const render_options& how_;
    std::string out_;
    std::string mark_;       // of the list item that begins with the next word
    std::vector<int> lists_; // the next number of each open list; 0 for one without numbers
    std::vector<std::string> links_;
    std::size_t link_ = 0;
    std::size_t quotes_ = 0;
    std::size_t column_ = 0;
    bool in_line_ = false;
    bool preformatted_ = false;
    bool hidden_ = false;
    bool space_ = false;
    bool line_start_ = true;
};

} // namespace

} // namespace detail

std::string render_html(std::string_view html, const render_options& how) { return detail::renderer(how).run(html); }

std::string html_to_text(std::string_view html)
{
    using namespace detail;
    html_tokenizer tokens(html);
    html_token token;
    std::string words;
    bool hidden = false;
    while (tokens.next(token)) {
        if (token.kind == html_token::type::text || (token.kind == html_token::type::raw_text && !hidden))
            append_unescaped(words, token.text);
        if (token.kind == html_token::type::start) {
            hidden = hides_contents(token.name) && token.name != "title";
            if (is_raw_text_element(token.name) && token.name != "noscript")
                tokens.read_raw_until_end_of(token.name);
        }
        if ((token.kind == html_token::type::start || token.kind == html_token::type::end) && is_block(token.name))
            words.push_back(' ');
    }
    std::string result;
    for (const char c : trim(words)) {
        const bool blank = is_space(c);
        if (!blank || result.back() != ' ')
            result.push_back(blank ? ' ' : c);
    }
    return result;
}

} // namespace feed
