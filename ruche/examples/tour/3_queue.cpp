// Texts go to a worker through one queue, and counts come back through another.
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include <iostream>
#include <sstream>
#include <string>

struct counted {
    std::string text;
    int words = 0;
};

void count_all(ruche::queue<std::string> texts, ruche::queue<counted> counts)
{
    for (const std::string& text : texts) { // until it is closed and empty
        std::istringstream words(text);
        counted result{text};
        for (std::string word; words >> word;)
            ++result.words;
        counts.push(result);
    }
    counts.close();
}

int main()
{
    ruche::queue<std::string> texts;
    ruche::queue<counted> counts;
    ruche::process worker(count_all, texts, counts);

    for (const char* text : {"call me Ishmael", "it was the best of times", "stately, plump Buck Mulligan"})
        texts.push(text);
    texts.close(); // no more will come

    for (const counted& each : counts)
        std::cout << each.words << ": " << each.text << '\n';
}
// prints: 3: call me Ishmael
// prints: 6: it was the best of times
// prints: 4: stately, plump Buck Mulligan
