// An object that lives in a process of its own: whoever has a handle calls it, and it can crash alone.
#include <ruche/actor.hpp>
#include <ruche/process.hpp>

#include <csignal>
#include <iostream>
#include <map>
#include <string>

class directory {
public:
    void add(const std::string& feed, int unread) { unread_[feed] += unread; }
    int unread(const std::string& feed) const { return unread_.at(feed); }
    void crash() { std::raise(SIGKILL); }

private:
    std::map<std::string, int> unread_;
};

void reader(ruche::actor<directory> d) { d.call<&directory::add>("xkcd", 3); } // a handle; the object stays

int main()
{
    ruche::actor<directory> d;
    ruche::process(reader, d).join();
    std::cout << d.call<&directory::unread>("xkcd") << '\n'; // waits for the answer

    d.tell<&directory::add>("xkcd", 1); // nobody waits
    auto later = d.async<&directory::unread>("xkcd");
    std::cout << later.get() << '\n';

    try {
        (void)d.call<&directory::unread>("nobody");
    } catch (const std::out_of_range&) {
        std::cout << "out_of_range, thrown in the other process\n";
    }
    try {
        d.call<&directory::crash>();
    } catch (const ruche::process_died& error) {
        std::cout << error.status() << '\n';
    }
}
// prints: 3
// prints: 4
// prints: out_of_range, thrown in the other process
// prints: killed by signal 9 (Killed)
