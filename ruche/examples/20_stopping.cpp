// A process that takes a stop_token first is asked to stop, by whoever wants or by its handle's destructor. Notice: the
// second one does not listen, so it has its grace and is then ended.
#include <ruche/process.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

void polite(ruche::stop_token stop)
{
    while (!stop.stop_requested())
        std::this_thread::sleep_for(1ms);
    std::cout << "tidied up\n";
}

void deaf(ruche::stop_token)
{
    for (;;)
        std::this_thread::sleep_for(1h);
}

int main()
{
    ruche::process first(polite);
    first.request_stop();
    std::cout << first.join() << '\n';

    ruche::process second({.name = "deaf", .grace = 100ms}, deaf);
    second.request_stop();
    if (!second.join_for(100ms))
        second.terminate();
    std::cout << second.join() << '\n';
}
// prints: tidied up
// prints: exit code 0
// prints: killed by signal 15 (Terminated)
