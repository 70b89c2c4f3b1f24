#pragma once

#include <feed/element.hpp>
#include <feed/format.hpp>
#include <feed/list.hpp>
#include <feed/media.hpp>
#include <feed/podcast.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a feed says. All texts and lists are views into their `document`: they are valid while it lives (also when it
/// is moved) and are UTF-8. A text that the feed does not have is empty, with a null `data()`; an empty one that it
/// does have has another.
namespace feed {

namespace detail {
struct storage;
}

using time_point = std::chrono::sys_seconds;

enum class text_type {
    plain, ///< text: escape it before it goes into a page
    html,  ///< markup, sanitised unless that was switched off
    xhtml, ///< the same, found as elements of the feed
    other  ///< something else, as `media_type` says
};

/// What is known of a text beside the text itself. Texts that have it in common share one.
struct text_origin {
    std::string_view media_type; ///< `text/plain`, `text/html`, `application/xhtml+xml`, `image/png`...
    std::string_view language;   ///< as declared: `en-US`; null if unknown
    std::string_view base;       ///< what its relative addresses were relative to
    std::string_view source;     ///< the address of a content that is elsewhere; null if it is here
};

/// A text with what is known about it.
struct text {
    std::string_view value;
    const text_origin* origin = nullptr; ///< null where nothing is known
    text_type type = text_type::plain;

    [[nodiscard]] std::string_view media_type() const noexcept
    {
        return origin ? origin->media_type : std::string_view();
    }
    [[nodiscard]] std::string_view language() const noexcept { return origin ? origin->language : std::string_view(); }
    [[nodiscard]] std::string_view base() const noexcept { return origin ? origin->base : std::string_view(); }
    [[nodiscard]] std::string_view source() const noexcept { return origin ? origin->source : std::string_view(); }

    /// Whether the feed has it at all.
    [[nodiscard]] explicit operator bool() const noexcept { return value.data() != nullptr; }
    /// As plain text on one line: without tags, entities replaced, runs of white space made one blank.
    [[nodiscard]] std::string plain() const;
};

struct person {
    std::string_view name;
    std::string_view email;
    std::string_view uri;
};

struct link {
    std::string_view href; ///< absolute, where the base was known
    std::string_view rel;  ///< `alternate`, `self`, `hub`, `enclosure`, `license`, `related`...
    std::string_view type;
    std::string_view title;
    std::string_view language; ///< of what it leads to (`hreflang`)
    std::string_view length;   ///< in bytes, as written
    list<attribute> others;    ///< the attributes that no field stands for
};

struct category {
    std::string_view term;
    std::string_view scheme;
    std::string_view label;
};

struct image {
    std::string_view href;
    std::string_view title;
    std::string_view link;
    std::string_view description;
    std::optional<int> width;
    std::optional<int> height;
};

struct text_input {
    std::string_view title;
    std::string_view description;
    std::string_view name;
    std::string_view link;
};

struct generator {
    std::string_view name;
    std::string_view uri;
    std::string_view version;
};

/// A position or shape (GeoRSS, GML). Coordinates are longitude first, `dimension` of them a point.
struct geometry {
    std::string_view type; ///< `Point`, `LineString`, `Polygon`, `Box`; null if it could not be read
    list<double> coordinates;
    std::uint32_t dimension = 2;
    std::string_view reference_system; ///< `srsName`; null if not given
    bool markup_language = false;      ///< it is GML
};

/// A chapter of a recording.
struct chapter {
    std::string_view start;
    std::optional<std::chrono::milliseconds> offset; ///< `start`, read
    std::string_view title;
    std::string_view href;
    std::string_view image;
};

/// What a feed and an entry both can say.
struct metadata {
    std::string_view id;            ///< made absolute, if it serves as a link
    std::string_view id_as_written; ///< what the document has, of the same use wherever it was read from
    std::string_view link;          ///< the page that it stands for, absolute
    text title;
    text subtitle;      ///< of a feed: its description
    text summary;       ///< of an entry: its description
    text other_summary; ///< another one that an extension gives (`itunes:summary`, `media:description`)
    list<text> content;
    text rights;
    text info;

    std::string_view author; ///< the first or only author, as one would print it
    person author_detail;
    list<person> authors;
    list<person> contributors;
    std::string_view publisher;
    person publisher_detail;

    list<feed::link> links; ///< all links, enclosures and licences among them, in document order
    list<category> categories;

