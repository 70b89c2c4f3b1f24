#pragma once

#include <feed/feed.hpp>

#include <string>
#include <string_view>

/// Small feeds around the part that a test is about.
namespace feed_test {

inline std::string rss(std::string_view channel, std::string_view declarations = {})
{
    return std::string("<?xml version=\"1.0\"?><rss version=\"2.0\" ")
        .append(declarations)
        .append("><channel><title>Feed</title>")
        .append(channel)
        .append("</channel></rss>");
}

inline std::string rss_item(std::string_view item, std::string_view declarations = {})
{
    return rss(std::string("<item>").append(item).append("</item>"), declarations);
}

inline std::string atom(std::string_view inner)
{
    return std::string("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Feed</title>")
        .append(inner)
        .append("</feed>");
}

inline std::string atom_entry(std::string_view entry)
{
    return atom(std::string("<entry>").append(entry).append("</entry>"));
}

/// The title of the first entry; "(none)" if there is no entry.
inline std::string first_title(const feed::document& document)
{
    return document.entries.empty() ? "(none)" : std::string(document.entries.front().title.value);
}

} // namespace feed_test
