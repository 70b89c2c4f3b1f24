#include "json_reader.hpp"

#include "text/ascii.hpp"
#include "text/utf8.hpp"

namespace feed::detail {

const json_value& json_value::operator[](std::string_view name) const noexcept
{
    static constexpr json_value nothing{};
    for (std::size_t i = 0; i < names.size() && i < items.size(); ++i)
        if (names[i] == name)
            return items[i];
    return nothing;
}

namespace {

class json_reader {
public:
    json_reader(std::string_view text, arena& memory, problem_log& problems, std::uint32_t depth) :
        text_(text), memory_(memory), problems_(problems), deepest_(depth)
    {}

    json_value run()
    {
        json_value value;
        skip_spaces();
        read_value(value, 0);
        skip_spaces();
        if (!failed_ && at_ < text_.size())
            fail("there is text after the value");
        return value;
    }

private:
    void fail(std::string_view what)
    {
        if (!failed_)
            problems_.note(problem_kind::not_well_formed, at_, what, "what was read before it was kept");
        failed_ = true;
    }

    void skip_spaces() noexcept
    {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
    }

    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

    void read_value(json_value& value, std::uint32_t depth)
    {
        switch (peek()) {
        case '{':
            return depth < deepest_ ? read_members(value, depth, '}') : pass_over();
        case '[':
            return depth < deepest_ ? read_members(value, depth, ']') : pass_over();
        case '"':
            value.kind = json_value::type::text;
            value.text = read_text();
            return;
        default:
            return read_word(value);
        }
    }

    // Arrays and objects, which differ in that the one has names.
    void read_members(json_value& value, std::uint32_t depth, char close)
    {
        const bool object = close == '}';
        value.kind = object ? json_value::type::object : json_value::type::array;
        ++at_;
        skip_spaces();
        if (peek() == close) {
            ++at_;
            return;
        }
        while (!failed_) {
            std::string_view name;
            if (object && !read_name(name))
                return;
            json_value member;
            read_value(member, depth + 1);
            if (object)
                list_access::append(memory_, value.names, name);
            list_access::append(memory_, value.items, member);
            skip_spaces();
            if (failed_)
                return;
            if (peek() == close) {
                ++at_;
                return;
            }
            if (peek() != ',')
                return fail(at_ >= text_.size() ? "it ends within a value" : "there is no comma between two values");
            ++at_;
            skip_spaces();
            if (peek() == close) {
                fail("there is a comma after the last value");
                failed_ = false; // clear what is meant
                ++at_;
                return;
            }
        }
    }

    bool read_name(std::string_view& name)
    {
        if (peek() != '"') {
            fail(at_ >= text_.size() ? "it ends within an object" : "a member has no name");
            return false;
        }
        name = read_text();
        skip_spaces();
        if (failed_ || peek() != ':') {
            fail("there is no colon after a name");
            return false;
        }
        ++at_;
        skip_spaces();
        return true;
    }

    // What is nested too deeply: up to its end, by counting brackets.
    void pass_over()
    {
        problems_.note(problem_kind::limit, at_, "values are nested too deeply", "the deepest were left out");
        std::size_t open = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                skip_text();
                continue;
            }
            ++at_;
            open += c == '{' || c == '[' ? 1 : 0;
            if ((c == '}' || c == ']') && --open == 0)
                return;
        }
        fail("it ends within a value");
    }

    void skip_text() noexcept
    {
        ++at_;
        while (at_ < text_.size() && text_[at_] != '"')
            at_ += text_[at_] == '\\' ? 2U : 1U;
        at_ = std::min(at_ + 1, text_.size());
    }

    std::string_view read_text()
    {
        ++at_;
        const std::size_t start = at_;
        at_ = find_either(text_, '"', '\\', at_);
        if (peek() == '"') { // nothing to replace: a view
            ++at_;
            return text_.substr(start, at_ - 1 - start);
        }
        std::string made(text_.substr(start, at_ - start));
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') {
                read_escape(made);
                continue;
            }
            const std::size_t end = find_either(text_, '"', '\\', at_);
            made.append(text_, at_, end - at_);
            at_ = end;
        }
        if (at_ >= text_.size())
            fail("it ends within a text");
        ++at_;
        at_ = std::min(at_, text_.size());
        return memory_.copy(made);
    }

    void read_escape(std::string& to)
    {
        ++at_;
        const char c = peek();
        at_ = std::min(at_ + 1, text_.size());
        switch (c) {
        case 'n':
            to.push_back('\n');
            return;
        case 't':
            to.push_back('\t');
            return;
        case 'r':
            to.push_back('\r');
            return;
        case 'b':
        case 'f':
            to.push_back(' ');
            return;
        case 'u':
            break;
        case '"':
        case '\\':
        case '/':
            to.push_back(c);
            return;
        default:
            fail("an escape in a text is none");
            failed_ = false;
            to.push_back(c);
            return;
        }
        char32_t value = read_hex();
        if (value >= 0xD800 && value < 0xDC00 && text_.substr(at_, 2) == "\\u") {
            const std::size_t back = at_;
            at_ += 2;
            const char32_t low = read_hex();
            if (low >= 0xDC00 && low < 0xE000)
                value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
            else
                at_ = back;
        }
        append_utf8(to,
                    value < 0x20 && value != '\n' && value != '\t' && value != '\r' ? replacement_character : value);
    }

    char32_t read_hex()
    {
        char32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const int digit = hex_value(peek());
            if (digit < 0) {
                fail("an escape in a text has no four digits");
                failed_ = false;
                return replacement_character;
            }
            value = value * 16 + static_cast<char32_t>(digit);
            ++at_;
        }
        return value;
    }

    void read_word(json_value& value)
    {
        const std::size_t start = at_;
        while (at_ < text_.size() &&
               (is_alnum(text_[at_]) || text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.'))
            ++at_;
        const std::string_view word = text_.substr(start, at_ - start);
        if (word == "true" || word == "false") {
            value.kind = json_value::type::boolean;
            value.truth = word == "true";
        } else if (!word.empty() && (is_digit(word.front()) || word.front() == '-')) {
            value.kind = json_value::type::number;
            value.text = word;
        } else if (word != "null") {
            fail(at_ >= text_.size() ? "it ends within a value" : "a value is none");
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    arena& memory_;
    problem_log& problems_;
    std::uint32_t deepest_;
    bool failed_ = false;
};

} // namespace

json_value read_json(std::string_view text, arena& memory, problem_log& problems, std::uint32_t depth)
{
    return json_reader(text, memory, problems, depth).run();
}

} // namespace feed::detail
