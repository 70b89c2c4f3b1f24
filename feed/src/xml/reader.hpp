#pragma once

#include "problems.hpp"
#include "text/ascii.hpp"
#include "xml/attributes.hpp"
#include "xml/doctype.hpp"
#include "xml/place_notes.hpp"
#include "xml/references.hpp"
#include "xml/scope.hpp"
#include "xml/syntax.hpp"
#include "xml/whole.hpp"

#include <feed/options.hpp>

#include <algorithm>
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
        begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), sink_(sink), limit_(limit),
        scope_(memory), entities_(limit.expansion), notes_(problems, text.data()), references_(entities_, notes_),
        tags_(memory, notes_, references_, limit)
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
            if (mark == end_ || !is_whole_markup({mark, static_cast<std::size_t>(end_ - mark)}))
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
        notes_.move_to(begin_, offset);
    }

    // The next `<`: behind the blanks that most texts are, or further on.
    [[nodiscard]] const char* find_markup() const noexcept
    {
        const char* const mark = skip_spaces(at_, end_);
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

    const char* find(char c, const char* from) const noexcept { return find_character(c, from, end_); }

    [[nodiscard]] std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    void note(const char* place, std::string_view what, std::string_view done, std::string_view about = {})
    {
        notes_.note(place, what, done, about);
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
        notes_.set_place(start);
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
        const char* const after = skip_name(at_ + 1, end_);
        const std::string_view name(start + 1, static_cast<std::size_t>(after - start) - 1);
        if (is_address(name, after, end_)) {
            take_literal_bracket();
            return;
        }
        at_ = after;
        using ending = attribute_reader::ending;
        const ending found = tags_.read(at_, end_);
        if (found == ending::cut)
            note(start, "it ends within a tag", "the tag was left out");
        if (found == ending::cut || (found == ending::bracket && !ends_at_bracket(start)))
            return;
        if (name.size() > limit_.name) {
            note(start, "the name of an element is too long", "the element was left out");
            return;
        }
        if (!is_valid_name(name))
            note(start, "\"*\" is no name of an element", "taken as it is", name);
        open(name, found == ending::empty_tag, start);
    }

    // A `<` within a tag: either the tag was never closed, or there was none, only text with a `<` in it.
    bool ends_at_bracket(const char* start)
    {
        if (!tags_.all().empty() && tags_.all().back().has_value) {
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

    void open(std::string_view name, bool self_closing, const char* start)
    {
        if (open_.empty() && seen_root_)
            note(start, "there is a second root element", "read on");
        if (open_.size() >= limit_.depth) {
            if (!too_deep_)
                notes_.note(problem_kind::limit, start, "elements are nested too deeply",
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
            notes_.note(problem_kind::undeclared_prefix, start, "the prefix of \"*\" is not declared",
                        "taken in its usual meaning", name);
        sink_.start(meaning, attributes_, open_.size());
        open_.push_back({name, meaning.local, declares});
        if (self_closing)
            close_last();
    }

    bool declare_namespaces()
    {
        bool any = false;
        for (const auto& each : tags_.all()) {
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
        attributes_.clear();
        bool declared = true;
        for (const auto& each : tags_.all()) {
            if (each.name.substr(0, 6) == "xmlns:") {
                if (each.value == "http://www.w3.org/1999/xlink") // SVG within a text needs it
                    attributes_.push_back({"xmlns:xlink", each.value});
                continue;
            }
            const std::string_view name = scope_.attribute(each.name, declared);
            attributes_.push_back({name, each.value});
        }
        if (tags_.has_twice())
            note(start, "an element has one attribute twice", "the first one counts");
        if (!declared)
            notes_.note(problem_kind::undeclared_prefix, start, "the prefix of an attribute is not declared",
                        "taken in its usual meaning");
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    Sink& sink_;
    const limits& limit_;
    scope scope_;
    entity_declarations entities_;
    place_notes notes_;
    reference_expander references_;
    attribute_reader tags_;
    std::vector<open_element> open_;
    std::vector<xml_attribute> attributes_;
    std::string scratch_;
    bool prolog_read_ = false;
    bool seen_root_ = false;
    bool too_deep_ = false;
    // Ends that were searched for once in vain: none follows, and the search is not made again.
    bool no_instruction_end_ = false;
    bool no_comment_end_ = false;
    bool no_cdata_end_ = false;
};

} // namespace feed::detail
