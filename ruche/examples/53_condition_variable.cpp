// Sleeping until something has changed that others change under a lock.
#include <ruche/condition_variable.hpp>
#include <ruche/mutex.hpp>
#include <ruche/process.hpp>
#include <ruche/shared.hpp>

#include <iostream>
#include <mutex>

void bake(ruche::mutex m, ruche::condition_variable changed, ruche::shared<int> loaves)
{
    for (int i = 0; i < 3; ++i) {
        std::scoped_lock lock(m);
        *loaves += 1;
        changed.notify_one();
    }
}

int main()
{
    ruche::mutex m;
    ruche::condition_variable changed;
    ruche::shared<int> loaves(0);
    ruche::process baker(bake, m, changed, loaves);

    std::unique_lock lock(m);
    changed.wait(lock, [&] { return *loaves == 3; });
    std::cout << *loaves << " loaves\n";
}
// prints: 3 loaves
