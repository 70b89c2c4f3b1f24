#include <feed/feed.hpp>

#include <iostream>

int main()
{
    const feed::document document = feed::parse(
        "<rss version='2.0'><channel><title>A &amp; B</title><item><title>1</title></item></channel></rss>");
    std::cout << document.title.plain() << ' ' << document.entries.size() << '\n';
}
