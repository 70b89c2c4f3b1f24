// A worker that is asked to stop ends when it is ready to.
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include <iostream>
#include <string>

void answer(ruche::stop_token stop, ruche::queue<std::string> letters, ruche::queue<std::string> answers)
{
    while (auto letter = letters.pop(stop)) // sleeps; nothing more comes once a stop is requested
        answers.push("thank you for '" + *letter + "'");
    std::cout << "the desk is tidy\n";
}

int main()
{
    ruche::queue<std::string> letters, answers;
    {
        ruche::process clerk(answer, letters, answers);
        letters.push("dear sir");
        std::cout << answers.pop().value() << std::endl; // now: the clerk prints to the same place
    }                                                    // asked to stop, and joined, as a std::jthread is
    std::cout << "nobody is left\n";
}
// prints: thank you for 'dear sir'
// prints: the desk is tidy
// prints: nobody is left
