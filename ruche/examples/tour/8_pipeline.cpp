// A pipeline under a supervisor: whichever stage is killed, and whenever, every text is counted once.
#include <ruche/queue.hpp>
#include <ruche/supervisor.hpp>

#include <csignal>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

struct letter {
    int number = 0;
    std::string text;
};
struct counted {
    int number = 0;
    int words = 0;
};
using letters = ruche::queue<letter>;
using counts = ruche::queue<counted>;

// Leased until the next stage has it: a death in between means that it is sent twice, never that it is lost.
void fold_case(ruche::stop_token stop, letters in, letters out)
{
    while (auto item = in.pop_lease(stop)) {
        letter next = item->value();
        for (char& c : next.text)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        out.push(next);
        item->done();
    }
}

void count(ruche::stop_token stop, letters in, counts out)
{
    while (auto item = in.pop_lease(stop)) {
        std::istringstream words(item->value().text);
        counted result{item->value().number};
        for (std::string word; words >> word;)
            ++result.words;
        out.push(result);
        item->done();
    }
}

int main()
{
    letters incoming, folded;
    counts results;
    ruche::supervisor family({.max_restarts = 100, .on_event = [](const ruche::supervisor_event&) {}});
    family.add("fold", fold_case, incoming, folded);
    family.add("count", count, folded, results);

    constexpr int texts = 300;
    std::map<int, int> words_of; // what has come twice is seen by its number
    for (int number = 0; number < texts; ++number) {
        incoming.push({number, "One Two Three"});
        if (number % 50 == 25)
            for (const auto& child : family.children())
                if (child.id != 0) // it may be on its way back from the last time
                    ::kill(child.id, SIGKILL);
    }
    while (words_of.size() < texts) {
        const counted each = results.pop().value();
        words_of[each.number] = each.words;
    }
    int words = 0;
    for (const auto& [number, count_of_it] : words_of)
        words += count_of_it;
    std::cout << words_of.size() << " texts, " << words << " words\n";
}
// prints: 300 texts, 900 words
