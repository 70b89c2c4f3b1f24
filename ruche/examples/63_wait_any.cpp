// Waiting for whichever comes first, of things of any kind.
#include <ruche/async.hpp>
#include <ruche/event.hpp>
#include <ruche/queue.hpp>
#include <ruche/wait.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

int twice(ruche::event go, int number)
{
    go.wait();
    return 2 * number;
}

int main()
{
    ruche::queue<int> jobs;
    ruche::event go;
    auto result = ruche::async(twice, go, 21);

    std::cout << ruche::wait_any(10ms, jobs, result).has_value() << '\n'; // nothing yet
    jobs.push(1);
    std::cout << ruche::wait_any(jobs, result) << '\n'; // a job
    (void)jobs.pop();
    go.set();
    std::cout << ruche::wait_any(jobs, result) << '\n'; // the result
    std::cout << result.get() << '\n';
}
// prints: 0
// prints: 0
// prints: 1
// prints: 42
