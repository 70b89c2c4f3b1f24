#include "xml/names.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace feed::detail {

namespace {

// clang-format off
// Sorted by address.
constexpr known_namespace namespaces[] = {
    {"http://backend.userland.com/blogchannelmodule", "blogChannel", space::other},
    {"http://backend.userland.com/creativecommonsrssmodule", "creativeCommons", space::creativecommons},
    {"http://backend.userland.com/rss", "", space::core},
    {"http://base.google.com/ns/1.0", "g", space::other},
    {"http://blogs.law.harvard.edu/tech/rss", "", space::core},
    {"http://creativecommons.org/ns#license", "cc", space::cc},
    {"http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html", "creativeCommons", space::creativecommons},
    {"http://example.com/dtds/podcast-1.0.dtd", "itunes", space::itunes},
    {"http://example.com/necho", "", space::core},
    {"http://example.com/newformat#", "", space::core},
    {"http://freshmeat.net/rss/fm/", "fm", space::other},
    {"http://hacks.benhammersley.com/rss/streaming/", "str", space::other},
    {"http://madskills.com/public/xml/rss/module/pingback/", "pingback", space::other},
    {"http://madskills.com/public/xml/rss/module/trackback/", "trackback", space::other},
    {"http://media.tangent.org/rss/1.0/", "audio", space::other},
    {"http://my.netscape.com/rdf/simple/0.9/", "", space::core},
    {"http://my.theinfo.org/changed/1.0/rss/", "cp", space::other},
    {"http://podlove.org/simple-chapters", "psc", space::psc},
    {"http://podlove.org/simple-chapters/", "psc", space::psc},
    {"http://postneo.com/icbm/", "icbm", space::other},
    {"http://prismstandard.org/namespaces/1.2/basic/", "prism", space::other},
    {"http://purl.org/atom/ns#", "", space::core},
    {"http://purl.org/dc/elements/1.0/", "dc", space::dc},
    {"http://purl.org/dc/elements/1.1/", "dc", space::dc},
    {"http://purl.org/dc/terms/", "dcterms", space::dcterms},
    {"http://purl.org/echo/", "", space::core},
    {"http://purl.org/pie/", "", space::core},
    {"http://purl.org/rss/1.0/", "", space::core},
    {"http://purl.org/rss/1.0/modules/aggregation/", "ag", space::other},
    {"http://purl.org/rss/1.0/modules/annotate/", "annotate", space::other},
    {"http://purl.org/rss/1.0/modules/company", "co", space::other},
    {"http://purl.org/rss/1.0/modules/content/", "content", space::content},
    {"http://purl.org/rss/1.0/modules/email/", "email", space::other},
    {"http://purl.org/rss/1.0/modules/event/", "ev", space::other},
    {"http://purl.org/rss/1.0/modules/image/", "image", space::other},
    {"http://purl.org/rss/1.0/modules/link/", "l", space::other},
    {"http://purl.org/rss/1.0/modules/reference/", "ref", space::other},
    {"http://purl.org/rss/1.0/modules/richequiv/", "reqv", space::other},
    {"http://purl.org/rss/1.0/modules/rss091#", "", space::core},
    {"http://purl.org/rss/1.0/modules/search/", "search", space::other},
    {"http://purl.org/rss/1.0/modules/servicestatus/", "ss", space::other},
    {"http://purl.org/rss/1.0/modules/slash/", "slash", space::slash},
    {"http://purl.org/rss/1.0/modules/subscription/", "sub", space::other},
    {"http://purl.org/rss/1.0/modules/syndication/", "sy", space::sy},
    {"http://purl.org/rss/1.0/modules/taxonomy/", "taxo", space::other},
    {"http://purl.org/rss/1.0/modules/textinput/", "ti", space::other},
    {"http://purl.org/rss/1.0/modules/threading/", "thr", space::thr},
    {"http://purl.org/rss/1.0/modules/wiki/", "wiki", space::other},
    {"http://purl.org/syndication/thread/1.0", "thr", space::thr},
    {"http://rssnamespace.org/feedburner/ext/1.0", "feedburner", space::feedburner},
    {"http://schemas.pocketsoap.com/rss/mydescmodule/", "szf", space::other},
    {"http://schemas.xmlsoap.org/soap/envelope/", "soap", space::other},
    {"http://search.yahoo.com/mrss", "media", space::media},
    {"http://search.yahoo.com/mrss/", "media", space::media},
    {"http://search.yahoo.com/rss", "media", space::media},
    {"http://search.yahoo.com/rss/", "media", space::media},
    {"http://tools.search.yahoo.com/mrss/", "media", space::media},
    {"http://video.search.yahoo.com/mrss", "media", space::media},
    {"http://video.search.yahoo.com/mrss/", "media", space::media},
    {"http://web.resource.org/cc/", "cc", space::cc},
    {"http://webns.net/mvcb/", "admin", space::admin},
    {"http://wellformedweb.org/commentapi/", "wfw", space::wfw},
    {"http://www.apple.com/dtds/podcast-1.0.dtd", "itunes", space::itunes},
    {"http://www.georss.org/georss", "georss", space::georss},
    {"http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes", space::itunes},
    {"http://www.opengis.net/gml", "gml", space::gml},
    {"http://www.rssboard.org/media-rss", "media", space::media},
    {"http://www.w3.org/1998/math/mathml", "", space::mathml},
    {"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf", space::rdf},
    {"http://www.w3.org/1999/xhtml", "xhtml", space::xhtml},
    {"http://www.w3.org/1999/xlink", "xlink", space::xlink},
    {"http://www.w3.org/2000/01/rdf-schema#", "rdfs", space::other},
    {"http://www.w3.org/2000/svg", "", space::svg},
    {"http://www.w3.org/2003/01/geo/wgs84_pos#", "geo", space::geo},
    {"http://www.w3.org/2005/atom", "", space::core},
    {"http://www.w3.org/xml/1998/namespace", "xml", space::xml},
    {"http://xmlns.com/foaf/0.1/", "foaf", space::other},
    {"https://backend.userland.com/rss", "", space::core},
    {"https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", "podcast", space::podcast},
    {"https://podcastindex.org/namespace/1.0", "podcast", space::podcast},
    {"https://purl.org/dc/elements/1.1/", "dc", space::dc},
    {"https://purl.org/rss/1.0/modules/content/", "content", space::content},
    {"https://search.yahoo.com/mrss/", "media", space::media},
    {"https://www.itunes.com/dtds/podcast-1.0.dtd", "itunes", space::itunes},
    {"https://www.w3.org/2005/atom", "", space::core},
    {"uri/of/echo/namespace#", "", space::core},
};

// Sorted by namespace (in the order of the enumeration) and name.
constexpr known_element elements[] = {
    {space::core, "abstract", tag::abstract, "summary, subtitle (CDF)"},
    {space::core, "author", tag::author, "authors, author, author_detail"},
    {space::core, "body", tag::body, "content"},
    {space::core, "category", tag::category, "categories"},
    {space::core, "channel", tag::channel, "the feed itself"},
    {space::core, "cloud", tag::cloud, "cloud"},
    {space::core, "comments", tag::comments, "comments"},
    {space::core, "content", tag::content, "content; summary if there is none"},
    {space::core, "contributor", tag::contributor, "contributors"},
    {space::core, "copyright", tag::rights, "rights"},
    {space::core, "created", tag::created, "created"},
    {space::core, "description", tag::description, "summary of an entry, subtitle of a feed"},
    {space::core, "email", tag::email, "person::email"},
    {space::core, "enclosure", tag::enclosure, "links, with rel enclosure"},
    {space::core, "entry", tag::item, "entries"},
    {space::core, "expirationdate", tag::expired, "expired"},
    {space::core, "feed", tag::feed, "the feed itself"},
    {space::core, "fullitem", tag::content_encoded, "content"},
    {space::core, "generator", tag::generator, "generator"},
    {space::core, "guid", tag::id, "id, id_is_link"},
    {space::core, "height", tag::height, "image::height"},
    {space::core, "homepage", tag::uri, "person::uri"},
    {space::core, "icon", tag::icon, "icon"},
    {space::core, "id", tag::id, "id"},
    {space::core, "image", tag::image, "picture"},
    {space::core, "info", tag::info, "info"},
    {space::core, "issued", tag::published, "published"},
    {space::core, "item", tag::item, "entries"},
    {space::core, "keywords", tag::keywords, "categories"},
    {space::core, "language", tag::language, "language"},
    {space::core, "lastbuilddate", tag::updated, "updated"},
    {space::core, "link", tag::link, "link, links"},
    {space::core, "logo", tag::logo, "logo"},
    {space::core, "managingeditor", tag::author, "authors, author"},
    {space::core, "modified", tag::updated, "updated"},
    {space::core, "name", tag::name, "person::name"},
    {space::core, "newlocation", tag::newlocation, "extensions"},
    {space::core, "pubdate", tag::published, "published"},
    {space::core, "published", tag::published, "published"},
    {space::core, "rights", tag::rights, "rights"},
    {space::core, "rss", tag::rss, "format"},
    {space::core, "skipdays", tag::skipdays, "schedule.skip_days"},
    {space::core, "skiphours", tag::skiphours, "schedule.skip_hours"},
    {space::core, "source", tag::source, "source"},
    {space::core, "subtitle", tag::subtitle, "subtitle"},
    {space::core, "summary", tag::summary, "summary"},
    {space::core, "tagline", tag::subtitle, "subtitle"},
    {space::core, "tags", tag::tags, "categories"},
    {space::core, "textinput", tag::textinput, "text_input"},
    {space::core, "title", tag::title, "title"},
    {space::core, "ttl", tag::ttl, "schedule.time_to_live"},
    {space::core, "updated", tag::updated, "updated"},
    {space::core, "uri", tag::uri, "person::uri"},
    {space::core, "url", tag::uri, "image::href, person::uri"},
    {space::core, "webmaster", tag::webmaster, "publisher"},
    {space::core, "where", tag::geo_where, "where"},
    {space::core, "width", tag::width, "image::width"},
    {space::admin, "errorreportsto", tag::admin_errors, "extensions"},
    {space::admin, "generatoragent", tag::admin_generator, "generator"},
    {space::cc, "license", tag::cc_license, "links, with rel license"},
    {space::creativecommons, "license", tag::creativecommons_license, "links, with rel license"},
    {space::content, "encoded", tag::content_encoded, "content"},
    {space::dc, "author", tag::author, "authors, author"},
    {space::dc, "contributor", tag::dc_contributor, "contributors"},
    {space::dc, "creator", tag::author, "authors, author"},
    {space::dc, "date", tag::updated, "updated"},
    {space::dc, "description", tag::description, "summary, subtitle"},
    {space::dc, "language", tag::language, "language"},
    {space::dc, "publisher", tag::webmaster, "publisher"},
    {space::dc, "rights", tag::rights, "rights"},
    {space::dc, "subject", tag::category, "categories"},
    {space::dc, "title", tag::title, "title"},
    {space::dcterms, "created", tag::created, "created"},
    {space::dcterms, "issued", tag::published, "published"},
    {space::dcterms, "modified", tag::updated, "updated"},
    {space::dcterms, "valid", tag::validity, "extensions"},
    {space::feedburner, "browserfriendly", tag::info, "info"},
    {space::georss, "box", tag::geo_box, "where"},
    {space::georss, "line", tag::geo_line, "where"},
    {space::georss, "point", tag::geo_point, "where"},
    {space::georss, "polygon", tag::geo_polygon, "where"},
    {space::georss, "where", tag::geo_where, "where"},
    {space::gml, "exterior", tag::gml_exterior, "where"},
    {space::gml, "linearring", tag::gml_linearring, "where"},
    {space::gml, "linestring", tag::gml_linestring, "where"},
    {space::gml, "point", tag::gml_point, "where"},
    {space::gml, "polygon", tag::gml_polygon, "where"},
    {space::gml, "pos", tag::gml_pos, "where"},
    {space::gml, "poslist", tag::gml_poslist, "where"},
    {space::itunes, "author", tag::author, "authors, author"},
    {space::itunes, "block", tag::itunes_block, "podcast.block"},
    {space::itunes, "category", tag::itunes_category, "categories"},
    {space::itunes, "email", tag::email, "person::email"},
    {space::itunes, "explicit", tag::itunes_explicit, "podcast.is_explicit"},
    {space::itunes, "image", tag::itunes_image, "picture, if there is none"},
    {space::itunes, "keywords", tag::itunes_keywords, "categories"},
    {space::itunes, "link", tag::itunes_image, "picture, if there is none"},
    {space::itunes, "name", tag::name, "person::name"},
    {space::itunes, "owner", tag::itunes_owner, "publisher_detail"},
    {space::itunes, "subtitle", tag::itunes_subtitle, "subtitle, if there is none"},
    {space::itunes, "summary", tag::itunes_summary, "summary or subtitle, if there is none"},
    {space::media, "category", tag::media_category, "categories"},
    {space::media, "content", tag::media_content, "media.contents"},
    {space::media, "credit", tag::media_credit, "media.credits"},
    {space::media, "description", tag::media_description, "summary, if there is none"},
    {space::media, "group", tag::media_group, "extensions"},
    {space::media, "keywords", tag::media_keywords, "categories"},
    {space::media, "license", tag::media_license, "media.licenses"},
    {space::media, "player", tag::media_player, "media.players"},
    {space::media, "rating", tag::media_rating, "media.ratings"},
    {space::media, "restriction", tag::media_restriction, "media.restrictions"},
    {space::media, "thumbnail", tag::media_thumbnail, "media.thumbnails"},
    {space::media, "title", tag::media_title, "title, if there is none"},
    {space::psc, "chapter", tag::psc_chapter, "chapters"},
    {space::psc, "chapters", tag::psc_chapters, "chapters, chapters_version"},
    {space::rdf, "rdf", tag::rdf, "format"},
    {space::sy, "updatefrequency", tag::sy_frequency, "schedule.update_period"},
    {space::sy, "updateperiod", tag::sy_period, "schedule.update_period"},
    {space::xhtml, "body", tag::xhtml_body, "content"},
};
// clang-format on

} // namespace

