// What Python's Manager serves, ready-made: a dictionary, a list and a counter, here in one process.
#include <ruche/managed.hpp>
#include <ruche/process.hpp>

#include <iostream>
#include <string>

using unread_by_feed = ruche::managed_dictionary<std::string, int>;
using lines = ruche::managed_list<std::string>;

void reader(unread_by_feed unread, lines log)
{
    unread.add("xkcd", 3); // one call: no lock is needed
    log.push_back("read xkcd");
}

int main()
{
    unread_by_feed unread;
    lines log(ruche::beside(unread));
    {
        ruche::process a(reader, unread, log), b(reader, unread, log);
    }
    std::cout << "xkcd " << unread.get("xkcd").value() << ", after " << log.size() << " reads\n";
}
// prints: xkcd 6, after 2 reads
