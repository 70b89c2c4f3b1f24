// One Ctrl+C stops the whole family, in order. Notice: nobody calls request_stop, and a shell sees the signal.
#include <ruche/process.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

void work(ruche::stop_token stop)
{
    while (!stop.stop_requested())
        std::this_thread::sleep_for(1ms);
    std::cout << "the worker has saved its work\n";
}

int main()
{
    const ruche::stop_token stop = ruche::stop_on_signals();
    {
        ruche::process worker(work);
        std::raise(SIGINT); // as if you had pressed Ctrl+C
        while (!stop.stop_requested())
            std::this_thread::sleep_for(1ms);
    } // the worker was asked by the signal, and is joined here
    std::cout << "stopped by signal " << ruche::stop_signal().value() << '\n';
    ruche::end_as_signalled();
}
// prints: the worker has saved its work
// prints: stopped by signal 2
// ends with: 130
