#include "rules/match.hpp"

#include "text/fold_case.hpp"
#include "text/translate.hpp"

#include <feed/html.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace rssmania {
namespace {

constexpr std::size_t longest_condition = 4096;
constexpr int deepest_nesting = 50;

enum class subject_field { title, author, link, id, content, feed, url, folder, tag, anywhere };

constexpr std::array fields{
    std::pair{"title", subject_field::title}, std::pair{"author", subject_field::author},
    std::pair{"link", subject_field::link},   std::pair{"id", subject_field::id},
    std::pair{"feed", subject_field::feed},   std::pair{"content", subject_field::content},
    std::pair{"url", subject_field::url},     std::pair{"folder", subject_field::folder},
    std::pair{"tag", subject_field::tag},
};

std::optional<subject_field> field_called(std::string_view name)
{
    for (const auto& [known, field] : fields) {
        if (name == known)
            return field;
    }
    return std::nullopt;
}

} // namespace

struct article_match::node {
    enum class kind { all, any, no, unread, starred, is, has };
    kind what = kind::all;
    subject_field field = subject_field::anywhere;
    std::string value; // case-folded
    std::vector<node> parts;
};

namespace {

using node = article_match::node;
using kind = node::kind;

bool compares(const node& test, std::string_view text)
{
    const std::string folded = fold_case(text);
    return test.what == kind::is ? folded == test.value : folded.find(test.value) != std::string::npos;
}

bool holds_of_text(const node& test, const match_subject& article)
{
    switch (test.field) {
    case subject_field::title:
        return compares(test, article.title);
    case subject_field::author:
        return compares(test, article.author);
    case subject_field::link:
        return compares(test, article.link);
    case subject_field::id:
        return compares(test, article.id);
    case subject_field::content:
        return compares(test, feed::html_to_text(article.content));
    case subject_field::feed:
        return compares(test, article.feed);
    case subject_field::url:
        return compares(test, article.url);
    case subject_field::folder:
        return compares(test, article.folder);
    case subject_field::tag:
        return std::any_of(article.tags.begin(), article.tags.end(),
                           [&](const std::string& tag) { return compares(test, tag); });
    case subject_field::anywhere:
        return compares(test, article.title) || compares(test, feed::html_to_text(article.content));
    }
    return false;
}

bool holds(const node& condition, const match_subject& article)
{
    const auto holds_here = [&](const node& part) { return holds(part, article); };
    switch (condition.what) {
    case kind::all:
        return std::all_of(condition.parts.begin(), condition.parts.end(), holds_here);
    case kind::any:
        return std::any_of(condition.parts.begin(), condition.parts.end(), holds_here);
    case kind::no:
        return !holds_here(condition.parts.front());
    case kind::unread:
        return article.unread;
    case kind::starred:
        return article.starred;
    case kind::is:
    case kind::has:
        return holds_of_text(condition, article);
    }
    return false;
}

node negated(node part) { return {.what = kind::no, .parts = {std::move(part)}}; }

struct token {
    enum class kind { end, word, quoted, symbol };
    kind what = kind::end;
    std::string text;
    std::size_t column = 0;

    [[nodiscard]] bool is(std::string_view symbol) const { return what == kind::symbol && text == symbol; }
    [[nodiscard]] bool is_word(std::string_view word) const { return what == kind::word && text == word; }
    [[nodiscard]] bool is_value() const { return what == kind::word || what == kind::quoted; }
};

class scanner {
public:
    explicit scanner(std::string_view text) : text_(text) { advance(); }

    [[nodiscard]] const token& now() const { return now_; }

    token take()
    {
        token taken = std::move(now_);
        advance();
        return taken;
    }

private:
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    static bool is_symbol(char c) { return c == '(' || c == ')' || c == '=' || c == '~' || c == '!'; }

    void advance()
    {
        while (at_ < text_.size() && is_blank(text_[at_]))
            ++at_;
        now_ = {.what = token::kind::end, .text = {}, .column = at_ + 1};
        if (at_ == text_.size())
            return;
        if (text_[at_] == '"')
            return scan_quoted();
        if (is_symbol(text_[at_]))
            return scan_symbol();
        now_.what = token::kind::word;
        while (at_ < text_.size() && !is_blank(text_[at_]) && !is_symbol(text_[at_]) && text_[at_] != '"')
            now_.text += text_[at_++];
    }

