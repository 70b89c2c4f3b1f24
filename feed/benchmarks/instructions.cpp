// feed_instructions: reads documents made here, so that a count of instructions is the same from run to run.
// `plain` with sanitising and addresses off, `clean` with both on; `plain-bytes` and `clean-bytes` the same given byte
// by byte.
#include <feed/feed.hpp>

#include <iostream>
#include <string>

namespace {

std::string make_feed(int entries)
{
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
        "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:media=\"http://search.yahoo.com/mrss/\">"
        "<channel><title>Measured</title><link>http://example.org/</link>\n";
    for (int i = 0; i < entries; ++i) {
        const std::string number = std::to_string(i);
        text.append("<item>\n <title>Entry &amp; number ")
            .append(number)
            .append("</title>\n <link>http://example.org/")
            .append(number);
        text.append("</link>\n <guid isPermaLink=\"false\">tag:example.org,2024:").append(number).append("</guid>\n");
        text.append(" <pubDate>Thu, 01 Jan 2004 19:48:21 +0100</pubDate>\n <dc:creator>Zoë Müller</dc:creator>\n");
        text.append(" <description>&lt;p class=\"x\"&gt;A &lt;a href=\"/").append(number);
        text.append(
            "\"&gt;link&lt;/a&gt; and a picture &lt;img src='i.png' onload='x()'&gt;&lt;/p&gt;</description>\n");
        text.append(
            " <content:encoded><![CDATA[<div><p>Words that follow words, “quoted” here and there, as they do in feeds, "
            "for a line or two or three.</p><ul><li>one</li><li>two &nbsp; "
            "three</li></ul></div>]]></content:encoded>\n");
        text.append(" <media:thumbnail url=\"http://example.org/t.png\" width=\"75\" height=\"50\"/>\n</item>\n");
    }
    return text.append("</channel></rss>");
}

} // namespace

int main(int count, char** arguments)
{
    const std::string mode = count > 1 ? arguments[1] : "plain";
    feed::options how;
    how.base_uri = "http://example.org/feed";
    how.sanitise = how.resolve_markup = mode.substr(0, 5) != "plain";
    const std::string text = make_feed(1000);
    if (mode.size() > 5) {
        feed::stream stream(how);
        for (std::size_t at = 0; at < text.size(); ++at)
            stream.add(std::string_view(text).substr(at, 1));
        std::cout << std::move(stream).finish().entries.size() << " entries, " << text.size() << " bytes\n";
        return 0;
    }
    std::cout << feed::parse(std::string_view(text), how).entries.size() << " entries, " << text.size() << " bytes\n";
    return 0;
}
