#include "builder/builder.hpp"

#include "text/ascii.hpp"
#include "text/utf8.hpp"
#include "uri.hpp"

namespace feed::detail {

std::string_view find_attribute(const std::vector<xml_attribute>& attributes, std::string_view name) noexcept
{
    for (const xml_attribute& each : attributes)
        if (each.name == name)
            return each.value;
    return {};
}

std::string_view find_address(const std::vector<xml_attribute>& attributes) noexcept
{
    for (const std::string_view name : {"url", "uri", "href"})
        if (const std::string_view value = find_attribute(attributes, name); !value.empty())
            return value;
    return {};
}

std::string_view with_default(std::string_view value, std::string_view otherwise) noexcept
{
    return value.data() != nullptr ? value : otherwise;
}

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

void builder::start(const name_meaning& meaning, const std::vector<xml_attribute>& attributes, std::size_t level)
{
    if (content_ != 0) {
        ++frames_[content_ - 1].inner;
        start_inline(meaning, attributes);
        return;
    }
    level_ = level;
    if (depth_ != 0 && holds_naked_markup(frames_[depth_ - 1], meaning)) {
        content_ = depth_;
        frames_[depth_ - 1].type = "application/xhtml+xml";
        frames_[depth_ - 1].inner = 1;
        start_inline(meaning, attributes);
        return;
    }
    if (depth_ == frames_.size())
        frames_.emplace_back();
    frame& top = frames_[depth_++];
    top.kind = meaning.kind;
    top.meaning = meaning;
    top.collects = top.content = top.generic = top.buffered = top.base64 = top.markup = top.weak = false;
    top.inner = 0;
    top.view = {};
    top.source = {};
    top.attributes = {};
    top.children = {};
    top.shape = {};
    top.base = base_;
    top.language = language_;
    inherit(top, attributes);
    if (foreign_depth_ != 0) { // within a content of some other XML: nothing in it means anything here
        top.kind = tag::unknown;
        top.collects = true;
        keep_in_tree(top, attributes);
        return;
    }
    dispatch_start(top, attributes);
}

// An entry that starts within a text: the text was not closed, nor, if it is one of an entry, was that. So with the
// feed itself, where none has begun.
std::size_t builder::ends_at(const name_meaning& meaning) const noexcept
{
    if (content_ == 0 || meaning.where != space::core)
        return std::string_view::npos;
    const bool root = meaning.kind == tag::rss || meaning.kind == tag::feed;
    if (meaning.kind != tag::item && (!root || result_.format != format::none))
        return std::string_view::npos;
    return in_entry_ ? entry_level_ : text_level_;
}

// Takes xml:base and xml:lang; what was in force before is kept in the frame.
void builder::inherit(frame& top, const std::vector<xml_attribute>& attributes)
{
    top.inherits = false;
    for (const xml_attribute& each : attributes) {
        if (each.name == "xml:base" || (each.name == "base" && find_attribute(attributes, "xml:base").empty())) {
            if (each.value.empty())
                continue;
            const std::string resolved = resolve_uri(base_, each.value);
            if (is_safe_uri(resolved))
                base_ = memory_.copy(resolved);
            top.inherits = true;
        } else if (each.name == "xml:lang" ||
                   (each.name == "lang" && find_attribute(attributes, "xml:lang").data() == nullptr)) {
            language_ = each.value;
            if (language_.find('_') != std::string_view::npos) {
                std::string dashed(language_);
                std::replace(dashed.begin(), dashed.end(), '_', '-');
                language_ = memory_.copy(dashed);
            }
            top.inherits = true;
            if (!language_.empty() && (top.kind == tag::feed || top.kind == tag::rss || top.kind == tag::rdf))
                result_.language = language_;
        }
    }
}

void builder::text(std::string_view piece, bool stable)
{
    if (depth_ == 0)
        return;
    frame& top = content_ != 0 ? frames_[content_ - 1] : frames_[depth_ - 1];
    if (!top.collects)
        return;
    if (top.markup) {
        append_escaped(top.buffer, piece);
        if (top.inner == 0 && !trim(piece).empty())
            top.shape.more = true;
        return;
    }
    if (!top.buffered && top.view.empty() && stable) {
        top.view = piece;
        return;
    }
    if (!top.buffered) {
        top.buffer.assign(top.view);
        top.buffered = true;
    }
    top.buffer.append(piece);
}

void builder::end(std::string_view name)
{
    if (content_ != 0 && frames_[content_ - 1].inner != 0) {
        end_inline(name);
        return;
    }
    if (depth_ == 0)
        return;
    frame& top = frames_[depth_ - 1];
    content_ = 0;
    top.inner = 0;
    if (depth_ == foreign_depth_)
        foreign_depth_ = 0;
    dispatch_end(top);
    if (top.generic)
        end_unknown(top);
    base_ = top.base;
    language_ = top.language;
    --depth_;
}

void builder::dispatch_start(frame& top, const std::vector<xml_attribute>& attributes)
{
    if (top.kind != tag::unknown && top.kind != tag::typed &&
        (start_frame_of_feed(top, attributes) || start_text(top, attributes) || start_person(top, attributes) ||
         start_reference(top, attributes) || start_value(top, attributes) || start_extension(top, attributes) ||
         start_geometry(top, attributes) || start_chapter(top, attributes) || start_media(top, attributes)))
        return;
    top.collects = true;
    keep_in_tree(top, attributes);
}

void builder::dispatch_end(frame& top)
{
    if (top.content) {
        end_text(top);
        return;
    }
    switch (top.kind) {
    case tag::rss:
    case tag::rdf:
    case tag::feed:
    case tag::channel:
    case tag::item:
    case tag::source:
    case tag::image:
    case tag::textinput:
    case tag::psc_chapters:
        return end_frame_of_feed(top);
    case tag::author:
    case tag::contributor:
    case tag::dc_contributor:
    case tag::itunes_owner:
    case tag::name:
    case tag::uri:
    case tag::email:
    case tag::webmaster:
        return end_person(top);
    case tag::published:
    case tag::updated:
    case tag::created:
    case tag::expired:
        return end_date(top);
    case tag::link:
        return top.collects ? end_link(top) : void();
    case tag::id:
        return end_id(top);
    case tag::category:
    case tag::keywords:
    case tag::itunes_category:
    case tag::media_category:
        return end_category(top);
    case tag::tags:
    case tag::media_keywords:
        return end_keywords(top, {});
    case tag::itunes_keywords:
        return end_keywords(top, "http://www.itunes.com/");
    case tag::media_content:
    case tag::media_thumbnail:
    case tag::media_credit:
    case tag::media_player:
    case tag::media_rating:
    case tag::media_restriction:
    case tag::media_license:
        return end_media(top);
    case tag::geo_point:
    case tag::geo_line:
    case tag::geo_polygon:
    case tag::geo_box:
    case tag::gml_pos:
    case tag::gml_poslist:
        return end_geometry(top);
    case tag::ttl:
    case tag::skiphours:
    case tag::skipdays:
    case tag::sy_period:
    case tag::sy_frequency:
        return end_schedule(top);
    default:
        return end_value(top);
    }
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
        value = cut_utf8(value, how_.limit.text);
    return value;
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

void builder::finish()
{
    // A feed of podcasts that has a summary says its long text there, and in a line what it is in the subtitle.
    if (itunes_subtitle_ && result_.summary && descriptions_ < 2)
        result_.subtitle = itunes_subtitle_;
    finish_schedule();
}

} // namespace feed::detail