const known_namespace* find_namespace(std::string_view uri)
{
    const std::string folded = lower(trim(uri.substr(0, 256)));
    if (folded.find("backend.userland.com/rss") != std::string::npos)
        return find_namespace("http://blogs.law.harvard.edu/tech/rss");
    const auto found =
        std::lower_bound(std::begin(namespaces), std::end(namespaces), folded,
                         [](const known_namespace& a, const std::string& b) { return a.uri < std::string_view(b); });
    return found != std::end(namespaces) && found->uri == folded ? &*found : nullptr;
}

const known_namespace* find_usual_prefix(std::string_view prefix) noexcept
{
    const auto found = std::find_if(std::begin(namespaces), std::end(namespaces), [&](const known_namespace& each) {
        return !each.prefix.empty() && equal_ignoring_case(each.prefix, prefix);
    });
    if (found != std::end(namespaces))
        return &*found;
    return equal_ignoring_case(prefix, "atom") || equal_ignoring_case(prefix, "rss")
               ? find_namespace("http://www.w3.org/2005/atom")
               : nullptr;
}

known_elements all_known_elements() noexcept { return {std::begin(elements), std::end(elements)}; }

tag find_element(space where, std::string_view name) noexcept
{
    const auto found = std::lower_bound(std::begin(elements), std::end(elements), std::tie(where, name),
                                        [](const known_element& a, const std::tuple<space&, std::string_view&>& b) {
                                            return std::tie(a.where, a.name) < b;
                                        });
    return found != std::end(elements) && found->where == where && found->name == name ? found->kind : tag::unknown;
}

} // namespace feed::detail
