// Rounds that all begin together. Notice: one is killed in the second round, and the others go on without it, as was
// chosen; with `on_death::breaks` they would get `broken_barrier`.
#include <ruche/barrier.hpp>
#include <ruche/process.hpp>
#include <ruche/shared.hpp>

#include <atomic>
#include <csignal>
#include <iostream>

void step(ruche::barrier round, ruche::shared<std::atomic<int>> steps, bool weak)
{
    for (int i = 0; i < 3; ++i) {
        if (weak && i == 1)
            std::raise(SIGKILL);
        ++*steps;
        round.arrive_and_wait();
    }
}

int main()
{
    ruche::barrier round(3, ruche::on_death::is_counted);
    ruche::shared<std::atomic<int>> steps(0);
    {
        ruche::process a(step, round, steps, false), b(step, round, steps, false), c(step, round, steps, true);
        c.join();
    }
    std::cout << *steps << " steps\n";
}
// prints: 7 steps
