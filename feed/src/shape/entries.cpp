#include "shape/shape_writer.hpp"

namespace feed::detail {

namespace {

bool is_known(const person& of) noexcept
{
    return of.name.data() != nullptr || of.email.data() != nullptr || of.uri.data() != nullptr;
}

} // namespace

void shape_writer::write_channel(const channel& of)
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

void shape_writer::write_entry(const entry& of)
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

void shape_writer::write_metadata(const metadata& of, bool id_links)
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

void shape_writer::write_people(const metadata& of)
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

void shape_writer::write_person_list(std::string_view name, const list<person>& people)
{
    if (people.empty())
        return;
    out_.key(name);
    out_.open('[');
    for (const person& each : people)
        write_person(each);
    out_.close(']');
}

void shape_writer::write_person(const person& of)
{
    out_.open('{');
    out_.member("name", of.name);
    out_.member("email", of.email);
    out_.member("href", of.uri);
    out_.close('}');
}

void shape_writer::write_links(const metadata& of)
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

void shape_writer::write_tags(const metadata& of)
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

} // namespace feed::detail
