#include <feed/json.hpp>

#include "json_writer.hpp"
#include "text/ascii.hpp"
#include "xml/names.hpp"

#include <feed/date.hpp>

#include <algorithm>
#include <map>
#include <set>

// The shape is that of Python's feedparser, which more programs know than any other: flat objects, a text under its
// name and what is known of it under NAME_detail, a date as written under its name and as nine numbers under
// NAME_parsed.
namespace feed {

namespace detail {

namespace {

using namespace std::chrono;

class shape_writer {
public:
    explicit shape_writer(std::string& to) : out_(to) {}

    void write(const document& of, const response& about)
    {
        broken_ = std::any_of(of.problems.begin(), of.problems.end(), [](const problem& each) {
            return each.kind == problem_kind::not_well_formed || each.kind == problem_kind::undeclared_prefix;
        });
        out_.open('{');
        write_state(of);
        out_.key("namespaces");
        out_.open('{');
        std::map<std::string_view, std::string_view> spaces;
        for (const attribute& each : of.namespaces)
            spaces[each.name] = each.value;
        for (const auto& [prefix, uri] : spaces)
            out_.member(prefix, uri);
        out_.close('}');
        out_.key("feed");
        out_.open('{');
        write_channel(of);
        out_.close('}');
        out_.key("entries");
        out_.open('[');
        for (const entry& each : of.entries)
            write_entry(each);
        out_.close(']');
        write_response(about);
        out_.close('}');
    }

private:
    // ---- the whole

    void write_state(const document& of)
    {
        out_.key("bozo");
        out_.boolean(of.bozo);
        for (const problem& each : of.problems) {
            if (each.kind == problem_kind::note)
                continue;
            out_.key("bozo_exception");
            out_.open('{');
            out_.member("type", exception_name(each.kind));
            out_.member("message", message_of(each));
            out_.close('}');
            break;
        }
        out_.member("encoding", of.encoding);
        out_.member("version", version_of(of));
    }

    // There, the first namespace that belongs to a format names it, be it only declared in a feed of another.
    [[nodiscard]] static std::string_view version_of(const document& of)
    {
        if (of.format == format::rss10 || of.format == format::rss090 || of.format == format::rss)
            for (const attribute& each : of.namespaces) {
                const std::string uri = lower(each.value);
                if (uri == "http://www.w3.org/2005/atom" && of.rdf)
                    return "atom10";
                if (uri == "http://purl.org/rss/1.0/" || uri == "http://my.netscape.com/rdf/simple/0.9/")
                    break;
            }
        return short_name(of.format);
    }

    [[nodiscard]] static std::string_view exception_name(problem_kind kind) noexcept
    {
        switch (kind) {
        case problem_kind::encoding_overridden:
            return "CharacterEncodingOverride";
        case problem_kind::encoding_unknown:
            return "CharacterEncodingUnknown";
        case problem_kind::media_type:
            return "NonXMLContentType";
        case problem_kind::undeclared_prefix:
            return "UndeclaredNamespace";
        case problem_kind::limit:
            return "LimitExceeded";
        default:
            return "SAXParseException";
        }
    }

    [[nodiscard]] static std::string message_of(const problem& of)
    {
        std::string message;
        if (of.line != 0)
            message = "line " + std::to_string(of.line) + ", column " + std::to_string(of.column) + ": ";
        return message.append(of.what).append("; ").append(of.done);
    }

    void write_response(const response& about)
    {
        out_.key("headers");
        out_.open('{');
        std::map<std::string_view, std::string_view> headers(about.headers.begin(), about.headers.end());
        for (const auto& [name, value] : headers)
            out_.member(name, value);
        out_.close('}');
        if (about.url.empty())
            return;
        out_.member("href", about.url);
        out_.key("status");
        out_.value(std::int64_t{200});
        if (const auto tag = headers.find("etag"); tag != headers.end() && !trim(tag->second).empty())
            out_.member("etag", tag->second);
        if (const auto modified = headers.find("last-modified");
            modified != headers.end() && !trim(modified->second).empty()) {
            out_.member("modified", modified->second);
            write_time("modified_parsed", parse_date(modified->second));
        }
    }

    // ---- feeds, entries

    void write_channel(const channel& of)
    {
        used_.clear();
        member("href", of.href);
        member("icon", of.icon);
        member("logo", of.logo);
        if (of.generator_text.data() != nullptr || of.generator.uri.data() != nullptr) {
            member("generator", of.generator_text);
            out_.key("generator_detail");
            out_.open('{');
            out_.member("name", of.generator.name);
            out_.member("href", of.generator.uri);
            out_.member("version", of.generator.version);
            out_.close('}');
        }
        if (of.text_input != nullptr) {
            out_.key("textinput");
            out_.open('{');
            out_.member("title", of.text_input->title);
            out_.member("subtitle", of.text_input->description);
            out_.member("name", of.text_input->name);
            out_.member("link", of.text_input->link);
            out_.close('}');
        }
        if (!of.cloud.empty())
            write_attributes("cloud", of.cloud);
        write_metadata(of, true);
    }

