#include "shape/shape_writer.hpp"
#include "text/ascii.hpp"

#include <algorithm>

namespace feed::detail {

void shape_writer::write_image(const image& of)
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

void shape_writer::write_geometry(const geometry& of)
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

void shape_writer::write_media_list(std::string_view name, const list<media_item>& items, std::string_view text_name)
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

void shape_writer::write_media_object(std::string_view name, const list<media_item>& items, bool words)
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

void shape_writer::write_words(std::string_view text)
{
    out_.open('[');
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        out_.value(std::string_view(lower(trim(text.substr(0, end)))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    out_.close(']');
}

void shape_writer::write_media(const media& of)
{
    write_media_list("media_content", of.contents, {});
    write_media_list("media_thumbnail", of.thumbnails, "url");
    write_media_list("media_credit", of.credits, "content");
    write_media_object("media_player", of.players, false);
    write_media_object("media_rating", of.ratings, false);
    write_media_object("media_restriction", of.restrictions, true);
    write_media_object("media_license", of.licenses, false);
}

void shape_writer::write_chapters(const metadata& of)
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

void shape_writer::write_podcast(const podcast& of)
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

} // namespace feed::detail
