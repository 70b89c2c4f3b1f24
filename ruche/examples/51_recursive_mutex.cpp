// A lock that its holder may take again, so that functions that lock can call one another; and the forms with a limit.
#include <ruche/mutex.hpp>
#include <ruche/process.hpp>

#include <chrono>
#include <iostream>
#include <mutex>

using namespace std::chrono_literals;

void note(ruche::recursive_mutex book, const char* what)
{
    std::scoped_lock lock(book);
    std::cout << what << std::endl;
}

void note_both(ruche::recursive_mutex book)
{
    std::scoped_lock lock(book); // both, with nothing between
    note(book, "one");
    note(book, "two");
}

void hurry(ruche::recursive_mutex book)
{
    std::unique_lock lock(book, 10ms);
    std::cout << (lock ? "got it" : "not in 10 ms") << std::endl;
}

int main()
{
    ruche::recursive_mutex book;
    note_both(book);
    {
        std::scoped_lock lock(book);
        ruche::process(hurry, book).join();
    }
    ruche::process(hurry, book).join();
}
// prints: one
// prints: two
// prints: not in 10 ms
// prints: got it
