// Something is done once, by whoever comes first. Notice: the first dies over it, so the second does it.
#include <ruche/once.hpp>
#include <ruche/process.hpp>

#include <csignal>
#include <iostream>

void set_up(ruche::once_flag done, bool die)
{
    ruche::call_once(done, [&] {
        if (die)
            std::raise(SIGKILL);
        std::cout << "set up\n";
    });
}

int main()
{
    ruche::once_flag done;
    ruche::process(set_up, done, true).join();
    ruche::process(set_up, done, false).join();
    ruche::process(set_up, done, false).join();
    std::cout << std::boolalpha << done.is_done() << '\n';
}
// prints: set up
// prints: true
