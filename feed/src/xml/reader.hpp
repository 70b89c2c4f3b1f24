#pragma once

#include "problems.hpp"
#include "text/ascii.hpp"
#include "xml/doctype.hpp"
#include "xml/references.hpp"
#include "xml/scope.hpp"

#include <feed/options.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// A tokenizer for XML that always arrives. On well-formed text it does what a strict one does: one pass, `memchr` over
// what is no markup, no copy where no character changes. Where a strict one would stop it notes the problem, takes what
// a person would take, and goes on at the same place. No construct is scanned twice: a search for an end that is not
// there is remembered, so that the time is linear in the size of the document.
namespace feed::detail {

/// An attribute of a start tag. Valid as long as the document.
struct xml_attribute {
    std::string_view name; ///< lower case, with the usual prefix
    std::string_view value;
};

/// Reads the XML in `text` into `sink`, which has
///
///     void start(const name_meaning&, const std::vector<xml_attribute>&, std::size_t depth);
///     void end(std::string_view name);             // without prefix, in lower case
///     void distrust_characters(bool);              // a reference named a character that may be meant otherwise
///     void text(std::string_view, bool stable);   // stable: lies in the document, may be kept as a view
///     std::size_t ends_at(const name_meaning&);    // before start: how many elements may stay open around it
///     void declare(std::string_view prefix, std::string_view uri);   // a namespace, before the element that declares
///     it
///
/// `text` must be UTF-8 with line ends made `\n` and no control characters.
template <class Sink>
class xml_reader {
public:
    xml_reader(std::string_view text, Sink& sink, arena& memory, problem_log& problems, const limits& limit) :
        begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), sink_(sink), memory_(memory),
        problems_(problems), limit_(limit), scope_(memory), entities_(limit.expansion),
        references_(entities_, problems, text.data())
    {}

    /// Reads all of it.
    void run()
    {
        read_prolog();
        while (at_ != end_)
            read_one(find_markup());
        end_document();
    }

    /// Reads what is there of a document that comes piece by piece: `window` starts where the last one was left, and
    /// `offset` is its place in the document. Reads only what would mean the same whatever followed; the number of
    /// bytes read. All windows must live as long as what was made of them.
    std::size_t read_whole_constructs(std::string_view window, std::size_t offset)
    {
        move_to(window, offset);
        if (!prolog_read_)
            read_prolog();
        while (at_ != end_) {
            const char* const mark = find_markup();
            if (mark == end_ || !is_whole(mark))
                break;
            read_one(mark);
        }
        return static_cast<std::size_t>(at_ - begin_);
    }

    /// Reads the last window, and ends the document there.
    void finish(std::string_view window, std::size_t offset)
    {
        move_to(window, offset);
        if (!prolog_read_)
            read_prolog();
        while (at_ != end_)
            read_one(find_markup());
        end_document();
    }

    [[nodiscard]] const scope& names() const noexcept { return scope_; }
    [[nodiscard]] bool is_netscape() const noexcept { return entities_.is_netscape(); }

private:
    struct open_element {
        std::string_view name;  // as written
        std::string_view local; // without prefix, in lower case
        bool declares;          // it has namespace declarations of its own
    };

    static constexpr std::string_view::size_type nowhere = std::string_view::npos;

    void move_to(std::string_view window, std::size_t offset) noexcept
    {
        begin_ = at_ = window.data();
        end_ = window.data() + window.size();
        offset_ = offset;
        references_.move_to(begin_, offset);
    }

    [[nodiscard]] std::size_t offset_of(const char* place) const noexcept
    {
        return offset_ + static_cast<std::size_t>(place - begin_);
    }

    // The next `<`: behind the blanks that most texts are, or further on.
    [[nodiscard]] const char* find_markup() const noexcept
    {
        const char* mark = at_;
        while (mark != end_ && is_space(*mark))
            ++mark;
        return mark != end_ && *mark == '<' ? mark : find('<', mark);
    }

    // Reads the text up to `mark`, and the markup there.
    void read_one(const char* mark)
    {
        if (mark != at_)
            take_text(at_, mark);
        at_ = mark;
        if (at_ != end_)
            read_markup();
    }

