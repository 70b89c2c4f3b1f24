#pragma once

#include "json_writer.hpp"

#include <feed/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace feed::detail {

/// Writes a document as JSON. The shape is that of Python's feedparser, which more programs know than any other: flat
/// objects, a text under its name and what is known of it under NAME_detail, a date as written under its name and as
/// nine numbers under NAME_parsed.
class shape_writer {
public:
    explicit shape_writer(std::string& to) : out_(to) {}

    void write(const document& of, const response& about);

private:
    // json.cpp: the whole
    void write_state(const document& of);
    void write_response(const response& about);

    // entries.cpp: feeds and entries, people, links, categories
    void write_channel(const channel& of);
    void write_entry(const entry& of);
    void write_metadata(const metadata& of, bool id_links);
    void write_people(const metadata& of);
    void write_person_list(std::string_view name, const list<person>& people);
    void write_person(const person& of);
    void write_links(const metadata& of);
    void write_tags(const metadata& of);

    // texts.cpp: texts and dates
    void write_text(std::string_view name, const text& of);
    [[nodiscard]] std::string_view shown(const text& of);
    void write_detail(const text& of);
    void write_date(std::string_view name, std::string_view written, const std::optional<time_point>& read);
    void write_time(std::string_view name, const std::optional<time_point>& of);

    // media.cpp: pictures, places, media, podcasts
    void write_image(const image& of);
    void write_geometry(const geometry& of);
    void write_media_list(std::string_view name, const list<media_item>& items, std::string_view text_name);
    void write_media_object(std::string_view name, const list<media_item>& items, bool words);
    void write_words(std::string_view text);
    void write_media(const media& of);
    void write_chapters(const metadata& of);
    void write_podcast(const podcast& of);

    // extensions.cpp: everything else
    void write_extensions(const list<element>& elements);
    void write_validity(std::string_view text);
    void write_attributes(std::string_view name, const list<attribute>& attributes);

    void member(std::string_view name, std::string_view text)
    {
        if (text.data() == nullptr)
            return;
        used_.emplace(name);
        out_.member(name, text);
    }

    json_writer out_;
    std::set<std::string, std::less<>> used_; // keys of the object that is being written
    std::string shown_;
    bool broken_ = false; // the document is not well-formed
};

} // namespace feed::detail