    void write_entry(const entry& of)
    {
        used_.clear();
        out_.open('{');
        if (of.id_is_link) {
            out_.key("guidislink");
            out_.boolean(*of.id_is_link);
        }
        if (of.source != nullptr) {
            out_.key("source");
            out_.open('{');
            write_channel(*of.source);
            out_.close('}');
            used_.clear();
            used_.insert("source");
        }
        write_metadata(of, of.id_is_link.value_or(false));
        out_.close('}');
    }

    void write_metadata(const metadata& of, bool id_links)
    {
        member("id", of.id);
        // Here, as there, an id does for a link where there is none.
        member("link", of.link.data() != nullptr || !id_links ? of.link : of.id);
        write_text("title", of.title);
        write_text("subtitle", of.subtitle);
        // There, what an extension says last counts where the content says it all anyway.
        write_text("summary", of.other_summary ? of.other_summary : of.summary);
        write_text("rights", of.rights);
        write_text("info", of.info);
        if (!of.content.empty()) {
            out_.key("content");
            out_.open('[');
            for (const text& each : of.content)
                write_detail(each);
            out_.close(']');
        }
        write_people(of);
        write_links(of);
        write_tags(of);
        write_date("published", of.published_text, of.published);
        write_date("updated", of.updated_text, of.updated);
        write_date("created", of.created_text, of.created);
        write_date("expired", of.expired_text, of.expired);
        member("language", of.language);
        member("comments", of.comments);
        if (of.picture != nullptr)
            write_image(*of.picture);
        if (of.where != nullptr)
            write_geometry(*of.where);
        if (of.media != nullptr)
            write_media(*of.media);
        write_chapters(of);
        if (of.podcast != nullptr)
            write_podcast(*of.podcast);
        write_extensions(of.extensions);
    }

    void member(std::string_view name, std::string_view text)
    {
        if (text.data() == nullptr)
            return;
        used_.insert(std::string(name));
        out_.member(name, text);
    }

    void write_text(std::string_view name, const text& of)
    {
        if (!of)
            return;
        member(name, shown(of));
        out_.key(std::string(name) + "_detail");
        write_detail(of);
    }

    // There, a document that is not well-formed has the quotes of its markup as characters, not as references.
    [[nodiscard]] std::string_view shown(const text& of)
    {
        if (!broken_ || of.type == text_type::plain || of.value.find("&quot;") == std::string_view::npos)
            return of.value;
        shown_.clear();
        bool in_tag = false;
        for (std::size_t at = 0; at < of.value.size(); ++at) {
            const char c = of.value[at];
            in_tag = c == '<' || (in_tag && c != '>');
            const bool quote = !in_tag && of.value.substr(at, 6) == "&quot;";
            shown_.push_back(quote ? '"' : c);
            at += quote ? 5U : 0U;
        }
        return shown_;
    }

    void write_detail(const text& of)
    {
        out_.open('{');
        out_.member("type", of.media_type());
        out_.key("language");
        if (of.language().data() != nullptr)
            out_.value(of.language());
        else
            out_.null();
        out_.member("base", of.base().data() != nullptr ? of.base() : std::string_view(""));
        out_.member("src", of.source());
        out_.member("value", shown(of));
        out_.close('}');
    }

    void write_person(const person& of)
    {
        out_.open('{');
        out_.member("name", of.name);
        out_.member("email", of.email);
        out_.member("href", of.uri);
        out_.close('}');
    }

    [[nodiscard]] static bool is_known(const person& of) noexcept
    {
        return of.name.data() != nullptr || of.email.data() != nullptr || of.uri.data() != nullptr;
    }

    void write_person_list(std::string_view name, const list<person>& people)
    {
        if (people.empty())
            return;
        out_.key(name);
        out_.open('[');
        for (const person& each : people)
            write_person(each);
        out_.close(']');
    }

    void write_people(const metadata& of)
    {
        member("author", of.podcast != nullptr && !of.podcast->owner.empty() ? of.podcast->owner : of.author);
        if (is_known(of.author_detail)) {
            out_.key("author_detail");
            write_person(of.author_detail);
        }
        write_person_list("authors", of.authors);
        write_person_list("contributors", of.contributors);
        member("publisher", of.publisher);
        if (is_known(of.publisher_detail)) {
            out_.key("publisher_detail");
            write_person(of.publisher_detail);
        }
    }

