// A flag that others wait for.
#include <ruche/event.hpp>
#include <ruche/process.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

void serve(ruche::event ready, ruche::event finish)
{
    ready.set();
    finish.wait();
    std::cout << "served\n";
}

int main()
{
    ruche::event ready, finish;
    ruche::process server(serve, ready, finish);
    if (!ready.wait_for(5s))
        return 1;
    std::cout << "it is there" << std::endl;
    finish.set();
}
// prints: it is there
// prints: served
