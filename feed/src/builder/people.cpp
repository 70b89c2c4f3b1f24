#include "builder/builder.hpp"

#include "text/ascii.hpp"

// Authors, contributors, publishers: in parts, or all in one line.
namespace feed::detail {

namespace {

bool is_empty(const person& who) noexcept
{
    return who.name.data() == nullptr && who.email.data() == nullptr && who.uri.data() == nullptr;
}

std::string_view display(arena& memory, const person& who)
{
    if (!who.name.empty() && !who.email.empty())
        return memory.copy(std::string(who.name) + " (" + std::string(who.email) + ")");
    return !who.name.empty() ? who.name : who.email;
}

bool is_mailbox_character(char c) noexcept { return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '+'; }

// The address within `text`: a mailbox, an `@`, a host with a dot, a `?subject=` after it. Empty if there is none.
std::string_view find_mail_address(std::string_view text) noexcept
{
    for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        std::size_t start = at;
        while (start > 0 && is_mailbox_character(text[start - 1]))
            --start;
        std::size_t end = at + 1;
        std::size_t last_dot = std::string_view::npos;
        while (end < text.size() && (is_alnum(text[end]) || text[end] == '-' || text[end] == '.')) {
            if (text[end] == '.' && end + 1 < text.size() && is_alnum(text[end + 1]))
                last_dot = end;
            ++end;
        }
        while (end > at && !is_alnum(text[end - 1]))
            --end;
        if (start == at || last_dot == std::string_view::npos || end < last_dot + 3)
            continue;
        if (text.substr(end, 9) == "?subject=")
            while (end < text.size() && !is_space(text[end]))
                ++end;
        return text.substr(start, end - start);
    }
    return {};
}

void erase_all(std::string& text, std::string_view part)
{
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at))
        text.erase(at, part.size());
}

} // namespace

bool builder::start_person(frame& top, const std::vector<xml_attribute>& attributes)
{
    switch (top.kind) {
    case tag::author:
        in_author_ = top.collects = true;
        list_access::append(memory_, current().authors, person{});
        if (top.meaning.prefix == "itunes")
            keep_in_tree(top, attributes);
        return true;
    case tag::contributor:
        in_contributor_ = true;
        list_access::append(memory_, current().contributors, person{});
        return true;
    case tag::dc_contributor:
        in_contributor_ = top.collects = true;
        list_access::append(memory_, current().contributors, person{});
        return true;
    case tag::itunes_owner:
        in_publisher_ = true;
        keep_in_tree(top, attributes);
        return true;
    default:
        return false;
    }
}

void builder::end_person(frame& top)
{
    metadata& of = current();
    switch (top.kind) {
    case tag::author: {
        const std::string_view value = value_of(top);
        in_author_ = false;
        of.author = value;
        if (of.podcast != nullptr)
            marks_of(of).owner = {};
        sync_author(of);
        shown_ = of.authors.empty() ? person{} : of.authors.back();
        return;
    }
    case tag::contributor:
        in_contributor_ = false;
        return;
    case tag::dc_contributor:
        save_author(&person::name, value_of(top), false);
        in_contributor_ = false;
        return;
    case tag::itunes_owner:
        in_publisher_ = false;
        return sync_publisher(of);
    case tag::webmaster:
        of.publisher = value_of(top);
        return sync_publisher(of);
    case tag::name:
        if (in_text_input_ && text_input_ != nullptr && !in_author_)
            text_input_->name = value_of(top);
        else
            save_author(&person::name, value_of(top), in_publisher_);
        return;
    case tag::email:
        return save_author(&person::email, value_of(top), in_publisher_);
    default: {
        const std::string_view value = resolve(value_of(top));
        if (in_image_ && !in_author_)
            picture().href = value;
        else
            save_author(&person::uri, value, false);
        return;
    }
    }
}

void builder::save_author(std::string_view person::*member, std::string_view value, bool publisher)
{
    metadata& of = current();
    if (!publisher && in_contributor_ && !in_author_) {
        if (!of.contributors.empty())
            list_access::back(of.contributors).*member = value;
        return;
    }
    if (publisher) {
        // What the shape of feedparser calls the author is the owner as known when the next thing is said of him.
        if (const std::string_view shown = display(memory_, shown_); !shown.empty())
            marks_of(of).owner = shown;
        shown_.*member = value;
        of.publisher_detail.*member = value;
        return;
    }
    if (!in_author_)
        return;
    of.author_detail.*member = value;
    if (of.authors.empty())
        list_access::append(memory_, of.authors, person{});
    list_access::back(of.authors).*member = value;
    sync_author(of);
}

void builder::sync_author(metadata& of)
{
    person nobody;
    person& last = of.authors.empty() ? nobody : list_access::back(of.authors);
    if (!is_empty(last)) {
        if (const std::string_view shown = display(memory_, last); !shown.empty())
            of.author = shown;
        return;
    }
    read_person(of.author, last);
    if (!is_empty(last) && is_empty(of.author_detail))
        of.author_detail = last;
}

void builder::sync_publisher(metadata& of)
{
    if (of.publisher.empty()) {
        if (!is_empty(of.publisher_detail))
            of.publisher = display(memory_, of.publisher_detail);
        return;
    }
    person read;
    read_person(of.publisher, read);
    if (is_empty(of.publisher_detail))
        of.publisher_detail = read;
}

// `me@example.com (Example editor)`, `Example editor <me@example.com>`, and the like.
void builder::read_person(std::string_view text, person& into)
{
    if (text.empty())
        return;
    constexpr std::size_t longest = 4096;
    const std::string_view email = find_mail_address(text.substr(0, longest));
    if (email.empty()) {
        into.name = text;
        return;
    }
    into.email = email;
    std::string name(text);
    for (const std::string_view part :
         {email, std::string_view("()"), std::string_view("<>"), std::string_view("&lt;&gt;")})
        erase_all(name, part);
    std::string_view rest = trim(name);
    if (!rest.empty() && rest.front() == '(')
        rest.remove_prefix(1);
    if (!rest.empty() && rest.back() == ')')
        rest.remove_suffix(1);
    if (rest = trim(rest); !rest.empty())
        into.name = memory_.copy(rest);
}

} // namespace feed::detail
