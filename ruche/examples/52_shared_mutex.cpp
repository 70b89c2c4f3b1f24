// Many readers together, one writer alone.
#include <ruche/process.hpp>
#include <ruche/shared.hpp>
#include <ruche/shared_mutex.hpp>

#include <iostream>
#include <mutex>
#include <shared_mutex>

struct price {
    int euros = 0, cents = 0;
};

void raise_it(ruche::shared_mutex m, ruche::shared<price> now)
{
    for (int i = 1; i <= 1000; ++i) {
        std::scoped_lock writing(m);
        *now = {i, i};
    }
}

void watch_it(ruche::stop_token stop, ruche::shared_mutex m, ruche::shared<price> now)
{
    int torn = 0;
    while (!stop.stop_requested()) {
        std::shared_lock reading(m);
        torn += now->euros != now->cents;
    }
    std::cout << "half a price was seen " << torn << " times\n";
}

int main()
{
    ruche::shared_mutex m;
    ruche::shared<price> now;
    ruche::process watcher(watch_it, m, now);
    ruche::process(raise_it, m, now).join();
    std::cout << now->euros << '.' << now->cents << std::endl;
}
// prints: 1000.1000
// prints: half a price was seen 0 times
