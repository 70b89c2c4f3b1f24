// Waiting until so many things are done, once.
#include <ruche/latch.hpp>
#include <ruche/process.hpp>

#include <iostream>
#include <vector>

void load(ruche::latch loaded) { loaded.count_down(); }

int main()
{
    ruche::latch loaded(3);
    std::vector<ruche::process> loaders;
    for (int i = 0; i < 3; ++i)
        loaders.emplace_back(load, loaded);
    loaded.wait();
    std::cout << "all loaded\n";
}
// prints: all loaded
