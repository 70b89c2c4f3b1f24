#include "json_feed.hpp"

#include "html/sanitiser.hpp"
#include "json_reader.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "text/utf8.hpp"
#include "uri.hpp"

#include <feed/date.hpp>

namespace feed::detail {

namespace {

class json_feed {
public:
    json_feed(document& result, arena& memory, problem_log& problems, const options& how) :
        result_(result), memory_(memory), problems_(problems), how_(how), base_(how.base_uri)
    {}

    void read(const json_value& root)
    {
        if (root.kind != json_value::type::object) {
            result_.reason = "JSON that is no JSON Feed";
            return;
        }
        const json_value& version = root["version"];
        if (version.is_text() && version.text.find("jsonfeed.org/version/1") != std::string_view::npos)
            result_.format = version.text.find("1.1") != std::string_view::npos ? format::json11 : format::json1;
        else if (root["items"].kind == json_value::type::array) {
            result_.format = format::json1;
            problems_.note_whole(problem_kind::not_well_formed, "it does not say which version of JSON Feed it is",
                                 "read as 1.0");
        } else {
            result_.reason = "JSON that is no JSON Feed";
            return;
        }
        if (root["items"].kind != json_value::type::array)
            problems_.note_whole(problem_kind::note, "it has no list \"items\"", "read as a feed without entries");
        read_top(root);
        for (const json_value& item : root["items"].items) {
            if (result_.entries.size() >= how_.limit.entries) {
                result_.truncated = true;
                problems_.note_whole(problem_kind::limit, "it has more entries than are read", "the rest was left out");
                break;
            }
            if (item.kind == json_value::type::object)
                read_item(item);
        }
    }

private:
    [[nodiscard]] std::string_view text_of(const json_value& value) const
    {
        const bool simple = value.is_text() || value.kind == json_value::type::number;
        return simple ? cut_utf8(value.text, how_.limit.text) : std::string_view();
    }

    [[nodiscard]] std::string_view address_of(const json_value& value)
    {
        if (!value.is_text())
            return {};
        const std::string resolved = resolve_uri(base_, value.text);
        if (is_script_uri(resolved))
            return {};
        return resolved == value.text ? value.text : memory_.copy(resolved);
    }

    [[nodiscard]] text plain_text(const json_value& value)
    {
        text made;
        if (text_of(value).data() == nullptr)
            return made;
        made.value = trim(text_of(value));
        made.origin = origin("text/plain", plain_);
        return made;
    }

    [[nodiscard]] text html_text(const json_value& value)
    {
        text made = plain_text(value);
        if (only_looks_like_html(made.value))
            return made;
        made.type = text_type::html;
        made.origin = origin("text/html", html_);
        if (how_.sanitise || how_.resolve_markup) {
            std::string clean;
            clean_markup(made.value,
                         {how_.markup, how_.resolve_markup ? base_ : std::string_view(), false, how_.sanitise}, clean);
            if (clean != made.value)
                made.value = memory_.copy(clean);
        }
        return made;
    }

    [[nodiscard]] const text_origin* origin(std::string_view media_type, const text_origin*& known)
    {
        if (known == nullptr)
            known = memory_.create(text_origin{media_type, result_.language, base_, {}});
        return known;
    }

    void read_top(const json_value& root)
    {
        result_.language = text_of(root["language"]);
        result_.title = plain_text(root["title"]);
        result_.subtitle = plain_text(root["description"]);
        result_.info = plain_text(root["user_comment"]);
        add_link(result_, root["home_page_url"], "alternate", "text/html");
        result_.link = address_of(root["home_page_url"]);
        add_link(result_, root["feed_url"], "self", "application/feed+json");
        add_link(result_, root["next_url"], "next", "application/feed+json");
        result_.logo = address_of(root["icon"]);
        result_.icon = address_of(root["favicon"]);
        for (const json_value& hub : root["hubs"].items)
            add_link(result_, hub["url"], "hub", {});
        read_authors(root, result_);
        keep_extensions(root, result_);
    }

    void add_link(metadata& to, const json_value& address, std::string_view rel, std::string_view type)
    {
        link made;
        made.href = address_of(address);
        made.rel = rel;
        made.type = type;
        if (!made.href.empty() && to.links.size() < how_.limit.values)
            list_access::append(memory_, to.links, made);
    }

