#pragma once

#include "arena.hpp"
#include "xml/place_notes.hpp"
#include "xml/references.hpp"
#include "xml/syntax.hpp"

#include <feed/options.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace feed::detail {

/// Reads the attributes of start tags, and what people make of them: without quotes, values or blanks between, with a
/// `<` or line ends within. In the header, since one of them stands in most tags.
class attribute_reader {
public:
    struct attribute {
        std::string_view name; ///< as written
        std::string_view value;
        bool has_value;
    };

    /// How a tag ended.
    enum class ending {
        tag,       ///< by `>`
        empty_tag, ///< by `/>`
        bracket,   ///< before a `<`
        cut        ///< with the document
    };

    attribute_reader(arena& memory, place_notes& notes, reference_expander& references, const limits& limit) :
        memory_(memory), notes_(notes), references_(references), limit_(limit)
    {}

    /// Reads from behind the name of an element up to and with the end of the tag, and moves `at` there.
    ending read(const char*& at, const char* end)
    {
        attributes_.clear();
        at_ = at;
        end_ = end;
        const ending found = read_all();
        at = at_;
        return found;
    }

    /// Those of the tag that was read last, in their order.
    [[nodiscard]] const std::vector<attribute>& all() const noexcept { return attributes_; }

    [[nodiscard]] bool has_twice() const noexcept
    {
        for (std::size_t i = 1; i < attributes_.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (attributes_[i].name == attributes_[j].name)
                    return true;
        return false;
    }

private:
    ending read_all()
    {
        for (;;) {
            const char* const before = at_;
            at_ = skip_spaces(at_, end_);
            if (at_ == end_)
                return ending::cut;
            if (*at_ == '>') {
                ++at_;
                return ending::tag;
            }
            if (*at_ == '/') {
                ++at_;
                if (at_ != end_ && *at_ == '>') {
                    ++at_;
                    return ending::empty_tag;
                }
                notes_.note(at_ - 1, "a \"/\" stands within a tag", "passed over");
                continue;
            }
            if (*at_ == '<')
                return ending::bracket;
            if (at_ == before)
                notes_.note(at_, "there is no blank before an attribute", "read all the same");
            read_attribute();
        }
    }

    void read_attribute()
    {
        const char* const start = at_;
        if (*at_ == '"' || *at_ == '\'' || *at_ == '=') {
            notes_.note(at_, "there is no name before the value of an attribute", "passed over");
            ++at_;
            return;
        }
        at_ = skip_name(at_, end_);
        const std::string_view name(start, static_cast<std::size_t>(at_ - start));
        const char* const look = skip_spaces(at_, end_);
        std::string_view value;
        const bool has_value = look != end_ && *look == '=';
        if (has_value) {
            at_ = look + 1;
            value = read_value(name);
        } else {
            notes_.note(start, "the attribute \"*\" has no value", "taken as empty", name);
        }
        if (!is_valid_name(name))
            notes_.note(start, "\"*\" is no name of an attribute", "passed over", name);
        else if (attributes_.size() < limit_.attributes && name.size() <= limit_.name)
            attributes_.push_back({name, value, has_value});
        else
            notes_.note(problem_kind::limit, start, "an element has too many attributes", "the rest was left out");
    }

    std::string_view read_value(std::string_view name)
    {
        at_ = skip_spaces(at_, end_);
        if (at_ != end_ && (*at_ == '"' || *at_ == '\'')) {
            const char quote = *at_;
            bool& none_left = quote == '"' ? no_double_quote_ : no_single_quote_;
            const char* const close = none_left ? end_ : find_character(quote, at_ + 1, end_);
            if (close != end_) {
                const std::string_view value(at_ + 1, static_cast<std::size_t>(close - at_) - 1);
                at_ = close + 1;
                return decode(value, name);
            }
            none_left = true;
            ++at_;
        }
        notes_.note(at_, "the value of the attribute \"*\" is not quoted", "ended at the next blank", name);
        const char* const start = at_;
        at_ = skip_bare_value(at_, end_);
        std::string_view value(start, static_cast<std::size_t>(at_ - start));
        if (at_ != end_ && *at_ == '>' && !value.empty() && value.back() == '/') {
            value.remove_suffix(1);
            --at_;
        }
        return decode(value, name);
    }

    // Whether a value means what it says. Written so that the compiler makes vectors of it.
    static bool is_plain(std::string_view raw) noexcept
    {
        unsigned found = 0;
        for (const char c : raw)
            found |= static_cast<unsigned>(c == '&') | static_cast<unsigned>(c == '<') |
                     static_cast<unsigned>(c == '\n') | static_cast<unsigned>(c == '\t');
        return found == 0;
    }

    std::string_view decode(std::string_view raw, std::string_view name)
    {
        if (is_plain(raw))
            return raw.data() == nullptr ? std::string_view("") : raw;
        if (const std::size_t bracket = raw.find('<'); bracket != std::string_view::npos)
            notes_.note(raw.data() + bracket, "the value of the attribute \"*\" has a \"<\" in it", "taken as it is",
                        name);
        value_.clear();
        // References are looked up at their place in the document, so that problems name it.
        for (std::size_t at = 0; at < raw.size();) {
            const std::size_t end = std::min(raw.find('&', at), raw.size());
            const std::size_t start = value_.size();
            value_.append(raw, at, end - at);
            std::replace_if(
                value_.begin() + static_cast<std::ptrdiff_t>(start), value_.end(),
                [](char c) { return c == '\n' || c == '\t'; }, ' ');
            at = end;
            if (at != raw.size())
                at += references_.expand_one(raw.substr(at), value_);
        }
        return memory_.copy(value_);
    }

    arena& memory_;
    place_notes& notes_;
    reference_expander& references_;
    const limits& limit_;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::vector<attribute> attributes_;
    std::string value_;
    // Quotes that were searched for once in vain: none follows, and the search is not made again.
    bool no_double_quote_ = false;
    bool no_single_quote_ = false;
};

} // namespace feed::detail
