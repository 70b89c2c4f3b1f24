#pragma once

#include "arena.hpp"
#include "problems.hpp"
#include "text/content.hpp"
#include "xml/reader.hpp"

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feed::detail {

/// Makes a document of the elements of RSS, Atom and CDF as the tokenizer finds them.
///
/// The formats are read as one: feeds mix them freely, and an element of a name means the same in all of them. An
/// element whose text matters has a `frame` while it is open; the text goes where `finish` puts it when it closes. What
/// has no meaning here becomes an `element` of the tree of extensions.
class builder {
public:
    builder(document& result, arena& memory, problem_log& problems, const options& how);

    // What the tokenizer calls.
    void start(const name_meaning& meaning, const std::vector<xml_attribute>& attributes, std::size_t depth);
    void end(std::string_view name);
    void text(std::string_view piece, bool stable);
    void declare(std::string_view prefix, std::string_view uri);
    [[nodiscard]] std::size_t ends_at(const name_meaning& meaning) const noexcept;

    /// Says whether texts may hold characters that need mending: windows-1252 taken for controls, UTF-8 encoded twice.
    void distrust_characters(bool foreign) noexcept { foreign_ = foreign; }

    /// How many entries have ended.
    [[nodiscard]] std::size_t entries_ended() const noexcept
    {
        const std::size_t open = in_entry_ && entry_ != &spare_ ? 1 : 0;
        return result_.entries.size() - std::min(open, result_.entries.size());
    }

    /// To be called once, after the last element.
    void finish();

private:
    /// The texts that know where they came from, for those that come twice.
    enum field : std::uint8_t { title_field, subtitle_field, summary_field, rights_field, info_field, field_count };

    /// An open element.
    struct frame {
        tag kind = tag::unknown;
        name_meaning meaning;
        bool collects = false; ///< its text matters
        bool content = false;  ///< a text construct
        bool generic = false;  ///< it becomes an element of the tree
        bool inherits = false; ///< it has set base or language
        std::string_view base; ///< in force within it
        std::string_view language;
        // The text so far: one view while that is enough, else a copy.
        std::string_view view;
        std::string buffer;
        bool buffered = false;
        // Of a text construct.
        tag role = tag::unknown;
        std::string type;
        std::string_view source;
        bool base64 = false;
        bool markup = false;   ///< it has elements within
        bool weak = false;     ///< from an extension: it fills a gap, but takes no place
        std::size_t inner = 0; ///< open elements within
        markup_shape shape;
        // Of an element of the tree.
        list<attribute> attributes;
        list<element> children;
    };

    // builder.cpp
    void dispatch_start(frame& top, const std::vector<xml_attribute>& attributes);
    void dispatch_end(frame& top);
    void inherit(frame& top, const std::vector<xml_attribute>& attributes);
    [[nodiscard]] metadata& current() noexcept;
    [[nodiscard]] channel& current_channel() noexcept;
    [[nodiscard]] bool may_need_mending(const frame& top) const noexcept;
    [[nodiscard]] std::string_view stable(const frame& top);
    [[nodiscard]] std::string_view value_of(frame& top);
    [[nodiscard]] std::string_view resolve(std::string_view uri);
    [[nodiscard]] bool has_room(std::size_t size) const noexcept { return size < how_.limit.values; }
    [[nodiscard]] bool open_to_text() const noexcept
    {
        return in_feed_ || in_entry_ || in_source_ || in_image_ || in_text_input_;
    }

    // frames.cpp
    void forget_what_stood_before();
    bool start_frame_of_feed(frame& top, const std::vector<xml_attribute>& attributes);
    void start_rss(const std::vector<xml_attribute>& attributes);
    void start_feed(const std::vector<xml_attribute>& attributes);
    void start_item(const std::vector<xml_attribute>& attributes);
    void start_source(const std::vector<xml_attribute>& attributes);
    void take_cdf_attributes(const std::vector<xml_attribute>& attributes);
    void end_frame_of_feed(frame& top);
    void end_source(frame& top);

    // texts.cpp
    bool start_text(frame& top, const std::vector<xml_attribute>& attributes);
    void start_inline(const name_meaning& meaning, const std::vector<xml_attribute>& attributes);
    void start_description(frame& top, const std::vector<xml_attribute>& attributes, std::string_view type);
    void start_content(frame& top, tag role, const std::vector<xml_attribute>& attributes, std::string_view type);
    [[nodiscard]] static bool holds_naked_markup(const frame& top, const name_meaning& meaning) noexcept;
    void end_inline(std::string_view name);
    void end_text(frame& top);
    [[nodiscard]] feed::text construct_of(frame& top);
    [[nodiscard]] const text_origin* origin_of(std::string_view media_type, std::string_view source);
    void store_text(field which, const frame& top, const feed::text& value);
    void store_title(const frame& top, const feed::text& value);
    void add_content(const feed::text& value);

    // people.cpp
    bool start_person(frame& top, const std::vector<xml_attribute>& attributes);
    void end_person(frame& top);
    void save_author(std::string_view person::*member, std::string_view value, bool publisher);
    void sync_author(metadata& of);
    void sync_publisher(metadata& of);
    void read_person(std::string_view text, person& into);

    // links.cpp
    bool start_reference(frame& top, const std::vector<xml_attribute>& attributes);
    void start_link(frame& top, const std::vector<xml_attribute>& attributes);
    void start_enclosure(const std::vector<xml_attribute>& attributes);
    void start_category(frame& top, const std::vector<xml_attribute>& attributes, std::string_view scheme);
    void end_link(frame& top);
    void end_id(frame& top);
    void end_category(frame& top);
    void end_keywords(frame& top, std::string_view scheme);
    void add_category(std::string_view term, std::string_view scheme, std::string_view label);
    void add_link(const feed::link& value);

    // values.cpp
    bool start_value(frame& top, const std::vector<xml_attribute>& attributes);
    bool start_extension(frame& top, const std::vector<xml_attribute>& attributes);
    void start_generator(frame& top, const std::vector<xml_attribute>& attributes);
    void end_value(frame& top);
    void end_date(frame& top);
    void add_license(std::string_view href);
    feed::image& picture();

    // schedule.cpp
    void end_schedule(frame& top);
    void finish_schedule();

    // places.cpp
    bool start_geometry(frame& top, const std::vector<xml_attribute>& attributes);
    void start_shape(const std::vector<xml_attribute>& attributes);
    void end_geometry(frame& top);
    void keep_position(const element& from);

    // media.cpp
    bool start_media(frame& top, const std::vector<xml_attribute>& attributes);
    void end_media(frame& top);
    void keep_media(const element& from);
    void add_media_object(feed::media& to, const element& from, const media_object& shared);
    [[nodiscard]] feed::media& media_of(metadata& of);

    // podcast.cpp
    bool start_chapter(frame& top, const std::vector<xml_attribute>& attributes);
    void keep_podcast(const element& from, space where);
    [[nodiscard]] feed::podcast& marks_of(metadata& of);

    // extensions.cpp
    void keep_in_tree(frame& top, const std::vector<xml_attribute>& attributes);
    void end_unknown(frame& top);
    void take_typed(const element& from, space where);

    document& result_;
    arena& memory_;
    problem_log& problems_;
    const options& how_;

    std::deque<frame> frames_;      // grows to the deepest nesting, then is used again: no allocation per element
    std::size_t depth_ = 0;         // open elements
    std::size_t foreign_depth_ = 0; // of a content of other XML that is open; 0 for none
    std::size_t content_ = 0;       // 1 + the frame of the text construct that is open; 0 for none
    std::string_view base_;
    std::string_view language_;

    bool in_feed_ = false;
    bool in_entry_ = false;
    bool in_source_ = false;
    bool in_image_ = false;
    bool in_text_input_ = false;
    bool in_author_ = false;
    bool in_contributor_ = false;
    bool in_publisher_ = false;
    bool in_chapters_ = false;
    bool rdf_ = false;
    bool foreign_ = true; // the document has characters that may have to be mended
    std::array<const text_origin*, 3> origins_{};
    std::size_t id_depth_ = 0; // of the entry's id; 0 for none
    bool has_content_ = false;
    bool id_is_link_ = false;
    std::string_view geometry_shape_;
    std::size_t level_ = 0;       // open elements around the one that starts, inline ones too
    std::size_t entry_level_ = 0; // how many elements were open around the entry
    std::size_t text_level_ = 0;  // and around the text construct
    std::size_t title_depth_ = 0; // of the title that counts; 0 for none

    entry* entry_ = nullptr;
    entry spare_; // what entries beyond the limit are read into
    channel source_;
    feed::image* image_ = nullptr;
    feed::text_input* text_input_ = nullptr;
    geometry* geometry_ = nullptr;
    std::optional<double> latitude_;
    std::optional<double> longitude_;

    struct mark {
        std::size_t depth = 0;
        bool weak = true;
        bool copied = false; ///< of the content, because there was none
    };
    std::array<mark, field_count> feed_marks_{};
    std::array<mark, field_count> entry_marks_{};
    std::array<mark, field_count> source_marks_{};
    [[nodiscard]] std::array<mark, field_count>& marks() noexcept;

    std::string scratch_;
    format hint_ = format::none; // what the namespaces say that it is
    feed::text itunes_subtitle_;
    person shown_;         // the last author, with what was said of the owner since
    int descriptions_ = 0; // of the feed
    double frequency_ = 1;
    std::string_view period_;
};

/// The value of the attribute `name`; null if there is none.
[[nodiscard]] std::string_view find_attribute(const std::vector<xml_attribute>& attributes,
                                              std::string_view name) noexcept;

/// The address among the attributes of a link-like element, under any of its names; null if there is none.
[[nodiscard]] std::string_view find_address(const std::vector<xml_attribute>& attributes) noexcept;

[[nodiscard]] std::string_view with_default(std::string_view value, std::string_view otherwise) noexcept;

} // namespace feed::detail
