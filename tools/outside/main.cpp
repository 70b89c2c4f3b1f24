// Parses a feed in a process of its own: the two libraries in one program.
#include <feed/feed.hpp>
#include <ruche/async.hpp>

#include <iostream>
#include <string>

std::string title_of(std::string bytes)
{
    const feed::document document = feed::parse(bytes);
    return std::string(document.title.value); // a view into the document
}

int main()
{
    const std::string bytes = "<rss version='2.0'><channel><title>From outside</title></channel></rss>";
    std::cout << ruche::async(title_of, bytes).get() << '\n';
}
