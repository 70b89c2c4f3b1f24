#include "html/tokenizer.hpp"

#include "text/ascii.hpp"

#include <algorithm>

namespace feed::detail {

namespace {
constexpr std::size_t nowhere = std::string_view::npos;
}

bool html_tokenizer::next(html_token& token)
{
    token.attributes.clear();
    token.self_closing = false;
    token.text = {};
    if (at_ >= html_.size()) {
        token.kind = html_token::type::done;
        return false;
    }
    const std::size_t start = at_;
    if (!raw_.empty()) {
        read_raw(token);
    } else if (html_[at_] != '<') {
        read_text(token);
    } else {
        const char after = at_ + 1 < html_.size() ? html_[at_ + 1] : '\0';
        const char second = at_ + 2 < html_.size() ? html_[at_ + 2] : '\0';
        if (html_.substr(at_, 4) == "<!--") {
            read_comment(token);
        } else if (html_.substr(at_, 9) == "<![CDATA[") { // means nothing in HTML: text, and what is in it is read on
            token.kind = html_token::type::text;
            token.text = html_.substr(at_, 9);
            at_ += 9;
        } else if (after == '!')
            read_bogus_comment(token, html_token::type::declaration);
        else if (after == '?' || (after == '/' && !is_alpha(second)))
            read_bogus_comment(token, html_token::type::comment);
        else if (is_alpha(after) || after == '/')
            read_tag(token);
        else
            read_text(token);
    }
    token.source = html_.substr(start, at_ - start);
    return true;
}

void html_tokenizer::read_text(html_token& token)
{
    const std::size_t start = at_;
    at_ = std::min(html_.find('<', at_ + 1), html_.size());
    token.kind = html_token::type::text;
    token.text = html_.substr(start, at_ - start);
}

void html_tokenizer::read_raw(html_token& token)
{
    const std::size_t start = at_;
    const std::string wanted = "</" + raw_;
    raw_.clear();
    std::size_t end = at_;
    while ((end = find_ignoring_case(html_, wanted, end)) != nowhere) {
        const std::size_t behind = end + wanted.size();
        if (behind == html_.size() || is_space(html_[behind]) || html_[behind] == '/' || html_[behind] == '>')
            break;
        end = behind;
    }
    at_ = std::min(end, html_.size());
    token.kind = html_token::type::raw_text;
    token.text = html_.substr(start, at_ - start);
}

void html_tokenizer::read_comment(html_token& token)
{
    token.kind = html_token::type::comment;
    const std::size_t start = at_ + 4;
    // `<!-->` and `<!--->` are whole comments.
    const std::string_view rest = html_.substr(start);
    if (rest.substr(0, 1) == ">" || rest.substr(0, 2) == "->") {
        at_ = start + (rest.front() == '>' ? 1 : 2);
        return;
    }
    std::size_t end = no_comment_end_ ? nowhere : start;
    while (end != nowhere) {
        end = html_.find("--", end);
        if (end == nowhere)
            break;
        std::size_t close = end + 2;
        while (close < html_.size() && html_[close] == '-')
            ++close;
        const std::size_t dash = close;
        if (close < html_.size() && html_[close] == '!')
            ++close;
        if (close < html_.size() && html_[close] == '>') {
            token.text = html_.substr(start, dash - 2 - start);
            at_ = close + 1;
            return;
        }
        end = dash;
    }
    no_comment_end_ = true;
    token.kind = html_token::type::unfinished;
    at_ = html_.size();
}

void html_tokenizer::read_bogus_comment(html_token& token, html_token::type kind)
{
    const std::size_t end = html_.find('>', at_);
    token.kind = end == nowhere ? html_token::type::unfinished : kind;
    token.text = html_.substr(at_ + 2, (end == nowhere ? html_.size() : end) - at_ - 2);
    at_ = end == nowhere ? html_.size() : end + 1;
}

bool html_tokenizer::read_tag(html_token& token)
{
    const bool closes = html_[at_ + 1] == '/';
    std::size_t end = at_ + (closes ? 2 : 1);
    token.name.clear();
    while (end < html_.size() && !is_space(html_[end]) && html_[end] != '/' && html_[end] != '>' && html_[end] != '<') {
        token.name.push_back(to_lower(html_[end]));
        ++end;
    }
    at_ = end;
    token.kind = closes ? html_token::type::end : html_token::type::start;
    if (!read_attributes(token)) {
        token.kind = html_token::type::unfinished;
        return false;
    }
    return true;
}

void html_tokenizer::skip_spaces() noexcept
{
    while (at_ < html_.size() && is_space(html_[at_]))
        ++at_;
}

// Reads up to and with the `>`; false if there is none.
bool html_tokenizer::read_attributes(html_token& token)
{
    constexpr std::size_t most = 1000;
    for (;;) {
        while (at_ < html_.size() && (is_space(html_[at_]) || html_[at_] == '/')) {
            token.self_closing = html_[at_] == '/' && at_ + 1 < html_.size() && html_[at_ + 1] == '>';
            ++at_;
        }
        if (at_ >= html_.size())
            return false;
        if (html_[at_] == '>') {
            ++at_;
            return true;
        }
        if (html_[at_] == '<') // its `>` was forgotten: the next tag counts
            return true;
        const std::size_t start = at_;
        ++at_; // whatever it is, it starts a name: also a quote or an `=`
        while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '/' && html_[at_] != '>' &&
               html_[at_] != '=' && html_[at_] != '<')
            ++at_;
        html_attribute attribute;
        attribute.name = html_.substr(start, at_ - start);
        const std::size_t behind = at_;
        skip_spaces();
        if (at_ < html_.size() && html_[at_] == '=') {
            ++at_;
            read_value(attribute);
        } else {
            at_ = behind;
        }
        if (token.attributes.size() < most)
            token.attributes.push_back(attribute);
    }
}

void html_tokenizer::read_value(html_attribute& attribute)
{
    attribute.has_value = true;
    skip_spaces();
    if (at_ >= html_.size())
        return;
    const char quote = html_[at_];
    if (quote == '"' || quote == '\'') {
        bool& none_left = quote == '"' ? no_double_quote_ : no_single_quote_;
        const std::size_t end = none_left ? nowhere : html_.find(quote, at_ + 1);
        none_left = end == nowhere;
        attribute.value = html_.substr(at_ + 1, (end == nowhere ? html_.size() : end) - at_ - 1);
        at_ = end == nowhere ? html_.size() : end + 1;
        return;
    }
    const std::size_t start = at_;
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '>' && html_[at_] != '<')
        ++at_;
    attribute.value = html_.substr(start, at_ - start);
}

} // namespace feed::detail