    void write_links(const metadata& of)
    {
        if (of.links.empty())
            return;
        out_.key("links");
        out_.open('[');
        for (const link& each : of.links) {
            out_.open('{');
            out_.member("rel", each.rel);
            out_.member("type", each.type);
            out_.member("href", each.href);
            out_.member("title", each.title);
            out_.member("hreflang", each.language);
            out_.member("length", each.length);
            for (const attribute& other : each.others)
                out_.member(other.name, other.value);
            out_.close('}');
        }
        out_.close(']');
    }

    void write_tags(const metadata& of)
    {
        if (of.categories.empty())
            return;
        out_.key("tags");
        out_.open('[');
        const auto part = [&](std::string_view name, std::string_view value) {
            out_.key(name);
            if (value.data() != nullptr)
                out_.value(value);
            else
                out_.null();
        };
        for (const category& each : of.categories) {
            out_.open('{');
            part("term", each.term);
            part("scheme", each.scheme);
            part("label", each.label);
            out_.close('}');
        }
        out_.close(']');
    }

    // ---- dates

    void write_date(std::string_view name, std::string_view written, const std::optional<time_point>& read)
    {
        if (written.data() == nullptr)
            return;
        member(name, written);
        write_time(std::string(name) + "_parsed", read);
    }

    void write_time(std::string_view name, const std::optional<time_point>& of)
    {
        if (!of)
            return;
        const sys_days day = floor<days>(*of);
        const year_month_day date(day);
        const hh_mm_ss time(*of - day);
        const auto of_year = (day - sys_days(date.year() / January / 1)).count() + 1;
        out_.key(name);
        out_.open('[');
        for (const std::int64_t number :
             {std::int64_t{static_cast<int>(date.year())}, std::int64_t{static_cast<unsigned>(date.month())},
              std::int64_t{static_cast<unsigned>(date.day())}, std::int64_t{time.hours().count()},
              std::int64_t{time.minutes().count()}, std::int64_t{time.seconds().count()},
              std::int64_t{weekday(day).iso_encoding() - 1}, std::int64_t{of_year}, std::int64_t{0}})
            out_.value(number);
        out_.close(']');
    }

    // ---- pictures, places, media

    void write_image(const image& of)
    {
        used_.insert("image");
        out_.key("image");
        out_.open('{');
        out_.member("href", of.href);
        out_.member("title", of.title);
        out_.member("link", of.link);
        out_.member("subtitle", of.description);
        if (of.width) {
            out_.key("width");
            out_.value(std::int64_t{*of.width});
        }
        if (of.height) {
            out_.key("height");
            out_.value(std::int64_t{*of.height});
        }
        out_.close('}');
    }

    void write_geometry(const geometry& of)
    {
        out_.key("where");
        out_.open('{');
        if (of.markup_language) {
            out_.key("srsName");
            if (of.reference_system.data() != nullptr)
                out_.value(of.reference_system);
            else
                out_.null();
            out_.key("srsDimension");
            out_.value(std::int64_t{of.dimension});
        }
        if (of.type.data() != nullptr) {
            out_.member("type", of.type);
            out_.key("coordinates");
            const bool ring = of.type == "Polygon";
            const bool single = of.type == "Point";
            if (!single)
                out_.open('[');
            if (ring)
                out_.open('[');
            for (std::size_t i = 0; i + of.dimension <= of.coordinates.size(); i += of.dimension) {
                out_.open('[');
                for (std::size_t j = 0; j < of.dimension; ++j)
                    out_.value(of.coordinates[i + j]);
                out_.close(']');
            }
            if (ring)
                out_.close(']');
            if (!single)
                out_.close(']');
        }
        out_.close('}');
    }

    void write_attributes(std::string_view name, const list<attribute>& attributes)
    {
        used_.insert(std::string(name));
        out_.key(name);
        out_.open('{');
        for (const attribute& each : attributes)
            out_.member(each.name, each.value);
        out_.close('}');
    }

    void write_media_list(std::string_view name, const list<media_item>& items, std::string_view text_name)
    {
        if (items.empty())
            return;
        used_.insert(std::string(name));
        out_.key(name);
        out_.open('[');
        for (const media_item& each : items) {
            out_.open('{');
            for (const attribute& part : each.attributes)
                out_.member(part.name, part.value);
            if (!text_name.empty() && !each.text.empty() && each.value_of(text_name).data() == nullptr)
                out_.member(text_name, each.text);
            out_.close('}');
        }
        out_.close(']');
    }

