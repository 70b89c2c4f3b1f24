// At most so many at once. Notice: a process that is killed gives back the permit it held.
#include <ruche/process.hpp>
#include <ruche/semaphore.hpp>
#include <ruche/shared.hpp>

#include <atomic>
#include <csignal>
#include <iostream>
#include <vector>

void download(ruche::counting_semaphore slots, ruche::shared<std::atomic<int>> now,
              ruche::shared<std::atomic<int>> most)
{
    const ruche::permit one(slots); // given back at the end of the block
    const int at_once = ++*now;
    for (int seen = *most; at_once > seen && !most->compare_exchange_weak(seen, at_once);)
        ;
    --*now;
}

void die_with_one(ruche::counting_semaphore slots)
{
    slots.acquire();
    std::raise(SIGKILL);
}

int main()
{
    ruche::counting_semaphore slots(2);
    ruche::shared<std::atomic<int>> now(0), most(0);
    ruche::process(die_with_one, slots).join();
    {
        std::vector<ruche::process> all;
        for (int i = 0; i < 6; ++i)
            all.emplace_back(download, slots, now, most);
    }
    std::cout << (*most <= 2 ? "never more than two" : "too many") << ", and " << slots.available() << " are free\n";
}
// prints: never more than two, and 2 are free
