// Memory that several processes see. An update that a death interrupts has not happened.
#include <ruche/process.hpp>
#include <ruche/shared.hpp>

#include <csignal>
#include <iostream>
#include <vector>

struct tally {
    long texts = 0, words = 0;
};

void add(ruche::synchronized<tally> total, long words)
{
    auto now = total.lock();
    now->texts += 1;
    if (words == 13)
        std::raise(SIGKILL); // with the lock in its hands, between the two
    now->words += words;
}

int main()
{
    ruche::synchronized<tally> total;
    std::vector<ruche::process> adders;
    for (long words : {5, 13, 7})
        adders.emplace_back(add, total, words);
    for (ruche::process& each : adders)
        each.join();

    const tally whole = total.snapshot();
    std::cout << whole.texts << " texts, " << whole.words << " words\n";
}
// prints: 2 texts, 12 words