    void end_document()
    {
        if (!seen_root_)
            note(at_, "there is no element", "nothing was read");
        else if (!open_.empty())
            note(end_, "it ends within the element \"*\"", "all open elements were closed", open_.back().name);
        close_down_to(0);
    }

    // ---- what is whole: nothing in these looks beyond the end of the window for what the readers below look for

    [[nodiscard]] bool is_whole(const char* at) const noexcept
    {
        const std::string_view all(at, static_cast<std::size_t>(end_ - at));
        if (all.size() < 2)
            return false;
        if (all[1] == '/')
            return all.find_first_of("<>", 2) != nowhere;
        if (all[1] == '?')
            return all.find("?>", 2) != nowhere;
        if (all[1] == '!')
            return is_whole_declaration(all);
        return !starts_tag(all[1]) || is_whole_tag(at + 1);
    }

    [[nodiscard]] static bool is_whole_declaration(std::string_view all) noexcept
    {
        constexpr std::size_t longest_start = 9; // <![CDATA[, <!DOCTYPE
        if (all.size() < longest_start)
            return false;
        if (all.substr(0, 4) == "<!--")
            return all.find("-->", 4) != nowhere;
        if (all.substr(0, longest_start) == "<![CDATA[")
            return all.find("]]>", longest_start) != nowhere;
        if (!starts_with_ignoring_case(all, "<!doctype"))
            return all.find('>') != nowhere;
        bool whole = false;
        (void)measure_doctype(all, &whole);
        return whole;
    }

    [[nodiscard]] bool is_whole_tag(const char* at) const noexcept
    {
        const char* const name = at;
        at = skip_name(at);
        if (end_ - at < 2)
            return at != end_ && (*at == '>' || *at == '<');
        if (is_address({name, static_cast<std::size_t>(at - name)}, at))
            return true;
        while ((at = skip_spaces(at)) != end_) {
            if (*at == '>' || *at == '<')
                return true;
            if (*at == '/' || *at == '"' || *at == '\'' || *at == '=') {
                ++at;
                continue;
            }
            at = skip_name(at);
            const char* const after = skip_spaces(at);
            if (after == end_)
                return false;
            if (*after == '=')
                at = skip_value(skip_spaces(after + 1));
        }
        return false;
    }

    [[nodiscard]] const char* skip_spaces(const char* at) const noexcept
    {
        while (at != end_ && is_space(*at))
            ++at;
        return at;
    }

    [[nodiscard]] const char* skip_name(const char* at) const noexcept
    {
        while (at != end_ && !ends_name(*at))
            ++at;
        return at;
    }

    // The end of a value; the end of the window if it may go on.
    [[nodiscard]] const char* skip_value(const char* at) const noexcept
    {
        if (at != end_ && (*at == '"' || *at == '\'')) {
            const char* const close = find(*at, at + 1);
            return close == end_ ? end_ : close + 1;
        }
        while (at != end_ && !is_space(*at) && *at != '>' && *at != '<' && *at != '"' && *at != '\'')
            ++at;
        return at;
    }

    [[nodiscard]] static bool starts_tag(char next) noexcept
    {
        return is_alpha(next) || next == '_' || next == ':' || is_high(next);
    }

    const char* find(char c, const char* from) const noexcept
    {
        const void* const found = std::memchr(from, c, static_cast<std::size_t>(end_ - from));
        return found ? static_cast<const char*>(found) : end_;
    }

    [[nodiscard]] std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    void note(const char* place, std::string_view what, std::string_view done, std::string_view about = {})
    {
        problems_.note(problem_kind::not_well_formed, offset_of(place), what, done, about);
    }

    // ---- text

    void take_text(const char* from, const char* to)
    {
        const std::string_view raw(from, static_cast<std::size_t>(to - from));
        if (open_.empty()) {
            if (!trim(raw).empty())
                note(from, seen_root_ ? "there is text after the feed" : "there is text before the feed", "left out");
            return;
        }
        if (std::memchr(from, '&', raw.size()) == nullptr) {
            if (raw.find("]]>") != nowhere)
                note(from + raw.find("]]>"), "\"]]>\" stands in text", "taken as it is");
            sink_.text(raw, true);
            return;
        }
        scratch_.clear();
        references_.expand(raw, scratch_);
        if (references_.take_latin())
            sink_.distrust_characters(true);
        sink_.text(scratch_, false);
    }

