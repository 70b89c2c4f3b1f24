// Parses a feed in a process of its own: the two libraries in one program.
#include <feed/feed.hpp>
#include <ruche/async.hpp>

#include <iostream>
#include <string>

std::string title_of(std::string bytes) { return feed::parse(bytes).title.value; }

int main()
{
    const std::string bytes = "<rss version='2.0'><channel><title>From outside</title></channel></rss>";
    std::cout << ruche::async(title_of, bytes).get() << '\n';
}
