// What goes wrong in a process arrives where its result is taken. Notice: the types that you catch.
#include <ruche/async.hpp>
#include <ruche/error.hpp>

#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

struct rate_limited : std::runtime_error {
    explicit rate_limited(int for_seconds) : std::runtime_error("slow down"), seconds(for_seconds) {}
    int seconds;
};

int open_feed(std::string path)
{
    if (path.empty())
        throw std::invalid_argument("empty path");
    if (path == "busy")
        throw rate_limited(30);
    if (path == "broken")
        std::abort();
    return 1;
}

void try_to_open(const std::string& path)
{
    try {
        std::cout << ruche::async(open_feed, path).get() << '\n';
    } catch (const std::invalid_argument& error) {
        std::cout << "as it was thrown: " << error.what() << '\n';
    } catch (const ruche::remote_error& error) {
        std::cout << "in words: " << error.type_name() << ": " << error.what() << '\n';
    } catch (const ruche::process_died& error) {
        std::cout << "no answer: signal " << error.status().signal().value() << '\n';
    }
}

int main()
{
    for (const char* path : {"news", "", "busy", "broken"})
        try_to_open(path);
}
// prints: 1
// prints: as it was thrown: empty path
// prints: in words: rate_limited: slow down
// prints: no answer: signal 6
