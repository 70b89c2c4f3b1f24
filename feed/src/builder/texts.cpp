#include "builder/builder.hpp"

#include "html/policy.hpp"
#include "html/sanitiser.hpp"
#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <algorithm>

// Titles, descriptions, contents: texts that may be markup, written out or escaped, with a language and a base.
namespace feed::detail {

// Some write markup where only text is allowed, and forget to escape it.
bool builder::holds_naked_markup(const frame& top, const name_meaning& meaning) noexcept
{
    const bool simple = top.kind == tag::category || top.kind == tag::generator || top.kind == tag::name ||
                        top.kind == tag::keywords || (top.kind == tag::author && meaning.kind == tag::unknown);
    return simple && top.collects && meaning.kind == tag::unknown && meaning.prefix.empty() &&
           is_compatible_element(meaning.local);
}

// An element within a text is markup: it is written down again, as part of the text.
void builder::start_inline(const name_meaning& meaning, const std::vector<xml_attribute>& attributes)
{
    frame& top = frames_[content_ - 1];
    const bool xml = top.type.size() >= 3 && top.type.substr(top.type.size() - 3) == "xml";
    if (!xml) {
        if (meaning.local == "div") // some put a div around text that is escaped all the same
            return;
        top.type = "application/xhtml+xml";
    }
    if (!top.markup) { // from here on the text is markup: what was text so far is escaped
        std::string so_far;
        append_escaped(so_far, top.buffered ? std::string_view(top.buffer) : top.view);
        if (!trim(so_far).empty())
            top.shape.more = true;
        top.buffer = std::move(so_far);
        top.buffered = top.markup = true;
    }
    top.buffer.push_back('<');
    top.buffer.append(meaning.local);
    if (meaning.where == space::svg && meaning.local == "svg")
        top.buffer.append(" xmlns=\"http://www.w3.org/2000/svg\"");
    if (meaning.where == space::mathml && meaning.local == "math")
        top.buffer.append(" xmlns=\"http://www.w3.org/1998/Math/MathML\"");
    for (const xml_attribute& each : attributes) {
        if (each.name == "xmlns")
            continue;
        top.buffer.append(" ").append(each.name).append("=\"");
        append_escaped_attribute(top.buffer, each.value);
        top.buffer.push_back('"');
    }
    top.buffer.push_back('>');
    if (top.inner == 1) {
        if (meaning.local == "div" && !top.shape.starts_with_div && !top.shape.more) {
            top.shape.starts_with_div = true;
            top.shape.div_start = top.buffer.size();
        } else {
            top.shape.more = true;
        }
    }
}

void builder::end_inline(std::string_view name)
{
    frame& top = frames_[content_ - 1];
    --top.inner;
    const bool xml = top.type.size() >= 3 && top.type.substr(top.type.size() - 3) == "xml";
    if (!xml || !top.markup)
        return;
    if (top.inner == 0 && top.shape.starts_with_div && !top.shape.divs_end) {
        top.shape.divs_end = true;
        top.shape.div_end = top.buffer.size();
    }
    top.buffer.append("</").append(name).push_back('>');
}

bool builder::start_text(frame& top, const std::vector<xml_attribute>& attributes)
{
    switch (top.kind) {
    case tag::media_title:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::title:
        start_content(top, tag::title, attributes, "text/plain");
        top.collects = open_to_text();
        return true;
    case tag::itunes_subtitle:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::subtitle:
        start_content(top, tag::subtitle, attributes, "text/plain");
        return true;
    case tag::rights:
        start_content(top, tag::rights, attributes, "text/plain");
        return true;
    case tag::info:
        start_content(top, tag::info, attributes, "text/plain");
        return true;
    case tag::media_description:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::description:
        start_description(top, attributes, "text/html");
        return true;
    case tag::abstract:
        start_content(top, tag::description, attributes, "text/plain");
        top.collects = open_to_text();
        return true;
    case tag::itunes_summary:
        top.weak = true;
        keep_in_tree(top, attributes);
        [[fallthrough]];
    case tag::summary:
        if (current().summary && !has_content_)
            start_content(top, tag::content, attributes, "text/plain");
        else
            start_content(top, tag::summary, attributes, "text/plain");
        return true;
    case tag::content:
        start_content(top, tag::content, attributes, "text/plain");
        top.source = find_attribute(attributes, "src");
        return true;
    case tag::content_encoded:
        start_content(top, tag::content, attributes, "text/html");
        return true;
    case tag::body:
    case tag::xhtml_body:
        if (!open_to_text())
            return true; // a page around the feed
        start_content(top, tag::content, attributes, "application/xhtml+xml");
        return true;
    default:
        return false;
    }
}

// A description beside a summary is the content: so feeds that have both mean it.
void builder::start_description(frame& top, const std::vector<xml_attribute>& attributes, std::string_view type)
{
    if (&current() == &result_ && !in_image_ && !in_text_input_)
        descriptions_ = std::min(descriptions_ + 1, 2);
    if (in_entry_ && !in_source_ && current().summary && !has_content_) {
        start_content(top, tag::content, attributes, "text/plain");
        return;
    }
    start_content(top, tag::description, attributes, type);
    top.collects = open_to_text();
}

void builder::start_content(frame& top, tag role, const std::vector<xml_attribute>& attributes, std::string_view type)
{
    if (role == tag::content && top.kind != tag::body && top.kind != tag::xhtml_body)
        has_content_ = true;
    top.collects = top.content = true;
    top.role = role;
    const std::string_view given = find_attribute(attributes, "type");
    if (given.data() == nullptr)
        top.type.assign(type);
    else
        top.type = expand_media_type(given);
    const auto ends_with = [&](std::string_view tail) {
        return top.type.size() >= tail.size() && top.type.substr(top.type.size() - tail.size()) == tail;
    };
    top.markup = top.buffered = top.type == "application/xhtml+xml"; // what is text in it is escaped from the start
    if (top.markup)
        top.buffer.clear();
    top.base64 = equal_ignoring_case(find_attribute(attributes, "mode"), "base64") ||
                 (top.type.substr(0, 5) != "text/" && !ends_with("+xml") && !ends_with("/xml"));
    // Other XML: its own text is the value, its elements go into the tree of extensions.
    if (!top.markup && !top.base64 && (ends_with("+xml") || ends_with("/xml"))) {
        keep_in_tree(top, attributes);
        foreign_depth_ = depth_;
        return;
    }
    content_ = depth_;
    text_level_ = level_;
}

void builder::end_text(frame& top)
{
    if (!top.collects)
        return;
    const feed::text value = construct_of(top);
    switch (top.role) {
    case tag::title:
        return store_title(top, value);
    case tag::subtitle:
        if (top.weak && !in_entry_ && !in_source_ && !value.value.empty())
            itunes_subtitle_ = value;
        return store_text(subtitle_field, top, value);
    case tag::rights:
        return store_text(rights_field, top, value);
    case tag::info:
        return store_text(info_field, top, value);
    case tag::summary:
        return store_text(summary_field, top, value);
    case tag::description:
        return store_text(in_entry_ && !in_source_ ? summary_field : subtitle_field, top, value);
    default:
        return add_content(value);
    }
}

feed::text builder::construct_of(frame& top)
{
    std::string_view raw = top.buffered ? std::string_view(top.buffer) : top.view;
    if (result_.format == format::atom10 && top.markup && top.shape.divs_end && !top.shape.more)
        raw = raw.substr(top.shape.div_start, top.shape.div_end - top.shape.div_start);
    raw = trim_unicode(raw);
    if (raw.size() > how_.limit.text) {
        problems_.note_whole(problem_kind::limit, "a text is too long", "its end was cut off");
        raw = cut_utf8(raw, how_.limit.text);
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
    else if (top.type == "text/html" && only_looks_like_html(raw))
        top.type = "text/plain";
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

} // namespace feed::detail
