// Many tasks for a few workers. A bad one costs nobody else anything.
#include <ruche/error.hpp>
#include <ruche/pool.hpp>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

int letters(std::string text)
{
    if (text == "poison")
        std::raise(SIGSEGV);
    return static_cast<int>(text.size());
}

int main()
{
    const std::vector<std::string> texts = {"alpha", "poison", "omega", "the end"};
    ruche::pool pool(2);
    std::vector<ruche::future<int>> counts;
    for (const std::string& text : texts)
        counts.push_back(pool.submit({.name = text}, letters, text));

    for (std::size_t i = 0; i < texts.size(); ++i) {
        try {
            const int count = counts[i].get();
            std::cout << texts[i] << ": " << count << '\n';
        } catch (const ruche::process_died& death) {
            std::cout << texts[i] << ": its worker died of signal " << death.status().signal().value() << '\n';
        }
    }
}
// prints: alpha: 5
// prints: poison: its worker died of signal 11
// prints: omega: 5
// prints: the end: 7
