// What `ruche-inspect` shows, for a program: here it looks at itself.
#include <ruche/inspect.hpp>
#include <ruche/queue.hpp>

#include <iostream>

#include <unistd.h>

int main()
{
    ruche::queue<int> jobs({.name = "jobs"});
    jobs.push(1);
    jobs.push(2);
    const auto held = jobs.pop_lease();

    for (const auto& thing : ruche::inspect::program_of(::getpid()).objects) {
        std::cout << thing.kind << " '" << thing.name << "': " << thing.facts.at("items") << " waiting";
        for (const auto& by : thing.holders)
            std::cout << ", " << by.count << " leased by " << (by.process == ::getpid() ? "us" : "others");
        std::cout << '\n';
    }
}
// prints: queue 'jobs': 1 waiting, 1 leased by us