    // ---- markup

    void read_markup()
    {
        const char next = at_ + 1 != end_ ? at_[1] : '\0';
        if (next == '/')
            read_end_tag();
        else if (starts_tag(next))
            read_start_tag();
        else if (next == '!')
            read_declaration();
        else if (next == '?')
            read_instruction();
        else
            take_literal_bracket();
    }

    void take_literal_bracket()
    {
        note(at_, "a \"<\" stands alone", "taken as text");
        if (!open_.empty())
            sink_.text({at_, 1}, true);
        ++at_;
    }

    void read_prolog()
    {
        prolog_read_ = true;
        if (rest().substr(0, 3) == "\xEF\xBB\xBF")
            at_ += 3;
        const char* const start = at_;
        while (at_ != end_ && is_space(*at_))
            ++at_;
        if (rest().substr(0, 5) == "<?xml" && rest().size() > 5 && is_space(at_[5]))
            read_xml_declaration(at_ != start);
    }

    void read_xml_declaration(bool late)
    {
        if (late)
            note(at_, "there are blanks before the XML declaration", "passed over");
        const std::size_t end = rest().find("?>");
        if (end == nowhere || end > 1024) {
            note(at_, "the XML declaration does not end", "passed over");
            at_ = std::min(find('>', at_) + 1, end_);
            return;
        }
        const std::string_view declaration = rest().substr(5, end - 5);
        if (declaration.find("version") == nowhere)
            note(at_, "the XML declaration names no version", "read as 1.0");
        at_ += end + 2;
    }

    void read_instruction()
    {
        const std::string_view all = rest();
        const std::size_t end = no_instruction_end_ ? nowhere : all.find("?>", 2);
        if (starts_with_ignoring_case(all, "<?xml") && all.size() > 5 && is_space(all[5]))
            note(at_, "an XML declaration stands within the document", "passed over");
        if (end == nowhere) {
            no_instruction_end_ = true;
            note(at_, "a processing instruction does not end", "ended at the next \">\"");
            at_ = std::min(find('>', at_) + 1, end_);
            return;
        }
        at_ += end + 2;
    }

    void read_declaration()
    {
        const std::string_view all = rest();
        if (all.substr(0, 4) == "<!--")
            read_comment();
        else if (all.substr(0, 9) == "<![CDATA[")
            read_cdata();
        else if (starts_with_ignoring_case(all, "<!doctype"))
            read_doctype();
        else {
            note(at_, "\"*\" is no markup", "passed over", all.substr(0, 12));
            at_ = std::min(find('>', at_) + 1, end_);
        }
    }

    void read_comment()
    {
        const std::string_view all = rest();
        const std::size_t end = no_comment_end_ ? nowhere : all.find("-->", 4);
        if (end == nowhere) {
            no_comment_end_ = true;
            note(at_, "a comment does not end", "ended at the next \">\"");
            at_ = std::min(find('>', at_) + 1, end_);
            return;
        }
        const std::size_t dashes = all.substr(4, end - 3).find("--");
        if (dashes < end - 4 || (end > 4 && all[end - 1] == '-'))
            note(at_, "a comment has \"--\" in it", "passed over all the same");
        at_ += end + 3;
    }

    void read_cdata()
    {
        const std::string_view all = rest();
        std::size_t end = no_cdata_end_ ? nowhere : all.find("]]>", 9);
        std::size_t after = 3;
        if (end == nowhere) {
            no_cdata_end_ = true;
            note(at_, "a CDATA section does not end", "ended where its element does");
            after = 0;
            end = open_.empty() ? all.size() : end_of_element(all, open_.back().name);
        }
        if (open_.empty())
            note(at_, "text stands outside the feed", "left out");
        else
            sink_.text(all.substr(9, end - std::min<std::size_t>(end, 9)), true);
        at_ += std::min(end + after, all.size());
    }

    // Where the end tag of `name` stands; the end if nowhere near. The search is bounded so that many such sections
    // cost no more than the document is long.
    [[nodiscard]] static std::size_t end_of_element(std::string_view all, std::string_view name)
    {
        const std::string wanted = "</" + std::string(name);
        constexpr std::size_t window = std::size_t{1} << 16;
        const std::size_t found = all.substr(0, window).find(wanted);
        return found != nowhere ? found : all.size();
    }

