// What all processes log arrives in one place, in order. Notice: the child knows nothing of where.
#include <ruche/log.hpp>
#include <ruche/process.hpp>

#include <iostream>
#include <string>

namespace rlog = ruche::log;

void fetch(std::string address) { rlog::info("fetched ", address); }

int main()
{
    rlog::receiver log([](const rlog::record& one) {
        std::cout << rlog::name_of(one.level) << ' ' << one.name << ": " << one.text << '\n';
    });
    rlog::info("starting");
    ruche::process({.name = "fetcher"}, fetch, "example.org").join();
    rlog::warning("that was all");
}
// prints: info main: starting
// prints: info fetcher: fetched example.org
// prints: warning main: that was all
