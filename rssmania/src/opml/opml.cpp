#include "opml/opml.hpp"

#include <pugixml.hpp>

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
