#include "builder.hpp"

#include "html/sanitiser.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "uri.hpp"

#include <algorithm>

// Where values go, and what has to be done to them first.
namespace feed::detail {

builder::builder(document& result, arena& memory, problem_log& problems, const options& how) :
    result_(result), memory_(memory), problems_(problems), how_(how)
{
    const std::string located =
        how.content_location.empty() ? std::string() : resolve_uri(how.base_uri, how.content_location);
    base_ = memory_.copy(!located.empty() && is_safe_uri(located) ? std::string_view(located) : how.base_uri);
    if (!how.content_language.empty()) {
        language_ = memory_.copy(how.content_language);
        result_.language = language_;
    }
}

metadata& builder::current() noexcept
{
    if (in_source_)
        return source_;
    if (in_entry_)
        return *entry_;
    return result_;
}

channel& builder::current_channel() noexcept { return in_source_ ? source_ : static_cast<channel&>(result_); }

std::array<builder::mark, builder::field_count>& builder::marks() noexcept
{
    return in_source_ ? source_marks_ : in_entry_ ? entry_marks_ : feed_marks_;
}

feed::image& builder::picture()
{
    metadata& of = current();
    if (image_ == nullptr || of.picture != image_) {
        image_ = memory_.create(of.picture ? *of.picture : feed::image{});
        of.picture = image_;
    }
    return *image_;
}

feed::media& builder::media_of(metadata& of)
{
    if (of.media == nullptr)
        of.media = memory_.create(feed::media{});
    return const_cast<feed::media&>(*of.media); // NOLINT: the arena's; constant only for those who read the document
}

podcast_marks& builder::marks_of(metadata& of)
{
    if (of.podcast == nullptr)
        of.podcast = memory_.create(podcast_marks{});
    return const_cast<podcast_marks&>(*of.podcast); // NOLINT: as above
}

// Text that lies in the document as it is needs no look if the whole document has nothing to mend.
bool builder::may_need_mending(const frame& top) const noexcept { return foreign_ || top.base64; }

// The text of an element as it stands, in memory that lasts.
std::string_view builder::stable(const frame& top)
{
    if (!top.buffered)
        return top.view.data() != nullptr ? trim_unicode(top.view) : std::string_view("");
    return memory_.copy(trim_unicode(top.buffer));
}

std::string_view builder::value_of(frame& top)
{
    if (!top.collects)
        return "";
    std::string_view value = stable(top);
    if (may_need_mending(top) && mend_characters(value, scratch_))
        value = memory_.copy(scratch_);
    if (value.size() > how_.limit.text)
        value = value.substr(0, how_.limit.text);
    return value;
}

feed::text builder::construct_of(frame& top)
{
    std::string_view raw = top.buffered ? std::string_view(top.buffer) : top.view;
    if (result_.format == format::atom10 && top.markup && top.shape.divs_end && !top.shape.more)
        raw = raw.substr(top.shape.div_start, top.shape.div_end - top.shape.div_start);
    raw = trim_unicode(raw);
    if (raw.size() > how_.limit.text) {
        problems_.note_whole(problem_kind::limit, "a text is too long", "its end was cut off");
        raw = raw.substr(0, how_.limit.text);
    }
    bool lasting = !top.buffered;
    if (top.base64 && decode_base64(raw, scratch_)) {
        top.buffer = scratch_;
        raw = top.buffer;
        lasting = false;
    }
    const bool atom = short_name(result_.format).substr(0, 4) == "atom";
    if (!atom && top.type == "text/plain" && looks_like_html(raw))
        top.type = "text/html";
    std::string made;
    if (is_markup_type(top.type) && (how_.sanitise || how_.resolve_markup)) {
        clean_markup(
            raw,
            {how_.markup, how_.resolve_markup ? base_ : std::string_view(), top.type != "text/html", how_.sanitise},
            made);
        if (made != raw) {
            top.buffer.swap(made);
            raw = top.buffer;
            lasting = false;
        }
    }
    if (may_need_mending(top) && mend_characters(raw, made)) {
        top.buffer.swap(made);
        raw = top.buffer;
        lasting = false;
    }
    feed::text value;
    value.value = lasting && raw.data() != nullptr ? raw : memory_.copy(raw);
    value.type = classify(top.type);
    static constexpr std::string_view usual[] = {"text/plain", "text/html", "application/xhtml+xml"};
    const auto* const known = std::find(std::begin(usual), std::end(usual), top.type);
    value.origin = origin_of(known != std::end(usual) ? *known : memory_.copy(top.type),
                             top.source.empty() ? top.source : resolve(top.source));
    return value;
}

// Neighbours mostly have the same origin: one for each kind of text is remembered.
const text_origin* builder::origin_of(std::string_view media_type, std::string_view source)
{
    const text_origin made{media_type, language_.empty() ? std::string_view() : language_, base_, source};
    const text_origin*& last = origins_[media_type == "text/plain" ? 0 : media_type == "text/html" ? 1 : 2];
    if (last == nullptr || last->media_type != media_type || last->language.data() != made.language.data() ||
        last->base.data() != made.base.data() || last->source.data() != source.data())
        last = memory_.create(made);
    return last;
}

std::string_view builder::resolve(std::string_view uri)
{
    if (uri.empty())
        return uri.data() != nullptr ? uri : std::string_view("");
    if (is_plainly_absolute(uri))
        return uri;
    const std::string resolved = resolve_uri(base_, uri);
    if (is_script_uri(resolved))
        return "";
    return resolved == uri ? uri : memory_.copy(resolved);
}

void builder::store_title(const frame& top, const feed::text& value)
{
    if (title_depth_ != 0 && title_depth_ <= depth_) {
        if (!top.weak && !value.value.empty() && marks()[title_field].weak)
            store_text(title_field, top, value); // the real one, after one of an extension
        return;
    }
    store_text(title_field, top, value);
    if (!value.value.empty() && !top.weak)
        title_depth_ = depth_;
}

// Of several the outermost and, there, the last one counts; what an extension says only fills a gap.
void builder::store_text(field which, const frame& top, const feed::text& value)
{
    static constexpr feed::text metadata::*places[] = {&metadata::title, &metadata::subtitle, &metadata::summary,
                                                       &metadata::rights, &metadata::info};
    if (in_image_ && !in_source_) {
        (which == title_field ? picture().title : picture().description) = value.value;
        return;
    }
    if (in_text_input_ && !in_source_) {
        (which == title_field ? text_input_->title : text_input_->description) = value.value;
        return;
    }
    mark& known = marks()[which];
    feed::text& place = current().*places[which];
    const bool first = !place;
    if (!first && top.weak && !known.weak) {
        if (which == summary_field && has_content_ && !value.value.empty() && depth_ <= known.depth)
            current().other_summary = value;
        return;
    }
    const bool keeps_outer = in_entry_ && !in_source_ && known.depth != 0 && depth_ > known.depth;
    if (!first && keeps_outer && !(known.weak && !top.weak))
        return;
    place = value;
    known = {depth_, top.weak, false};
}

void builder::add_content(const feed::text& value)
{
    metadata& of = current();
    if (has_room(of.content.size()))
        list_access::append(memory_, of.content, value);
    if (!of.summary && in_entry_ && (value.type != text_type::other)) {
        of.summary = value;
        marks()[summary_field] = {0, true, true};
    }
}

void builder::add_category(std::string_view term, std::string_view scheme, std::string_view label)
{
    if (term.empty() && scheme.empty() && label.empty())
        return;
    list<category>& into = current().categories;
    constexpr std::size_t compared = 64; // repeated ones are near each other, if there are any
    const std::size_t from = into.size() > compared ? into.size() - compared : 0;
    for (std::size_t i = from; i < into.size(); ++i)
        if (into[i].term == term && into[i].scheme == scheme && into[i].label == label)
            return;
    if (has_room(into.size()))
        list_access::append(memory_, into, category{term, scheme, label});
}

void builder::add_link(const feed::link& value)
{
    list<feed::link>& into = current().links;
    if (has_room(into.size()))
        list_access::append(memory_, into, value);
}

// ---- people

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

} // namespace

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

namespace {

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

void builder::finish()
{
    const auto seconds = [](std::string_view period) -> std::int64_t {
        constexpr std::int64_t day = 86'400;
        if (equal_ignoring_case(period, "hourly"))
            return 3600;
        if (equal_ignoring_case(period, "daily"))
            return day;
        if (equal_ignoring_case(period, "weekly"))
            return 7 * day;
        if (equal_ignoring_case(period, "monthly"))
            return 30 * day;
        return equal_ignoring_case(period, "yearly") ? 365 * day : 0;
    };
    // A feed of podcasts that has a summary says its long text there, and in a line what it is in the subtitle.
    if (itunes_subtitle_ && result_.summary && descriptions_ < 2)
        result_.subtitle = itunes_subtitle_;
    const std::int64_t period = period_.empty() ? (frequency_ > 1 ? 86'400 : 0) : seconds(period_);
    if (period != 0)
        result_.schedule.update_period =
            std::chrono::seconds(static_cast<std::int64_t>(static_cast<double>(period) / frequency_));
}

} // namespace feed::detail