    void read_doctype()
    {
        const std::size_t length = measure_doctype(rest());
        const std::string_view doctype = rest().substr(0, length);
        if (seen_root_)
            note(at_, "a document type stands within the document", "passed over");
        else if (!entities_.read(doctype))
            note(at_, "the document type does not follow the grammar", "passed over");
        at_ += length;
    }

    // ---- tags

    void read_end_tag()
    {
        const char* const start = at_;
        problems_.set_place(offset_of(start));
        const char* const close = find('>', at_);
        const char* next = find('<', at_ + 1);
        if (close == end_ && next == end_) {
            note(start, "an end tag does not end", "taken as ended");
        } else if (next < close) {
            note(start, "an end tag does not end", "ended before the next \"<\"");
        }
        const char* const stop = std::min(close, next);
        const std::string_view inner = std::string_view(start + 2, static_cast<std::size_t>(stop - start) - 2);
        const std::string_view name = trim(inner);
        at_ = stop == close ? std::min(close + 1, end_) : stop;
        if (name.empty() || is_space(inner.front()) || name.find(' ') != nowhere)
            note(start, "\"</*>\" is no end tag", "read as well as may be", name);
        close_element(name.substr(0, std::min(name.find_first_of(" \t\n/"), name.size())), start);
    }

    void close_element(std::string_view name, const char* place)
    {
        if (!open_.empty() && open_.back().name == name) {
            close_last();
            return;
        }
        std::size_t at = open_.size();
        while (at > 0 && !equal_ignoring_case(open_[at - 1].name, name))
            --at;
        if (at == 0) {
            note(place, "\"</*>\" ends no open element", "passed over", name);
            return;
        }
        if (at == open_.size() || open_[at - 1].name != name)
            note(place, "\"</*>\" ends an element written otherwise", "taken as its end", name);
        else
            note(place, "\"</*>\" leaves elements open", "they were closed", name);
        close_down_to(at - 1);
    }

    void close_down_to(std::size_t depth)
    {
        while (open_.size() > depth)
            close_last();
    }

    void close_last()
    {
        const open_element& last = open_.back();
        sink_.end(last.local);
        if (last.declares)
            scope_.leave(open_.size());
        open_.pop_back();
    }

    void read_start_tag()
    {
        const char* const start = at_;
        const char* at = at_ + 1;
        while (at != end_ && !ends_name(*at))
            ++at;
        const std::string_view name(start + 1, static_cast<std::size_t>(at - start) - 1);
        if (is_address(name, at)) {
            take_literal_bracket();
            return;
        }
        attributes_.clear();
        raw_attributes_.clear();
        bool self_closing = false;
        at_ = at;
        if (!read_attributes(start, self_closing))
            return;
        if (name.size() > limit_.name) {
            note(start, "the name of an element is too long", "the element was left out");
            return;
        }
        if (!valid_name(name))
            note(start, "\"*\" is no name of an element", "taken as it is", name);
        open(name, self_closing, start);
    }

    // `<https://e.org/>` and `<ann@e.org>`: no elements, but addresses as one writes them in letters.
    [[nodiscard]] bool is_address(std::string_view name, const char* after) const noexcept
    {
        if (name.back() == ':')
            return after + 1 < end_ && after[0] == '/' && after[1] == '/';
        return name.find('@') != nowhere;
    }

    // What ends the name of an element or an attribute.
    static bool ends_name(char c) noexcept
    {
        static constexpr auto table = [] {
            std::array<bool, 256> ends{};
            for (const char each : {' ', '\t', '\n', '\r', '\f', '>', '/', '=', '<', '"', '\''})
                ends[static_cast<unsigned char>(each)] = true;
            return ends;
        }();
        return table[static_cast<unsigned char>(c)];
    }

    static bool valid_name(std::string_view name) noexcept
    {
        if (name.empty() || is_digit(name.front()) || name.front() == '-' || name.front() == '.')
            return false;
        for (const char c : name)
            if (!is_alnum(c) && !is_high(c) && c != ':' && c != '_' && c != '-' && c != '.')
                return false;
        const std::size_t colon = name.find(':');
        return colon == nowhere || (colon != 0 && colon + 1 != name.size() && name.find(':', colon + 1) == nowhere);
    }

