// One at a time, among processes. Notice: the second process dies holding the lock; the next holder gets it, and is
// told, so that it can look whether what the lock protects was left half changed.
#include <ruche/mutex.hpp>
#include <ruche/process.hpp>
#include <ruche/shared.hpp>

#include <csignal>
#include <iostream>
#include <mutex>

struct account {
    int paid = 0, counted = 0; // the same, except while somebody changes them
};

void pay(ruche::mutex m, ruche::shared<account> both, bool die)
{
    std::scoped_lock lock(m);
    both->paid += 1;
    if (die)
        std::raise(SIGKILL);
    both->counted += 1;
}

int main()
{
    ruche::mutex m;
    ruche::shared<account> both;
    ruche::process(pay, m, both, false).join();
    ruche::process(pay, m, both, true).join();

    std::scoped_lock lock(m);
    if (m.owner_died()) {
        std::cout << "paid " << both->paid << ", counted " << both->counted << ": mended\n";
        both->counted = both->paid;
    }
}
// prints: paid 2, counted 1: mended
