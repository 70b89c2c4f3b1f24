#include "opml/opml.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <strings.h>

namespace rssmania {
namespace {

std::string attribute(const pugi::xml_node& outline, std::initializer_list<const char*> names)
{
    for (const char* name : names) {
        for (const pugi::xml_attribute& each : outline.attributes()) {
            if (::strcasecmp(each.name(), name) == 0 && *each.value())
                return each.value();
        }
    }
    return {};
}

// Walks without recursion: a hostile document may nest as deep as it is long.
class collector : public pugi::xml_tree_walker {
public:
    explicit collector(std::size_t most) : most_(most) {}

    bool for_each(pugi::xml_node& node) override
    {
        if (::strcasecmp(node.name(), "outline") != 0)
            return true;
        const auto level = static_cast<std::size_t>(depth());
        while (!folders_.empty() && folders_.back().depth >= level)
            folders_.pop_back();
        const std::string title = attribute(node, {"title", "text"});
        const std::string url = attribute(node, {"xmlUrl", "url"});
        if (url.empty() && !title.empty())
            enter(level, title);
        else if (!url.empty())
            found_.push_back({url, title, folders_.empty() ? "" : folders_.back().path});
        return found_.size() < most_;
    }

    [[nodiscard]] std::vector<subscription> take() { return std::move(found_); }

private:
    struct folder {
        std::size_t depth;
        std::string path;
    };

    void enter(std::size_t level, const std::string& title)
    {
        std::string path = folders_.empty() ? "" : folders_.back().path + "/";
        // Bounded, or the names of a deep nest would add up to the square of the document.
        if (path.size() + title.size() <= longest_path)
            path += title;
        else
            path = folders_.empty() ? "" : folders_.back().path;
        folders_.push_back({level, std::move(path)});
    }

    static constexpr std::size_t longest_path = 1024;

    std::size_t most_;
    std::vector<folder> folders_;
    std::vector<subscription> found_;
};

} // namespace

std::vector<subscription> read_opml(std::string_view document, std::size_t most)
{
    pugi::xml_document tree;
    // Whatever the parser says, what it read before it stopped is there.
    (void)tree.load_buffer(document.data(), document.size());
    collector feeds(most);
    tree.traverse(feeds);
    return feeds.take();
}

namespace {

// The outline for `path` (names joined by `/`) below `body`, made where it is missing.
pugi::xml_node folder_in(pugi::xml_node body, std::string_view path)
{
    while (!path.empty()) {
        const std::string name(path.substr(0, path.find('/')));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        const auto is_it = [&](const pugi::xml_node& each) {
            return !each.attribute("xmlUrl") && each.attribute("text").value() == name;
        };
        pugi::xml_node folder = body.find_child(is_it);
        if (!folder) {
            folder = body.append_child("outline");
            folder.append_attribute("text") = name.c_str();
        }
        body = folder;
    }
    return body;
}

// XML has no place for most control characters; a title may hold any.
std::string allowed(std::string text)
{
    std::erase_if(text, [](unsigned char c) { return c < 0x20 && c != '\t' && c != '\n'; });
    return text;
}

} // namespace

std::string write_opml(const std::vector<subscription>& feeds)
{
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("opml");
    root.append_attribute("version") = "2.0";
    root.append_child("head").append_child("title").text() = "Rssmania";
    const pugi::xml_node body = root.append_child("body");
    for (const subscription& each : feeds) {
        pugi::xml_node outline = folder_in(body, allowed(each.folder)).append_child("outline");
        outline.append_attribute("type") = "rss";
        outline.append_attribute("text") = allowed(each.title.empty() ? each.url : each.title).c_str();
        outline.append_attribute("xmlUrl") = each.url.c_str();
    }
    std::ostringstream out;
    document.save(out, "  ");
    return out.str();
}

std::vector<subscription> read_opml_file(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (is_directory(file) || !in || !(text << in.rdbuf()))
        throw std::runtime_error("can't read " + file.string());
    std::vector<subscription> feeds = read_opml(text.str());
    if (feeds.empty())
        throw std::runtime_error(file.string() + " names no feeds: it is no OPML list of subscriptions");
    return feeds;
}

} // namespace rssmania