    void read_author(const json_value& value, metadata& to)
    {
        if (value.kind != json_value::type::object || to.authors.size() >= how_.limit.values)
            return;
        person made;
        made.name = text_of(value["name"]);
        made.uri = address_of(value["url"]);
        list_access::append(memory_, to.authors, made);
        if (to.authors.size() > 1)
            return;
        to.author_detail = made;
        to.author = made.name;
    }

    void read_authors(const json_value& value, metadata& to)
    {
        for (const json_value& each : value["authors"].items)
            read_author(each, to);
        if (to.authors.empty())
            read_author(value["author"], to);
    }

    void read_item(const json_value& item)
    {
        entry made;
        made.id = made.id_as_written = text_of(item["id"]);
        made.title = plain_text(item["title"]);
        made.summary = plain_text(item["summary"]);
        made.link = address_of(item["url"]);
        made.language = text_of(item["language"]);
        add_link(made, item["url"], "alternate", "text/html");
        add_link(made, item["external_url"], "related", "text/html");
        if (made.link.empty())
            made.link = address_of(item["external_url"]);
        read_contents(item, made);
        read_dates(item, made);
        read_authors(item, made);
        for (const json_value& tag : item["tags"].items)
            if (tag.is_text() && made.categories.size() < how_.limit.values)
                list_access::append(memory_, made.categories, category{tag.text, {}, {}});
        for (const json_value& attachment : item["attachments"].items)
            read_attachment(attachment, made);
        if (const std::string_view picture = address_of(item["image"]); !picture.empty()) {
            image shown;
            shown.href = picture;
            made.picture = memory_.create(shown);
        }
        keep_extensions(item, made);
        result_.entries.push_back(made);
    }

    void read_contents(const json_value& item, entry& to)
    {
        if (item["content_html"].is_text())
            list_access::append(memory_, to.content, html_text(item["content_html"]));
        if (item["content_text"].is_text())
            list_access::append(memory_, to.content, plain_text(item["content_text"]));
        if (!to.summary && !to.content.empty())
            to.summary = to.content.front();
    }

    void read_dates(const json_value& item, entry& to)
    {
        if (item["date_published"].is_text()) {
            to.published_text = item["date_published"].text;
            to.published = parse_date(to.published_text);
        }
        if (item["date_modified"].is_text()) {
            to.updated_text = item["date_modified"].text;
            to.updated = parse_date(to.updated_text);
        }
    }

    void read_attachment(const json_value& attachment, entry& to)
    {
        if (attachment.kind != json_value::type::object)
            return;
        link made;
        made.href = address_of(attachment["url"]);
        made.rel = "enclosure";
        made.type = text_of(attachment["mime_type"]);
        made.length = text_of(attachment["size_in_bytes"]);
        made.title = text_of(attachment["title"]);
        if (const std::string_view duration = text_of(attachment["duration_in_seconds"]); !duration.empty())
            list_access::append(memory_, made.others, attribute{"duration", duration});
        // One without address is kept, as an enclosure of XML is: it says that there is something.
        if (to.links.size() < how_.limit.values)
            list_access::append(memory_, to.links, made);
    }

    // Extensions have names that start with an underscore.
    void keep_extensions(const json_value& value, metadata& to)
    {
        for (std::size_t i = 0; i < value.names.size(); ++i)
            if (!value.names[i].empty() && value.names[i].front() == '_' && to.extensions.size() < how_.limit.values)
                list_access::append(memory_, to.extensions, extension(value.names[i], value.items[i]));
    }

    element extension(std::string_view name, const json_value& value)
    {
        element made;
        made.name = name;
        made.text = value.kind == json_value::type::boolean ? (value.truth ? "true" : "false") : text_of(value);
        for (std::size_t i = 0; i < value.items.size(); ++i)
            list_access::append(
                memory_, made.children,
                extension(i < value.names.size() ? value.names[i] : std::string_view("item"), value.items[i]));
        return made;
    }

    document& result_;
    arena& memory_;
    problem_log& problems_;
    const options& how_;
    std::string_view base_;
    const text_origin* plain_ = nullptr;
    const text_origin* html_ = nullptr;
};

} // namespace

void read_json_feed(std::string_view text, document& result, arena& memory, problem_log& problems, const options& how)
{
    const json_value root = read_json(text, memory, problems, how.limit.depth);
    json_feed(result, memory, problems, how).read(root);
}

} // namespace feed::detail
