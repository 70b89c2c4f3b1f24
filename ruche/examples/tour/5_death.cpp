// kill -9 in the middle of the work: the text that the victim had in its hands is the next one's.
#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/this_process.hpp>

#include <csignal>
#include <iostream>
#include <string>

using strings = ruche::queue<std::string>;

void proofread(ruche::stop_token stop, strings texts, strings proofs)
{
    while (auto text = texts.pop_lease(stop)) { // lent, not given
        if (text->value() == "page 2" && text->deliveries() == 1)
            std::raise(SIGKILL);
        proofs.push(text->value() + " read by " + ruche::this_process::name());
        text->done(); // now it is gone from the queue
    }
}

int main()
{
    strings texts, proofs;
    for (const char* page : {"page 1", "page 2", "page 3"})
        texts.push(page);

    ruche::process ada({.name = "Ada"}, proofread, texts, proofs);
    std::cout << "Ada ended with " << ada.join() << '\n';
    ruche::process ben({.name = "Ben"}, proofread, texts, proofs);
    texts.wait_until_done();
    ben.request_stop();
    ben.join();
    while (auto proof = proofs.try_pop())
        std::cout << *proof << '\n';
}
// prints: Ada ended with killed by signal 9 (Killed)
// prints: page 1 read by Ada
// prints: page 2 read by Ben
// prints: page 3 read by Ben
