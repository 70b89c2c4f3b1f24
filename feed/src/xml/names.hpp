#pragma once

#include <cstdint>
#include <string_view>

namespace feed::detail {

/// The namespaces whose elements this library knows. All that RSS and Atom have ever used for themselves is `core`:
/// feeds mix them, and each name means the same in all of them.
enum class space : std::uint8_t {
    core,
    unknown,
    admin,
    cc,
    creativecommons,
    content,
    dc,
    dcterms,
    feedburner,
    geo,
    georss,
    gml,
    itunes,
    mathml,
    media,
    podcast,
    psc,
    rdf,
    slash,
    svg,
    sy,
    thr,
    wfw,
    xhtml,
    xlink,
    xml,
    other ///< one that has a usual prefix, and no more
};

struct known_namespace {
    std::string_view uri; ///< in lower case
    std::string_view prefix;
    space kind;
};

/// The namespace at `uri`, whatever its letter case and the spaces around it; null if it is not known.
[[nodiscard]] const known_namespace* find_namespace(std::string_view uri);

/// The namespace that `prefix` usually stands for; null if none. For documents that forgot to declare it.
[[nodiscard]] const known_namespace* find_usual_prefix(std::string_view prefix) noexcept;

/// The elements that mean something to this library.
enum class tag : std::uint16_t {
    unknown, ///< kept in the tree of extensions
    typed,   ///< kept there too, and read into a field of its own type when it ends
    // The frames of feeds.
    rss,
    rdf,
    feed,
    channel,
    item,
    source,
    // Parts with parts.
    image,
    textinput,
    author,
    contributor,
    publisher,
    cloud,
    name,
    uri,
    email,
    width,
    height,
    // Texts.
    title,
    subtitle,
    summary,
    description,
    abstract,
    content,
    body,
    content_encoded,
    rights,
    info,
    // Single values.
    id,
    link,
    comments,
    language,
    generator,
    icon,
    logo,
    category,
    keywords,
    tags,
    published,
    updated,
    created,
    expired,
    validity,
    date_valid,
    ttl,
    skiphours,
    skipdays,
    enclosure,
    webmaster,
    newlocation,
    // Extensions.
    admin_generator,
    admin_errors,
    cc_license,
    creativecommons_license,
    dc_contributor,
    itunes_subtitle,
    itunes_summary,
    itunes_owner,
    itunes_keywords,
    itunes_category,
    itunes_image,
    itunes_block,
    itunes_explicit,
    media_title,
    media_description,
    media_group,
    media_category,
    media_keywords,
    media_content,
    media_thumbnail,
    media_credit,
    media_player,
    media_rating,
    media_restriction,
    media_license,
    psc_chapters,
    psc_chapter,
    geo_point,
    geo_line,
    geo_polygon,
    geo_box,
    geo_where,
    gml_point,
    gml_linestring,
    gml_polygon,
    gml_exterior,
    gml_linearring,
    gml_pos,
    gml_poslist,
    sy_period,
    sy_frequency,
    xhtml_body,
    live_item
};

/// An element that has a meaning: where it is found, and which field says what it said. The table in docs/feeds.md is
/// made of these.
struct known_element {
    space where;
    std::string_view name; ///< in lower case
    tag kind;
    std::string_view field;
};

/// All of them, sorted by namespace and name.
struct known_elements {
    const known_element* first;
    const known_element* last;
};
[[nodiscard]] known_elements all_known_elements() noexcept;

/// What `name` (in lower case) is in the namespace `where`.
[[nodiscard]] tag find_element(space where, std::string_view name) noexcept;

} // namespace feed::detail
