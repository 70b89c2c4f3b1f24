// A process is used as a std::jthread is. Notice: main has no guard, and the child does not run it.
#include <ruche/async.hpp>
#include <ruche/process.hpp>

#include <iostream>
#include <string>

void greet(std::string name) { std::cout << "hello " << name << '\n'; }
int twice(int number) { return 2 * number; }

int main()
{
    ruche::process p(greet, "bob");
    std::cout << "it ended with " << p.join() << '\n';

    std::cout << ruche::async(twice, 21).get() << '\n';
}
// prints: hello bob
// prints: it ended with exit code 0
// prints: 42