    // Reads up to the end of the tag. False if there was no tag after all, or it is cut off.
    bool read_attributes(const char* start, bool& self_closing)
    {
        for (;;) {
            const char* const before = at_;
            while (at_ != end_ && is_space(*at_))
                ++at_;
            if (at_ == end_) {
                note(start, "it ends within a tag", "the tag was left out");
                return false;
            }
            if (*at_ == '>') {
                ++at_;
                return true;
            }
            if (*at_ == '/') {
                ++at_;
                if (at_ != end_ && *at_ == '>') {
                    ++at_;
                    self_closing = true;
                    return true;
                }
                note(at_ - 1, "a \"/\" stands within a tag", "passed over");
                continue;
            }
            if (*at_ == '<')
                return end_at_bracket(start);
            if (at_ == before)
                note(at_, "there is no blank before an attribute", "read all the same");
            read_attribute();
        }
    }

    // A `<` within a tag: either the tag was never closed, or there was none, only text with a `<` in it.
    bool end_at_bracket(const char* start)
    {
        if (!raw_attributes_.empty() && raw_attributes_.back().has_value) {
            note(start, "a tag does not end", "ended before the next \"<\"");
            return true;
        }
        note(start, "a \"<\" stands alone", "taken as text");
        const char* const here = at_;
        if (!open_.empty()) {
            sink_.text({start, 1}, true);
            take_text(start + 1, here);
        }
        return false;
    }

    struct raw_attribute {
        std::string_view name;
        std::string_view value;
        bool has_value;
    };

    void read_attribute()
    {
        const char* const start = at_;
        if (*at_ == '"' || *at_ == '\'' || *at_ == '=') {
            note(at_, "there is no name before the value of an attribute", "passed over");
            ++at_;
            return;
        }
        while (at_ != end_ && !ends_name(*at_))
            ++at_;
        const std::string_view name(start, static_cast<std::size_t>(at_ - start));
        const char* look = at_;
        while (look != end_ && is_space(*look))
            ++look;
        std::string_view value;
        bool has_value = false;
        if (look != end_ && *look == '=') {
            at_ = look + 1;
            value = read_value(name);
            has_value = true;
        } else {
            note(start, "the attribute \"*\" has no value", "taken as empty", name);
        }
        if (!valid_name(name))
            note(start, "\"*\" is no name of an attribute", "passed over", name);
        else if (raw_attributes_.size() < limit_.attributes && name.size() <= limit_.name)
            raw_attributes_.push_back({name, value, has_value});
        else
            problems_.note(problem_kind::limit, offset_of(start), "an element has too many attributes",
                           "the rest was left out");
    }