    std::optional<time_point> published;
    std::optional<time_point> updated;
    std::optional<time_point> created;
    std::optional<time_point> expired;
    std::string_view published_text; ///< the dates as written
    std::string_view updated_text;
    std::string_view created_text;
    std::string_view expired_text;

    std::string_view language;
    std::string_view comments;                  ///< the address of the discussion
    std::string_view comments_feed;             ///< the address of its feed (`wfw:commentRss`)
    std::optional<std::uint32_t> comment_count; ///< `slash:comments`, `thr:total`
    const feed::image* picture = nullptr;
    const geometry* where = nullptr;
    const feed::media* media = nullptr;
    const feed::podcast* podcast = nullptr;
    list<chapter> chapters;
    std::string_view chapters_version;
    list<element> extensions; ///< all elements that no field above stands for, and those of extensions that one does

    /// The first element `prefix:name` (or `name`) among `extensions`; null if there is none.
    [[nodiscard]] const element* extension(std::string_view qualified_name) const noexcept;
    /// The first link with this `rel`; null if there is none.
    [[nodiscard]] const feed::link* link_to(std::string_view rel) const noexcept;
};

/// What is said of a feed as a whole: by the document about itself, by an entry about where it came from.
struct channel : metadata {
    feed::generator generator;
    std::string_view generator_text;
    const feed::text_input* text_input = nullptr;
    list<attribute> cloud;
    std::string_view icon;
    std::string_view logo;
    std::string_view href; ///< of an entry's source: the address of that feed
};

struct entry : metadata {
    std::optional<bool> id_is_link; ///< whether `id` serves as the link (RSS `isPermaLink`)
    const channel* source = nullptr;
};

/// Something that was wrong with a document, and what was done about it.
enum class problem_kind {
    note,                ///< odd, but allowed
    not_well_formed,     ///< against the grammar of XML or JSON
    undeclared_prefix,   ///< a namespace prefix that was not declared
    encoding_overridden, ///< not in the encoding that it says
    encoding_unknown,    ///< in no encoding that could be told
    media_type,          ///< not sent as a feed
    limit                ///< cut short: see `feed::limits`
};

struct problem {
    problem_kind kind = problem_kind::note;
    std::uint32_t line = 0; ///< from 1; 0 if it concerns the whole
    std::uint32_t column = 0;
    std::string_view what; ///< what was wrong: `the entity "&nbsp;" is not declared`
    std::string_view done; ///< what was done: `read as the character of HTML`
};

/// How often a feed asks to be read (`ttl`, `skipHours`, `skipDays`, `sy:*`); absent where it does not say.
struct schedule {
    std::optional<std::chrono::minutes> time_to_live;
    std::uint32_t skip_hours = 0;                      ///< bit h: not in hour h of the day, UTC
    std::uint32_t skip_days = 0;                       ///< bit d: not on that day of the week, 0 being Sunday
    std::optional<std::chrono::seconds> update_period; ///< `sy:updatePeriod` divided by `sy:updateFrequency`
};

/// A feed, read: what `parse` gives. Owns all that it holds; movable, not copyable.
///
///     feed::document document = feed::parse(bytes);
///     for (const feed::entry& entry : document.entries)
///         std::cout << entry.title.plain() << "  " << entry.link << '\n';
///
/// Thread safety: as a value: any number of threads may read one object at once.
struct document : channel {
    document();
    document(document&&) noexcept;
    document& operator=(document&&) noexcept;
    document(const document&) = delete;
    document& operator=(const document&) = delete;
    ~document();

    feed::format format = feed::format::none;
    /// What is to be told if it is no feed: `an HTML page, not a feed`; empty if it is one.
    std::string_view reason;
    /// Whether something had to be mended: it is not well-formed, or was not what it says.
    bool bozo = false;
    std::vector<problem> problems; ///< the first of them, in the order of finding
    std::size_t problem_count = 0; ///< how many there were
    std::string_view encoding;     ///< that it was read in, in lower case: `utf-8`
    /// The namespaces in use: usual prefix and address.
    std::vector<attribute> namespaces;
    feed::schedule schedule;
    std::vector<entry> entries; ///< in the order of the document
    bool truncated = false;     ///< a limit cut it short
    bool rdf = false;           ///< it is written in RDF

    /// The feed's own address as it says (`rel="self"`); null if it does not.
    [[nodiscard]] std::string_view self() const noexcept;
    /// Where it announces changes (WebSub, `rel="hub"`); null if nowhere.
    [[nodiscard]] std::string_view hub() const noexcept;

    /// Where the texts lie. Of no use to a caller.
    std::unique_ptr<detail::storage> storage;
};

} // namespace feed
