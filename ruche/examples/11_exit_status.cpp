// join never throws: the status carries whatever happened. Notice: looking at error() is what keeps it from being
// printed when the handle goes.
#include <ruche/process.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>

void leaves_with_3() { std::exit(3); }
void throws() { throw std::runtime_error("no such feed"); }

int main()
{
    ruche::process first(leaves_with_3);
    std::cout << first.join() << '\n';

    ruche::process second(throws);
    const ruche::exit_status status = second.join();
    std::cout << status << '\n';
    try {
        if (status.error())
            std::rethrow_exception(status.error());
    } catch (const std::runtime_error& error) {
        std::cout << "because: " << error.what() << '\n';
    }
}
// prints: exit code 3
// prints: exit code 1
// prints: because: no such feed
