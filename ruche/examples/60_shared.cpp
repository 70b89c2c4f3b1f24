// Data that processes share. Notice: whoever gets a `shared_array<const double>` can't write to it, whatever it tries;
// and an update of a `synchronized` counts whole or not at all.
#include <ruche/process.hpp>
#include <ruche/shared.hpp>

#include <csignal>
#include <iostream>
#include <numeric>

struct totals {
    long feeds = 0, articles = 0;
};

void add_up(ruche::shared_array<const double> cells, ruche::shared<std::atomic<int>> sum)
{
    *sum = static_cast<int>(std::accumulate(cells.begin(), cells.end(), 0.0));
}

void count_and_die(ruche::synchronized<totals> seen)
{
    auto now = seen.lock();
    now->feeds += 1;
    std::raise(SIGKILL); // before the articles were counted
}

int main()
{
    ruche::shared_array<double> cells(1000);
    for (double& cell : cells)
        cell = 0.5;
    ruche::shared<std::atomic<int>> sum(0);
    ruche::process(add_up, cells, sum).join();
    std::cout << *sum << '\n';

    ruche::synchronized<totals> seen;
    seen->articles += 3; // locked for this statement
    ruche::process(count_and_die, seen).join();
    const totals whole = seen.snapshot();
    std::cout << whole.feeds << " feeds, " << whole.articles << " articles\n";
}
// prints: 500
// prints: 0 feeds, 3 articles
