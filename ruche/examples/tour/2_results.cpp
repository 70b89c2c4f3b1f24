// What a function returns, or throws, comes back.
#include <ruche/async.hpp>

#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

int count_words(std::string text)
{
    if (text.empty())
        throw std::invalid_argument("there is no text");
    std::istringstream words(text);
    int count = 0;
    for (std::string word; words >> word;)
        ++count;
    return count;
}

int main()
{
    ruche::future<int> hamlet = ruche::async(count_words, "to be or not to be");
    ruche::future<int> nobody = ruche::async(count_words, ""); // both run now
    std::cout << hamlet.get() << '\n';
    try {
        std::cout << nobody.get() << '\n';
    } catch (const std::invalid_argument& error) {
        std::cout << error.what() << '\n';
    }
}
// prints: 6
// prints: there is no text
