// A function that runs in a process of its own.
#include <ruche/process.hpp>
#include <ruche/this_process.hpp>

#include <iostream>
#include <sstream>
#include <string>

void count_words(std::string text)
{
    std::istringstream words(text);
    int count = 0;
    for (std::string word; words >> word;)
        ++count;
    std::cout << ruche::this_process::name() << " counted " << count << " words\n";
}

int main()
{
    ruche::process counter({.name = "Ada"}, count_words, "to be or not to be");
    std::cout << "Ada ended with " << counter.join() << '\n';
}
// prints: Ada counted 6 words
// prints: Ada ended with exit code 0
