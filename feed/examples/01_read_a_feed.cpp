// A feed in ten lines. Notice: whatever the bytes are, there is a document; here an `&` was not escaped, and the link
// is relative to where the feed was read from.
#include <feed/feed.hpp>

#include <iostream>

int main()
{
    const char* const bytes = "<rss version='2.0'><channel><title>Bread & Butter</title>"
                              "<item><title>Fresh <b>rolls</b></title><link>/rolls</link></item></channel></rss>";
    const feed::document document = feed::parse(bytes, {.base_uri = "https://bakery.example/feed"});
    std::cout << document.title.plain() << " (" << feed::name(document.format) << ")\n";
    for (const feed::entry& entry : document.entries)
        std::cout << "- " << entry.title.plain() << "  " << entry.link << '\n';
}
// prints:
// Bread & Butter (RSS 2.0)
// - Fresh rolls  https://bakery.example/rolls