    std::string_view read_value(std::string_view name)
    {
        while (at_ != end_ && is_space(*at_))
            ++at_;
        if (at_ != end_ && (*at_ == '"' || *at_ == '\'')) {
            const char quote = *at_;
            bool& none_left = quote == '"' ? no_double_quote_ : no_single_quote_;
            const char* const close = none_left ? end_ : find(quote, at_ + 1);
            if (close != end_) {
                const std::string_view value(at_ + 1, static_cast<std::size_t>(close - at_) - 1);
                at_ = close + 1;
                return decode_value(value, name);
            }
            none_left = true;
            ++at_;
        }
        note(at_, "the value of the attribute \"*\" is not quoted", "ended at the next blank", name);
        const char* const start = at_;
        while (at_ != end_ && !is_space(*at_) && *at_ != '>' && *at_ != '<' && *at_ != '"' && *at_ != '\'')
            ++at_;
        std::string_view value(start, static_cast<std::size_t>(at_ - start));
        if (at_ != end_ && *at_ == '>' && !value.empty() && value.back() == '/') {
            value.remove_suffix(1);
            --at_;
        }
        return decode_value(value, name);
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

    std::string_view decode_value(std::string_view raw, std::string_view name)
    {
        if (is_plain(raw))
            return raw.data() == nullptr ? std::string_view("") : raw;
        if (const std::size_t bracket = raw.find('<'); bracket != nowhere)
            note(raw.data() + bracket, "the value of the attribute \"*\" has a \"<\" in it", "taken as it is", name);
        std::string spaced(raw);
        std::replace_if(
            spaced.begin(), spaced.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
        if (spaced.find('&') == nowhere)
            return memory_.copy(spaced);
        value_.clear();
        // References are looked up at their place in the document, so that problems name it.
        for (std::size_t at = 0; at < raw.size();) {
            if (raw[at] == '&') {
                at += references_.expand_one(raw.substr(at), value_);
            } else {
                value_.push_back(spaced[at]);
                ++at;
            }
        }
        return memory_.copy(value_);
    }

    void open(std::string_view name, bool self_closing, const char* start)
    {
        if (open_.empty() && seen_root_)
            note(start, "there is a second root element", "read on");
        if (open_.size() >= limit_.depth) {
            if (!too_deep_)
                problems_.note(problem_kind::limit, offset_of(start), "elements are nested too deeply",
                               "the deepest were left out, their text kept");
            too_deep_ = true;
            return;
        }
        const bool declares = declare_namespaces();
        take_attributes(start);
        seen_root_ = true;
        const name_meaning meaning = scope_.element(name);
        if (const std::size_t level = sink_.ends_at(meaning); level < open_.size()) {
            note(start, "\"<*>\" stands within a text", "what was open before it was closed", name);
            close_down_to(level);
        }
        if (!meaning.declared)
            problems_.note(problem_kind::undeclared_prefix, offset_of(start), "the prefix of \"*\" is not declared",
                           "taken in its usual meaning", name);
        sink_.start(meaning, attributes_, open_.size());
        open_.push_back({name, meaning.local, declares});
        if (self_closing)
            close_last();
    }

    bool declare_namespaces()
    {
        bool any = false;
        for (const raw_attribute& each : raw_attributes_) {
            if (each.name.substr(0, 5) != "xmlns" || (each.name.size() > 5 && each.name[5] != ':'))
                continue;
            const std::string_view prefix = each.name.size() > 6 ? each.name.substr(6) : std::string_view();
            scope_.declare(prefix, each.value, open_.size() + 1);
            sink_.declare(prefix, each.value);
            if (each.value.find_first_of(" \n\t") != nowhere)
                note(each.name.data(), "the address of a namespace has blanks in it", "taken as it is");
            any = true;
        }
        return any;
    }

    void take_attributes(const char* start)
    {
        bool duplicate = false;
        bool declared = true;
        for (const raw_attribute& each : raw_attributes_) {
            if (each.name.substr(0, 6) == "xmlns:") {
                if (each.value == "http://www.w3.org/1999/xlink") // SVG within a text needs it
                    attributes_.push_back({"xmlns:xlink", each.value});
                continue;
            }
            const std::string_view name = scope_.attribute(each.name, declared);
            attributes_.push_back({name, each.value});
        }
        for (std::size_t i = 1; i < raw_attributes_.size() && !duplicate; ++i)
            for (std::size_t j = 0; j < i && !duplicate; ++j)
                duplicate = raw_attributes_[i].name == raw_attributes_[j].name;
        if (duplicate)
            note(start, "an element has one attribute twice", "the first one counts");
        if (!declared)
            problems_.note(problem_kind::undeclared_prefix, offset_of(start),
                           "the prefix of an attribute is not declared", "taken in its usual meaning");
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    Sink& sink_;
    arena& memory_;
    problem_log& problems_;
    const limits& limit_;
    scope scope_;
    entity_declarations entities_;
    reference_expander references_;
    std::vector<open_element> open_;
    std::vector<raw_attribute> raw_attributes_;
    std::vector<xml_attribute> attributes_;
    std::string scratch_;
    std::string value_;
    std::size_t offset_ = 0; // of `begin_` in the document
    bool prolog_read_ = false;
    bool seen_root_ = false;
    bool too_deep_ = false;
    // Ends that were searched for once in vain: none follows, and the search is not made again.
    bool no_instruction_end_ = false;
    bool no_comment_end_ = false;
    bool no_cdata_end_ = false;
    bool no_double_quote_ = false;
    bool no_single_quote_ = false;
};

} // namespace feed::detail
