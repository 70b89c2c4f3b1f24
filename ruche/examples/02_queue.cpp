// Work that survives kill -9: the job that a worker had in its hands when it was killed comes back for the next one.
#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/this_process.hpp>

#include <csignal>
#include <iostream>
#include <string>

using words = ruche::queue<std::string>;

void work(ruche::stop_token stop, words jobs, words answers)
{
    while (auto job = jobs.pop_lease(stop)) { // back in the queue if we die before done()
        if (job->value() == "crash" && job->deliveries() == 1)
            std::raise(SIGKILL);
        answers.push(job->value() + " by " + ruche::this_process::name());
        job->done();
    }
}

int main()
{
    words jobs, answers;
    for (auto job : {"wash", "crash", "dry"})
        jobs.push(job);

    ruche::process first({.name = "Ann"}, work, jobs, answers);
    std::cout << "Ann: " << first.join() << '\n'; // an outcome, not a hang

    ruche::process second({.name = "Bob"}, work, jobs, answers);
    for (int i = 0; i < 3; ++i)
        std::cout << answers.pop().value() << '\n';
} // Bob is asked to stop, and joined
// prints: Ann: killed by signal 9 (Killed)
// prints: wash by Ann
// prints: crash by Bob
// prints: dry by Bob
