// What was wrong with a feed, where, and what was done about it. Notice: reading went on after each fault.
#include <feed/feed.hpp>

#include <iostream>

int main()
{
    const feed::document document = feed::parse("<rss version='2.0'>\n<channel><title>A & B</title>\n"
                                                "<item><title>caf&eacute;</title></item>");
    for (const feed::problem& problem : document.problems)
        std::cout << problem.line << ':' << problem.column << ": " << problem.what << "; " << problem.done << '\n';
    std::cout << document.entries.at(0).title.value << '\n';
}
// prints:
// 2:19: an "&" stands alone; taken as text
// 3:17: the entity "&eacute;" is not declared; read as HTML's
// 3:40: it ends within the element "channel"; all open elements were closed
// café