    void write_media_object(std::string_view name, const list<media_item>& items, bool words)
    {
        if (items.empty())
            return;
        used_.insert(std::string(name));
        const media_item& first = items.front();
        out_.key(name);
        out_.open('{');
        for (const attribute& part : first.attributes)
            out_.member(part.name, part.value);
        if (!first.text.empty()) {
            out_.key("content");
            if (words)
                write_words(first.text);
            else
                out_.value(first.text);
        }
        out_.close('}');
    }

    void write_words(std::string_view text)
    {
        out_.open('[');
        while (!text.empty()) {
            const std::size_t end = std::min(text.find(' '), text.size());
            out_.value(std::string_view(lower(trim(text.substr(0, end)))));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        out_.close(']');
    }

    void write_media(const media& of)
    {
        write_media_list("media_content", of.contents, {});
        write_media_list("media_thumbnail", of.thumbnails, "url");
        write_media_list("media_credit", of.credits, "content");
        write_media_object("media_player", of.players, false);
        write_media_object("media_rating", of.ratings, false);
        write_media_object("media_restriction", of.restrictions, true);
        write_media_object("media_license", of.licenses, false);
    }

    void write_chapters(const metadata& of)
    {
        if (of.chapters_version.data() == nullptr)
            return;
        used_.insert("psc_chapters");
        out_.key("psc_chapters");
        out_.open('{');
        out_.member("version", of.chapters_version);
        out_.key("chapters");
        out_.open('[');
        for (const chapter& each : of.chapters) {
            out_.open('{');
            out_.member("start", each.start);
            if (each.offset) {
                out_.key("start_parsed");
                out_.value(static_cast<double>(each.offset->count()) / 1000);
            }
            out_.member("title", each.title);
            out_.member("href", each.href);
            out_.member("image", each.image);
            out_.close('}');
        }
        out_.close(']');
        out_.close('}');
    }

    void write_podcast(const podcast& of)
    {
        if (of.explicit_given) {
            out_.key("itunes_explicit");
            if (of.is_explicit)
                out_.boolean(*of.is_explicit);
            else
                out_.null();
            used_.insert("itunes_explicit");
        }
        if (of.block) {
            out_.key("itunes_block");
            out_.value(std::int64_t{*of.block ? 1 : 0});
            used_.insert("itunes_block");
        }
    }

    // ---- everything else, flat: of several of a name the outermost counts, and of those the last

    struct flat {
        std::size_t depth;
        const element* of;
    };

    static void flatten(const list<element>& elements, std::size_t depth, std::map<std::string, flat>& into)
    {
        for (const element& each : elements) {
            std::string key =
                each.prefix.empty() ? std::string(each.name) : lower(each.prefix).append("_").append(each.name);
            if (is_flat(static_cast<tag>(each.code))) {
                const auto [place, added] = into.try_emplace(std::move(key), flat{depth, &each});
                if (!added && depth <= place->second.depth)
                    place->second = {depth, &each};
            }
            flatten(each.children, depth + 1, into);
        }
    }

    // Whether no other key says it already.
    [[nodiscard]] static bool is_flat(tag kind) noexcept
    {
        switch (kind) {
        case tag::unknown:
        case tag::ttl:
        case tag::skiphours:
        case tag::skipdays:
        case tag::sy_period:
        case tag::sy_frequency:
        case tag::newlocation:
        case tag::validity:
        case tag::admin_errors:
        case tag::typed:
        case tag::live_item:
            return true;
        default:
            return false;
        }
    }

    void write_extensions(const list<element>& elements)
    {
        std::map<std::string, flat> all;
        flatten(elements, 0, all);
        for (const auto& [name, what] : all) {
            const element& of = *what.of;
            if (static_cast<tag>(of.code) == tag::validity)
                write_validity(of.text);
            else if (used_.contains(name))
                continue;
            else if (!of.text.empty() || of.attributes.empty())
                out_.member(name, of.text.data() != nullptr ? of.text : std::string_view(""));
            else
                write_attributes(name, of.attributes);
        }
    }

    // start=...;end=...
    void write_validity(std::string_view text)
    {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find(';'), text.size());
            const std::string_view part = text.substr(0, end);
            const std::size_t equals = std::min(part.find('='), part.size());
            const std::string name = "validity_" + std::string(trim(part.substr(0, equals)));
            if (name == "validity_start" || name == "validity_end") {
                const std::string_view value = trim(part.substr(std::min(equals + 1, part.size())));
                out_.member(name, value);
                write_time(name + "_parsed", parse_date(value));
            }
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }

    json_writer out_;
    std::set<std::string, std::less<>> used_;
    std::string shown_;
    bool broken_ = false; // the document is not well-formed
};

} // namespace

} // namespace detail

std::string to_json(const document& document, const response& about)
{
    std::string result;
    detail::shape_writer(result).write(document, about);
    return result;
}

} // namespace feed