    void scan_symbol()
    {
        now_.what = token::kind::symbol;
        now_.text = text_[at_++];
        if (now_.text != "!")
            return;
        if (at_ == text_.size() || (text_[at_] != '=' && text_[at_] != '~'))
            throw match_error(now_.column, tr("\"!\" is followed by = or ~; \"not\" turns a condition round"));
        now_.text += text_[at_++];
    }

    void scan_quoted()
    {
        now_.what = token::kind::quoted;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size())
                ++at_;
            now_.text += text_[at_];
        }
        if (at_ == text_.size())
            throw match_error(now_.column, tr("the quote that begins here doesn't end"));
        ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    token now_;
};

// One function for each level of the grammar: or, and, not, the rest.
class reader {
public:
    explicit reader(std::string_view text) : tokens_(text) {}

    node read()
    {
        node whole = read_any();
        if (tokens_.now().what != token::kind::end)
            fail(tokens_.now().is(")") ? tr("there is no ( to this )")
                                       : tr("\"and\" or \"or\" is missing before this"));
        return whole;
    }

private:
    [[noreturn]] void fail(const std::string& why) const { throw match_error(tokens_.now().column, why); }

    node read_any()
    {
        node first = read_all();
        if (!tokens_.now().is_word("or"))
            return first;
        node result{.what = kind::any, .parts = {std::move(first)}};
        while (tokens_.now().is_word("or")) {
            (void)tokens_.take();
            result.parts.push_back(read_all());
        }
        return result;
    }

    node read_all()
    {
        node first = read_one();
        if (!tokens_.now().is_word("and"))
            return first;
        node result{.what = kind::all, .parts = {std::move(first)}};
        while (tokens_.now().is_word("and")) {
            (void)tokens_.take();
            result.parts.push_back(read_one());
        }
        return result;
    }

    node read_one()
    {
        if (++depth_ > deepest_nesting)
            fail(tr("this nests too deeply"));
        node result = read_one_within();
        --depth_;
        return result;
    }

    node read_one_within()
    {
        if (tokens_.now().is_word("not")) {
            (void)tokens_.take();
            return negated(read_one());
        }
        if (tokens_.now().is("(")) {
            (void)tokens_.take();
            node inner = read_any();
            if (!tokens_.now().is(")"))
                fail(tr("a ) is missing here"));
            (void)tokens_.take();
            return inner;
        }
        return read_test();
    }

    node read_test()
    {
        if (!tokens_.now().is_value() || tokens_.now().is_word("and") || tokens_.now().is_word("or"))
            fail(tr("a condition is missing here, such as title ~ bees"));
        const token first = tokens_.take();
        const token& next = tokens_.now();
        const bool compared = next.is("=") || next.is("!=") || next.is("~") || next.is("!~");
        if (!compared) {
            if (first.is_word("unread"))
                return {.what = kind::unread};
            if (first.is_word("starred"))
                return {.what = kind::starred};
            return {.what = kind::has, .field = subject_field::anywhere, .value = fold_case(first.text)};
        }
        return read_comparison(first);
    }

    node read_comparison(const token& name)
    {
        const auto field = name.what == token::kind::word ? field_called(name.text) : std::nullopt;
        if (!field)
            throw match_error(name.column,
                              tr_fill("there is no field {}; there are title, author, link, id, content, feed, url, "
                                      "folder and tag",
                                      name.text));
        const std::string how = tokens_.take().text;
        if (!tokens_.now().is_value())
            fail(tr("a value is missing here: a word, or text between double quotes"));
        node test{.what = how.ends_with('=') ? kind::is : kind::has,
                  .field = *field,
                  .value = fold_case(tokens_.take().text)};
        return how.starts_with('!') ? negated(std::move(test)) : test;
    }

    scanner tokens_;
    int depth_ = 0;
};

} // namespace

article_match::article_match(std::string_view text)
{
    if (text.size() > longest_condition)
        throw match_error(longest_condition, tr("this condition is too long"));
    if (text.find_first_not_of(" \t\r\n") != std::string_view::npos)
        root_ = std::make_shared<const node>(reader(text).read());
}

bool article_match::operator()(const match_subject& article) const { return !root_ || holds(*root_, article); }

} // namespace rssmania
